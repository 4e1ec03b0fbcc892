"""What is asked of a model: the most likely continuation, a drawn one, the probability of a given one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from quantize.onnx_session import Floats, Integers, OnnxSession

Ids = Sequence[int]
COLDEST = 1e-3  # below this a drawn token is the most likely one; logits divided by less overflow


@dataclass(frozen=True, slots=True)
class Sampling:
    """How a token is drawn: flattened or sharpened, then only from the most likely ones (Holtzman et al. 2020)."""

    temperature: float
    top_p: float = 1.0
    seed: int = 0


def continue_greedily(
    session: OnnxSession, prompts: Sequence[Ids], *, max_new_tokens: int, stop_ids: Ids, batch_size: int = 32
) -> list[list[int]]:
    """Return the most likely next tokens of every prompt, up to and without the first stop token."""
    answers: list[list[int]] = [[] for _ in prompts]
    for chosen in _batches([len(prompt) for prompt in prompts], batch_size):
        batch = [prompts[index] for index in chosen]
        for index, answer in zip(chosen, _greedy(session, batch, max_new_tokens, stop_ids), strict=True):
            answers[index] = answer
    return answers


def stream(
    session: OnnxSession, prompt: Ids, *, max_new_tokens: int, stop_ids: Ids, sampling: Sampling | None = None
) -> Iterator[int]:
    """Yield the next tokens of one prompt as they come; the most likely ones where no sampling is asked for."""
    generator = np.random.default_rng(sampling.seed if sampling else 0)
    batch = session.start([prompt], room=max_new_tokens)
    logits = batch.read()[0]
    for left in range(max_new_tokens - 1, -1, -1):
        token = draw(logits, sampling, generator) if sampling else int(logits.argmax())
        if token in stop_ids:
            return
        yield token
        if left:
            logits = batch.advance(np.array([token], np.int64))[0]


def draw(logits: Floats, sampling: Sampling, generator: np.random.Generator) -> int:
    """Draw one token from the smallest set of tokens whose probabilities reach `top_p`."""
    if sampling.temperature < COLDEST:
        return int(logits.argmax())
    probabilities = np.exp(log_softmax(logits / sampling.temperature))
    if sampling.top_p >= 1:
        return int(generator.choice(len(probabilities), p=probabilities / probabilities.sum()))
    order = np.argsort(-probabilities, kind="stable")
    before = np.cumsum(probabilities[order]) - probabilities[order]
    allowed = order[before < sampling.top_p]
    weights = probabilities[allowed] / probabilities[allowed].sum()
    return int(generator.choice(allowed, p=weights))


def completion_losses(
    session: OnnxSession, pairs: Sequence[tuple[Ids, Ids]], *, batch_size: int = 16
) -> list[NDArray[np.float64]]:
    """Return for each (prompt, completion) the negative log-probability of every token of the completion."""
    losses: list[NDArray[np.float64]] = [np.zeros(0)] * len(pairs)
    for chosen in _batches([len(prompt) + len(completion) for prompt, completion in pairs], batch_size):
        batch = session.start([[*pairs[index][0], *pairs[index][1]] for index in chosen])
        logits = batch.read_all([len(pairs[index][0]) - 1 for index in chosen])
        for index, rows in zip(chosen, logits, strict=True):
            completion = np.array(pairs[index][1], np.int64)
            losses[index] = -log_softmax(rows[:-1])[np.arange(len(completion)), completion]
    return losses


def log_softmax(logits: Floats) -> NDArray[np.float64]:
    """Return log-probabilities over the last axis, in 64-bit floats."""
    shifted = logits.astype(np.float64) - logits.max(axis=-1, keepdims=True)
    normal: NDArray[np.float64] = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return normal


def _batches(lengths: Sequence[int], batch_size: int) -> Iterator[list[int]]:
    """Put sequences of like length together: the time of a batch is that of its longest row."""
    order = sorted(range(len(lengths)), key=lambda index: lengths[index])
    for start in range(0, len(order), batch_size):
        yield order[start : start + batch_size]


def _greedy(session: OnnxSession, prompts: Sequence[Ids], max_new_tokens: int, stop_ids: Ids) -> list[list[int]]:
    answers: list[list[int]] = [[] for _ in prompts]
    batch = session.start(prompts, room=max_new_tokens)
    rows: Integers = np.arange(len(prompts))  # the prompt of each row that is left
    tokens = batch.read().argmax(axis=-1)
    for left in range(max_new_tokens - 1, -1, -1):
        running = ~np.isin(tokens, list(stop_ids)) & ~np.isin(rows, -1)
        for row, token in zip(rows[running], tokens[running], strict=True):
            answers[row].append(int(token))
        rows = np.where(running, rows, -1)
        if not running.any() or not left:
            break
        if running.sum() * 2 <= len(rows):  # dropping a row copies the cache: worth it for half of them
            batch.keep(np.flatnonzero(running))
            rows, tokens = rows[running], tokens[running]
        tokens = batch.advance(tokens).argmax(axis=-1)
    return answers
