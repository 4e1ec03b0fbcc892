"""How far a variant's answers are from a reference's: the numbers that a limit can be set on."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from quantize.decoding import log_softmax
from quantize.onnx_session import Floats, OnnxSession


@dataclass(frozen=True, slots=True)
class Parity:
    """Differences between two models, over all positions of some sequences."""

    positions: int
    same_top_token: float  # share of positions with the same most likely token
    max_difference: float  # of any logit
    mean_divergence: float  # Kullback-Leibler, reference || variant, nats a position


def parity(reference: Sequence[Floats], variant: Sequence[Floats]) -> Parity:
    """Compare logits [tokens, vocabulary], one array a sequence.

    Raises:
        ValueError: the two are not about the same sequences.
    """
    if [logits.shape for logits in reference] != [logits.shape for logits in variant] or not reference:
        raise ValueError("the reference and the variant are not about the same sequences")
    expected, got = np.concatenate(reference), np.concatenate(variant)
    wanted, given = log_softmax(expected), log_softmax(got)
    divergence = (np.exp(wanted) * (wanted - given)).sum(axis=-1)
    return Parity(
        positions=len(expected),
        same_top_token=float((expected.argmax(axis=-1) == got.argmax(axis=-1)).mean()),
        max_difference=float(np.abs(expected - got).max()),
        mean_divergence=float(divergence.mean()),
    )


def all_logits(session: OnnxSession, sequences: Sequence[Sequence[int]], *, batch_size: int = 8) -> list[Floats]:
    """Return the logits [tokens, vocabulary] at every position of every sequence."""
    logits: list[Floats] = []
    for start in range(0, len(sequences), batch_size):
        chosen = sequences[start : start + batch_size]
        logits.extend(session.start(chosen).read_all([0] * len(chosen)))
    return logits


def session_parity(session: OnnxSession, sequences: Sequence[Sequence[int]], reference: Sequence[Floats]) -> Parity:
    """Run a variant on the sequences that the reference logits belong to, and compare."""
    return parity(reference, all_logits(session, sequences))
