"""Scores with their uncertainty: every figure comes with the 95 % interval of the sample that it was measured on."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import jiwer
import numpy
from numpy.typing import NDArray

Floats = NDArray[numpy.float64]
Z_95 = 1.959963984540054  # two-sided 95 % quantile of the normal distribution
SAME = 1e-12  # means of equal values differ by rounding
RESAMPLES = 2000  # of a bootstrap; the ends of a 95 % interval then move by less than a tenth of its width


@dataclass(frozen=True, slots=True)
class Score:
    """A measured value, the ends of its 95 % interval, and the number of lines that it was measured on."""

    value: float
    low: float
    high: float
    samples: int


def exact_match(predictions: Sequence[str], targets: Sequence[str]) -> Score:
    """Return the share of lines that are right to the letter, white space aside, with Wilson's interval (1927)."""
    return hit_rate(matches(predictions, targets))


def hit_rate(hits: Sequence[int]) -> Score:
    """Return the share of ones with Wilson's interval."""
    return wilson(sum(hits), len(hits))


def matches(predictions: Sequence[str], targets: Sequence[str]) -> list[int]:
    """Return 1 for every line that is right and 0 for every other."""
    return [int(said.split() == wanted.split()) for said, wanted in zip(predictions, targets, strict=True)]


def mean_score(values: Sequence[float], seed: int) -> Score:
    """Return the mean of values from 0 to 1, with a bootstrap interval over lines."""
    known = numpy.array(values, dtype=float)
    if not len(known):
        return Score(0.0, 0.0, 1.0, 0)
    return interval_of(float(known.mean()), known[draws(len(known), seed)].mean(axis=1), len(known))


def wilson(hits: int, samples: int) -> Score:
    """Return a share with Wilson's score interval; of no samples nothing is known: 0 within 0 and 1."""
    if samples == 0:
        return Score(0.0, 0.0, 1.0, 0)
    share, square = hits / samples, Z_95 * Z_95
    middle = (share + square / (2 * samples)) / (1 + square / samples)
    half = Z_95 / (1 + square / samples) * math.sqrt(share * (1 - share) / samples + square / (4 * samples * samples))
    return Score(share, max(0.0, min(middle - half, share)), min(1.0, max(middle + half, share)), samples)


def word_error_rate(predictions: Sequence[str], targets: Sequence[str], seed: int) -> Score:
    """Return word errors over target words of all lines together; the interval is a bootstrap over lines."""
    return error_rate(word_errors(predictions, targets), seed)


def word_errors(predictions: Sequence[str], targets: Sequence[str]) -> list[tuple[int, int]]:
    """Return the word errors (substitutions, deletions, insertions) and the target's words of every line."""
    return [_errors(said, wanted) for said, wanted in zip(predictions, targets, strict=True)]


def error_rate(errors: Sequence[tuple[int, int]], seed: int) -> Score:
    """Return errors over words of all lines together; the interval is a bootstrap over lines."""
    counts = numpy.array(errors, dtype=float)
    if not len(counts):
        return Score(0.0, 0.0, 1.0, 0)
    sums = counts[draws(len(counts), seed)].sum(axis=1)
    rates = sums[:, 0] / numpy.maximum(sums[:, 1], 1)
    total = counts.sum(axis=0)
    return interval_of(float(total[0] / max(total[1], 1)), rates, len(counts))


def paired_gain(candidate: Sequence[float], baseline: Sequence[float], seed: int) -> Score:
    """Return the mean gain of the candidate over the baseline on the same lines, with a paired bootstrap interval."""
    gains = numpy.array(candidate, dtype=float) - numpy.array(baseline, dtype=float)
    if not len(gains):
        return Score(0.0, -1.0, 1.0, 0)
    drawn = gains[draws(len(gains), seed)].mean(axis=1)
    return interval_of(float(gains.mean()), drawn, len(gains), bounds=(-1.0, 1.0))


def perplexity_ratio(candidate: Sequence[Floats], baseline: Sequence[Floats], seed: int) -> Score:
    """Return the perplexity of the candidate over the baseline's on the same tokens; 1 is neither better nor worse.

    Args:
        candidate: its losses by piece of the text, [tokens] each, nats.
        baseline: the other's, of the same tokens.
        seed: of the bootstrap over pieces, paired: the tokens of one piece are not independent.
    """
    counts = numpy.array(
        [(float((ours - theirs).sum()), len(ours)) for ours, theirs in zip(candidate, baseline, strict=True)]
    )
    (total, tokens), drawn = counts.sum(axis=0), counts[draws(len(counts), seed)].sum(axis=1)
    ratio = math.exp(total / tokens)  # it has no bounds
    return interval_of(ratio, numpy.exp(drawn[:, 0] / drawn[:, 1]), len(counts), bounds=(ratio, ratio))


def _errors(said: str, wanted: str) -> tuple[int, int]:
    words = len(wanted.split())
    if words == 0:  # the rate of an empty target is undefined: every word said is an error
        return len(said.split()), 0
    aligned = jiwer.process_words(" ".join(wanted.split()), " ".join(said.split()))
    return aligned.substitutions + aligned.deletions + aligned.insertions, words


def draws(samples: int, seed: int) -> NDArray[numpy.int64]:
    """Return the places of the lines that each resample of a bootstrap holds: [RESAMPLES, samples]."""
    return numpy.random.default_rng(seed).integers(0, samples, size=(RESAMPLES, samples))


def weights(samples: int, seed: int) -> Floats:
    """Return how often each line stands in each resample of a bootstrap: [RESAMPLES, samples]; the same as `draws`."""
    places = draws(samples, seed) + numpy.arange(RESAMPLES)[:, None] * samples
    return numpy.bincount(places.ravel(), minlength=RESAMPLES * samples).reshape(RESAMPLES, samples).astype(float)


def interval_of(value: float, drawn: Floats, samples: int, bounds: tuple[float, float] = (0.0, 1.0)) -> Score:
    """Return a value with the 95 % interval that its resamples give (percentiles).

    Where all resamples agree, the lines say nothing of those that nobody saw: of these a share up to the upper end of
    Wilson's interval for none of `samples` may lie at either bound. Twelve lines that are all right are 0.76 to 1.
    """
    if numpy.ptp(drawn) < SAME:
        unseen = wilson(0, samples).high
        worst, best = min(bounds[0], value), max(bounds[1], value)
        return Score(value, value - unseen * (value - worst), value + unseen * (best - value), samples)
    low, high = numpy.quantile(drawn, [0.025, 0.975])
    return Score(value, min(float(low), value), max(float(high), value), samples)
