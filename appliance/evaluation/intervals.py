"""95 % intervals for small samples, where the simple ones promise more than they hold. Pure numbers.

How often each holds the truth is simulated in its tests; the figures stand in docs/evidence.md.
"""

import math
from collections.abc import Callable

import numpy
from numpy.typing import NDArray

from anonymize.proportions import Z_95, wilson

Floats = NDArray[numpy.float64]
Interval = tuple[float, float]
LEVEL = 0.05  # two-sided: what an interval excludes happens by chance in at most 2.5 % on either side
FEWEST_LINES = 6  # that differ; all of five or fewer are on one side by luck in more than 2.5 % (2^-5)
_HALVINGS = 60  # of an interval of length 2: beyond the precision of a float
_STUDENT = (math.inf, 12.706205, 4.302653, 3.182446, 2.776445, 2.570582, 2.446912, 2.364624, 2.306004, 2.262157)


def student(freedom: int) -> float:
    """Return the two-sided 95 % quantile of Student's t (Abramowitz and Stegun 1964, 26.7.5); infinite of none."""
    if freedom < len(_STUDENT):
        return _STUDENT[freedom]
    z = Z_95
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return z + math.fsum(term / float(freedom) ** power for power, term in enumerate(terms, start=1))


def paired_shares(only_ours: int, only_theirs: int, samples: int) -> Interval:
    """Return the interval of the difference of two shares of the same samples (Tango 1998, the score interval).

    It has a width where all samples agree, and is drawn out to 0 where McNemar's exact test does not exclude 0: of
    few samples Tango's own excludes it too often (four of four right by luck, 1 time in 16).

    Args:
        only_ours: samples that count for the first share only.
        only_theirs: for the second only.
        samples: all of them.
    """
    if samples == 0:
        return -1.0, 1.0
    low, high = _tango(only_ours, only_theirs, samples)
    if chance_of_no_difference(only_ours, only_theirs) > LEVEL:
        return min(low, 0.0), max(high, 0.0)
    return low, high


def chance_of_no_difference(only_ours: int, only_theirs: int) -> float:
    """Return the two-sided p of McNemar's exact test: how often two equal shares would differ as much, or more.

    Of the samples that count for one share only, each is then as likely the one's as the other's (a sign test, binomial
    with 1/2). Fewer than `FEWEST_LINES` of them cannot make it less than 0.05.
    """
    differing = only_ours + only_theirs
    tail = sum(math.comb(differing, more) for more in range(max(only_ours, only_theirs), differing + 1))
    return min(1.0, 2 * tail / (1 << differing))


def _tango(only_ours: int, only_theirs: int, samples: int) -> Interval:
    found = (only_ours - only_theirs) / samples

    def score(difference: float) -> float:
        """The standardised distance of what was found from a difference that is supposed."""
        linear = (2 * samples - only_ours + only_theirs) * difference - only_ours - only_theirs
        constant = -only_theirs * difference * (1 - difference)
        theirs = (math.sqrt(max(0.0, linear**2 - 8 * samples * constant)) - linear) / (4 * samples)
        variance = samples * (2 * theirs + difference * (1 - difference))
        distance = samples * (found - difference)
        return distance / math.sqrt(variance) if variance > 0 else math.copysign(math.inf, distance or 1.0)

    return _crossing(score, Z_95, -1.0, found), _crossing(score, -Z_95, found, 1.0)


def ratio(parts: Floats, wholes: Floats) -> Interval:
    """Return the interval of the sum of parts over the sum of wholes, both not negative, over independent samples.

    On the scale of the logarithm, where the rate of rare errors is less skewed: the delta method for a ratio (Cochran
    1977, 6.4) with Student's t. Where all samples have the same ratio, none at all for one, as many others as Wilson's
    interval allows may have any. The upper end is never above 1 or the worst sample's own ratio.
    """
    samples, total = len(parts), max(1.0, float(wholes.sum()))
    value = float(parts.sum()) / total
    worst = max(1.0, value, float((parts / numpy.maximum(wholes, 1)).max(initial=0.0)))
    spread = float(((parts - value * wholes) ** 2).sum())
    if samples < 2 or spread == 0.0:
        others = wilson(0, samples)[1]
        return value * (1 - others), value + others * worst
    half = student(samples - 1) * math.sqrt(samples / (samples - 1) * spread) / total / value
    return value * math.exp(-half), min(worst, value * math.exp(min(half, 50.0)))


def area(value: float, variance: float) -> Interval:
    """Return the interval of an area under a curve inside of 0 to 1, on the scale of the logit (Pepe 2003, 5.2)."""
    middle, half = math.log(value / (1 - value)), Z_95 * math.sqrt(variance) / (value * (1 - value))
    return 1 / (1 + math.exp(half - middle)), 1 / (1 + math.exp(-half - middle))


def of_draws(drawn: Floats, samples: int) -> Interval:
    """Return the ends of a bootstrap of a mean, set wider for few samples (Hesterberg 2015, "expanded percentile")."""
    outside = 0.5 * math.erfc(student(samples - 1) * math.sqrt(samples / (samples - 1)) / math.sqrt(2))
    low, high = numpy.quantile(drawn, [outside, 1 - outside])
    return float(low), float(high)


def around_mean(values: Floats) -> Interval:
    """Return Student's interval of a mean, of two values or more."""
    middle, samples = float(values.mean()), len(values)
    half = student(samples - 1) * float(values.std(ddof=1)) / math.sqrt(samples)
    return middle - half, middle + half


def with_unmet(value: float, samples: int) -> Interval:
    """Return what a mean gain within -1 to 1 may be where some samples are of a kind that was not met, at worst.

    The share of those is the upper end of the exact interval of none (Clopper and Pearson 1934): where all gains are
    equal, each end is passed in no more than 2.5 % of all sets, whatever the gains are spread like.
    """
    unmet = 1 - 0.025 ** (1 / samples)
    return value - unmet * (1 + value), value + unmet * (1 - value)


def _crossing(falling: Callable[[float], float], level: float, low: float, high: float) -> float:
    """Return where a falling function crosses a level."""
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if falling(middle) > level else (low, middle)
    return (low + high) / 2
