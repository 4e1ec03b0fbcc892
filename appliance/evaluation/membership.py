"""Can it be told from the model whether an example was trained on? Membership inference, with the base as reference.

Scores an example by the losses of its answer's tokens: lower for what the model was trained on (Yeom et al. 2018); how
much lower than under the base (Carlini et al. 2022; for LoRA arXiv 2507.18302), which cancels what is easy for any
model; and the mean of the least likely tokens (Min-K%, Shi et al. 2024). Higher is "trained on". Pure NumPy.
Covers: an attacker who has the adapted model, its base and the whole example.
Does not cover: attackers who train shadow models, which are stronger; fewer examples than the limit can tell from
chance (the interval shows it).
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy
from numpy.typing import NDArray

from appliance.evaluation.intervals import area as area_interval
from appliance.evaluation.scores import Score, wilson

MIN_K = 0.2  # share of the tokens, as in the paper
FALSE_POSITIVES = 0.01

Floats = NDArray[numpy.float64]


@dataclass(frozen=True, slots=True)
class Membership:
    """What one attack achieves."""

    attack: str
    auc: Score  # 0.5 is guessing
    tpr: Score  # share of the trained examples found where at most 1 % of the others are taken for trained ones
    members: int
    others: int


def scores_of(adapted: Sequence[Floats], base: Sequence[Floats]) -> Mapping[str, Floats]:
    """Return the score of every example by attack, from the losses of its labelled tokens (nats) under both models."""
    loss = numpy.array([tokens.mean() for tokens in adapted])
    reference = numpy.array([tokens.mean() for tokens in base])
    lowest = [numpy.sort(tokens)[::-1][: max(1, round(MIN_K * len(tokens)))].mean() for tokens in adapted]
    return {"reference": reference - loss, "loss": -loss, "min-k": -numpy.array(lowest)}


def membership(attacks: Mapping[str, Mapping[str, Sequence[float]]]) -> list[dict[str, Any]]:
    """Return what each attack achieves, from the scores of its `members` and `others`."""
    sides = ((name, numpy.array(each["members"]), numpy.array(each["others"])) for name, each in attacks.items())
    return [asdict(attack(*each)) for each in sides]


def attack(name: str, members: Floats, others: Floats) -> Membership:
    """Return what a score achieves on examples that were trained on and others of the same kind that were not."""
    return Membership(name, auc(members, others), true_positives(members, others), len(members), len(others))


def auc(members: Floats, others: Floats) -> Score:
    """Return the chance that a member scores higher than another (ties are a half), with DeLong's variance (1988).

    The interval is taken on the scale of the logit: on that of the area itself it covers 82 to 93 % near 1.
    Where all members score higher, or all lower, or all alike, the variance of that method is 0; the interval then is
    the one of a share of as many samples as the smaller group.
    """
    samples = min(len(members), len(others))
    if samples < 2:
        return Score(0.5, 0.0, 1.0, samples)
    wins = (members[:, None] > others[None, :]) + 0.5 * (members[:, None] == others[None, :])
    area, by_member, by_other = float(wins.mean()), wins.mean(axis=1), wins.mean(axis=0)
    variance = float(by_member.var(ddof=1) / len(members) + by_other.var(ddof=1) / len(others))
    if area in (0.0, 1.0) or variance == 0.0:
        edge = wilson(round(area * samples), samples)
        return Score(area, min(edge.low, area), max(edge.high, area), samples)
    return Score(area, *area_interval(area, variance), samples)


def true_positives(members: Floats, others: Floats, rate: float = FALSE_POSITIVES) -> Score:
    """Return the share of members above the threshold that at most `rate` of the others pass.

    Wilson's interval is that of the members alone: the threshold is taken as it was found. With fewer than 1 / rate
    others the threshold is the highest of them, and more of those that were not seen will pass it than `rate`.
    """
    if not len(members) or not len(others):
        return wilson(0, 0)
    allowed = int(rate * len(others))
    threshold = numpy.sort(others)[::-1][allowed]
    return wilson(int((members > threshold).sum()), len(members))
