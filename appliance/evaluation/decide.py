"""Decide from measured figures alone: does the adaptation help, and which variant ships."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from appliance.core.reasons import Reason, reason
from appliance.core.sections import VerifySettings
from appliance.core.tasks import JUDGED, TaskKind
from appliance.evaluation.intervals import FEWEST_LINES
from appliance.evaluation.scores import Score

Kind = Literal["float", "int8", "int4"]


@dataclass(frozen=True, slots=True)
class Gate:
    """One measured value against its limit; `reasons` say what the figures mean."""

    name: str
    value: float
    limit: float
    passed: bool
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Reference:
    """What the variants are held against, in nats a token: the base and the trained model on the task's held-out
    lines, and the float variant on the general text."""

    nll_base: float
    nll_trained: float
    nll_general: float


@dataclass(frozen=True, slots=True)
class Variant:
    """An exported model as it was measured on the same held-out lines."""

    name: str
    kind: Kind
    size_bytes: int
    nll: float  # nats a token
    nll_general: float  # nats a token of the general text
    score_change: Score  # the primary score less that of the trained model, paired, with its interval


@dataclass(frozen=True, slots=True)
class Verdict:
    """The gates of every variant by its name, and the name of the one that ships."""

    gates: Mapping[str, tuple[Gate, ...]]
    ships: str | None  # None: every variant breaks a limit


def judge(
    variants: Sequence[Variant], reference: Reference, limits: VerifySettings, score: str = "exact_match"
) -> Verdict:
    """Hold every variant against the limits; of those that keep them the smallest ships, by bytes, then by name.

    Bytes stand for speed, too: a token is written as fast as the weights can be read. A measured speed would make the
    verdict depend on what else the machine did. `score` is the name of the primary score, for the reasons.
    """
    gates = {
        variant.name: (
            _retention_gate(variant, reference, limits),
            _score_gate(variant, limits, score),
            _general_gate(variant, reference, limits),
        )
        for variant in variants
    }
    passing = [variant for variant in variants if all(gate.passed for gate in gates[variant.name])]
    best = min(passing, key=lambda variant: (variant.size_bytes, variant.name), default=None)
    return Verdict(gates, best.name if best else None)


def verdict_facts(
    measured: Mapping[str, Mapping[str, Any]], nll: Mapping[str, float], kind: TaskKind, limits: VerifySettings
) -> dict[str, Any]:
    """Return the verdict as it is sealed; an auditor repeats it.

    Args:
        measured: kind, bytes, nll, nll_general and score_change of every variant by its name; the float one is there.
        nll: of the base and the adapted model on the held-out lines.
        kind: of the task.
        limits: that the variants must keep.
    """
    reference = Reference(nll["base"], nll["adapted"], measured["float"]["nll_general"])
    candidates = [
        Variant(name, each["kind"], each["bytes"], each["nll"], each["nll_general"], Score(**each["score_change"]))
        for name, each in measured.items()
    ]
    verdict = judge(candidates, reference, limits, JUDGED[kind].primary)
    return {
        "chosen": verdict.ships,
        "variants": {
            name: {
                "passed": all(gate.passed for gate in gates),
                "retention": retention(measured[name]["nll"], reference),
                "general_perplexity": math.exp(measured[name]["nll_general"] - reference.nll_general),
                "gates": [asdict(gate) for gate in gates],
                "reasons": [reason for gate in gates if not gate.passed for reason in gate.reasons],
            }
            for name, gates in verdict.gates.items()
        },
    }


def retention(variant_nll: float, reference: Reference) -> float | None:
    """Return the share of the adaptation that a variant keeps: 1 all, 0 none, below 0 worse than the base.

    None when training has not lowered the loss: there is nothing to keep.
    """
    learnt = reference.nll_base - reference.nll_trained
    return (reference.nll_base - variant_nll) / learnt if learnt > 0 else None


def gain_gate(gain: Score, limit: float) -> Gate:
    """Hold a gain over the un-adapted base against a limit: the whole interval must lie above it.

    The interval of fewer than `FEWEST_LINES` lines always holds zero: they cannot show a gain, however all come out.
    """
    told = [reason("gain", **asdict(gain))]
    if gain.low <= 0:
        told.append(reason("holds-zero" if gain.high >= 0 else "loss"))
    if gain.samples < FEWEST_LINES:
        told.append(reason("few-lines", samples=gain.samples, needed=FEWEST_LINES))
    return Gate("gain", gain.low, limit, gain.low > limit, tuple(told))


def unseen_tokens(held_out: Sequence[str], training: Sequence[str]) -> list[int]:
    """Return the places of held-out prompts with a word, whatever its case, that no training prompt has."""
    seen = {word for line in training for word in line.casefold().split()}
    return [place for place, line in enumerate(held_out) if not seen.issuperset(line.casefold().split())]


def _retention_gate(variant: Variant, reference: Reference, limits: VerifySettings) -> Gate:
    limit = limits.min_retention_int4 if variant.kind == "int4" else limits.min_retention_int8
    kept = retention(variant.nll, reference)
    if kept is None:
        return Gate("retention", 0.0, limit, passed=False, reasons=(reason("nothing-learnt"),))
    passed = kept >= limit
    told = reason("retention", kept=kept) if passed else reason("retention-too-small", kept=kept, limit=limit)
    return Gate("retention", kept, limit, passed, (told,))


def _score_gate(variant: Variant, limits: VerifySettings, score: str) -> Gate:
    change, limit = variant.score_change, limits.max_score_loss
    passed = -change.value <= limit + 1e-12  # 0.40 - 0.38 is 0.02 on paper only
    figures = {"score": score, **asdict(change)}
    told = reason("score-change", **figures) if passed else reason("score-loss", **figures, limit=limit)
    return Gate("score_loss", 0.0 - change.value, limit, passed, (told,))


def _general_gate(variant: Variant, reference: Reference, limits: VerifySettings) -> Gate:
    ratio, limit = math.exp(variant.nll_general - reference.nll_general), limits.max_general_perplexity
    passed = ratio <= limit
    told = (
        reason("general-perplexity", ratio=ratio)
        if passed
        else reason("general-perplexity-too-large", ratio=ratio, limit=limit)
    )
    return Gate("general_perplexity", ratio, limit, passed, (told,))
