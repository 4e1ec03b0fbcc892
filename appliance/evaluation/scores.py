"""Scores with their uncertainty: every figure comes with the 95 % interval of the sample that it was measured on."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import jiwer
import numpy
from numpy.typing import NDArray

from anonymize import proportions
from appliance.evaluation import intervals

Floats = NDArray[numpy.float64]
FEW_LINES = 30  # of fewer a bootstrap knows too little of what it has not drawn
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
    """Return the mean of values from 0 to 1, with a bootstrap interval over lines.

    Of ones and zeros it is a share, with Wilson's interval. Where all are equal the bootstrap knows nothing of what it
    has not seen; Wilson's interval then stands, which is at least as wide as any of such a mean: no distribution on 0
    to 1 varies more than one of ones and zeros.
    """
    known = numpy.array(values, dtype=float)
    if not len(known) or known.min() == known.max() or bool(numpy.isin(known, (0, 1)).all()):
        return wilson(float(known.sum()), len(known))
    return interval_of(float(known.mean()), known[draws(len(known), seed)].mean(axis=1), len(known))


def wilson(hits: float, samples: int) -> Score:
    """Return a share with Wilson's score interval; of no samples nothing is known: 0 within 0 and 1."""
    return Score(hits / samples if samples else 0.0, *proportions.wilson(hits, samples), samples)


def word_error_rate(predictions: Sequence[str], targets: Sequence[str]) -> Score:
    """Return word errors over target words of all lines together."""
    return error_rate(word_errors(predictions, targets))


def word_errors(predictions: Sequence[str], targets: Sequence[str]) -> list[tuple[int, int]]:
    """Return the word errors (substitutions, deletions, insertions) and the target's words of every line."""
    return [_errors(said, wanted) for said, wanted in zip(predictions, targets, strict=True)]


def error_rate(errors: Sequence[tuple[int, int]]) -> Score:
    """Return errors over words of all lines together; the interval is that of a ratio over lines."""
    counts = numpy.array(errors, dtype=float).reshape(-1, 2)
    wrong, words = counts.sum(axis=0)
    return Score(float(wrong / max(words, 1)), *intervals.ratio(counts[:, 0], counts[:, 1]), len(counts))


def paired_gain(candidate: Sequence[float], baseline: Sequence[float], seed: int) -> Score:
    """Return the mean gain of the candidate over the baseline on the same lines, each line worth 0 to 1.

    Where every line is right or wrong the interval is Tango's (1998), which holds for rare differences, and it holds 0
    where McNemar's exact test does not exclude 0; else, and where lines differ at all, a paired bootstrap over lines.
    For few lines, or equal gains, it is as wide as Student's interval around the mean, and holds what lines that were
    not met may bring besides.
    """
    ours, theirs = numpy.array(candidate, dtype=float), numpy.array(baseline, dtype=float)
    gains, lines = ours - theirs, len(ours)
    value = float(gains.mean()) if lines else 0.0
    if lines < 2 or not gains.any() or bool(numpy.isin((ours, theirs), (0, 1)).all()):
        counts = int((gains > 0).sum()), int((gains < 0).sum())
        return Score(value, *_around(value, intervals.paired_shares(*counts, lines)), lines)
    found = interval_of(value, gains[draws(lines, seed)].mean(axis=1), lines)
    if lines >= FEW_LINES and gains.min() < gains.max():
        return found
    others = (found.low, found.high), intervals.around_mean(gains), intervals.with_unmet(value, lines)
    low, high = min(low for low, _ in others), max(high for _, high in others)
    return Score(value, *_around(value, (max(-1.0, low), min(1.0, high))), lines)


def perplexity_ratio(candidate: Sequence[Floats], baseline: Sequence[Floats], seed: int) -> Score:
    """Return the perplexity of the candidate over the baseline's on the same tokens; 1 is neither better nor worse.

    Args:
        candidate: its losses by piece of the text, [tokens] each, nats.
        baseline: the other's, of the same tokens.
        seed: of the bootstrap over pieces, paired: the tokens of one piece are not independent. Of a single piece
            nothing is known but its own ratio.
    """
    counts = numpy.array(
        [(float((ours - theirs).sum()), len(ours)) for ours, theirs in zip(candidate, baseline, strict=True)]
    )
    (total, tokens), drawn = counts.sum(axis=0), counts[draws(len(counts), seed)].sum(axis=1)
    return interval_of(math.exp(total / tokens), numpy.exp(drawn[:, 0] / drawn[:, 1]), len(counts))


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


def interval_of(value: float, drawn: Floats, samples: int) -> Score:
    """Return a value with the 95 % interval that its resamples give (percentiles, set wider for few samples)."""
    return Score(value, *_around(value, intervals.of_draws(drawn, samples) if samples > 1 else (value, value)), samples)


def _around(value: float, interval: tuple[float, float]) -> tuple[float, float]:
    """Rounding shall not put a value outside of its own interval."""
    return min(interval[0], value), max(interval[1], value)
