"""How much of the planted canaries the model remembers: exposure (Carlini et al. 2019, arXiv 1802.08232).

A canary's exposure is log2(candidates) - log2(rank): 0 bits where it is the last of all candidates in the model's
order of likelihood, all bits of the space where it is the first. Here every candidate is ranked, so the rank is exact
and no distribution is fitted. What was never learnt has a rank that is even over all candidates, whatever the model:
its median exposure is 1 bit, and the p-value of a level of canaries is exact. Pure NumPy.
"""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Any

import numpy
from numpy.typing import NDArray

from appliance.evaluation.scores import Score

METHOD = "exact rank among all candidates"
ALPHA = 0.05


@dataclass(frozen=True, slots=True)
class Level:
    """The canaries that were planted equally often."""

    planted: int
    trained: int
    exposure: Score  # bits: the median, with an interval of order statistics
    highest: float  # bits
    first: int  # canaries that the model finds the most likely of all candidates: they can be read out
    p_value: float  # of ranks as high as these if nothing had been learnt (Fisher's method)


def rank_of(place: int, log_probabilities: NDArray[numpy.float64]) -> int:
    """Return the rank, from 1, of the candidate at a place; candidates as likely as it stand before it.

    Ties count against the finding, so that a model that finds everything alike remembers nothing.
    """
    return int((log_probabilities >= log_probabilities[place]).sum())


def exposure(rank: int, candidates: int) -> float:
    """Return the exposure of a rank in bits."""
    return math.log2(candidates) - math.log2(rank)


def level(planted: int, trained: int, ranks: Sequence[int], candidates: int) -> Level:
    """Return what the ranks of one level show."""
    bits = [exposure(rank, candidates) for rank in ranks]
    return Level(
        planted,
        trained,
        median(bits, 0.0, math.log2(candidates)),
        max(bits),
        sum(rank == 1 for rank in ranks),
        fisher([rank / candidates for rank in ranks]),
    )


def exposures(planted: Sequence[tuple[int, int, int]], candidates: int) -> dict[str, Any]:
    """Return the levels of canaries, given as (copies planted, copies trained, rank), with all ranks."""
    levels = []
    for (copies, trained), group in groupby(sorted(planted), key=lambda canary: (canary[0], canary[1])):
        ranks = [rank for _, _, rank in group]
        levels.append({**asdict(level(copies, trained, ranks, candidates)), "ranks": ranks})
    return {"candidates": candidates, "bits": math.log2(candidates), "method": METHOD, "levels": levels}


def median(values: Sequence[float], lowest: float, highest: float) -> Score:
    """Return the median with the interval between two order statistics that covers it in at least 95 % of samples.

    It holds for any distribution (David and Nagaraja 2003, 7.1). Below 6 values no two of them cover as much: the
    interval is then the whole range from `lowest` to `highest`.
    """
    ordered, samples = sorted(values), len(values)
    outside, skipped = 0.0, 0  # P(at most skipped - 1 of the values lie below the median)
    while (tail := outside + math.comb(samples, skipped) / 2**samples) <= ALPHA / 2:
        outside, skipped = tail, skipped + 1
    low, high = (ordered[skipped - 1], ordered[samples - skipped]) if skipped else (lowest, highest)
    return Score(float(numpy.median(ordered)) if samples else lowest, low, high, samples)


def fisher(p_values: Sequence[float]) -> float:
    """Return one p-value for independent ones (Fisher 1925), by the chi-squared tail, here a finite sum."""
    half = -sum(math.log(p_value) for p_value in p_values)
    terms = [count * math.log(half) - math.lgamma(count + 1) - half for count in range(len(p_values))] if half else []
    return min(1.0, math.fsum(math.exp(term) for term in terms)) if half else 1.0
