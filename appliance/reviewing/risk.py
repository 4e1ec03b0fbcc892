"""What a sample allows to say: the share of documents in which something was missed, and how far reviewers agree.

Pure numbers, no text; without numpy, since the terminal UI draws them.
"""

from dataclasses import dataclass
from math import comb, sqrt

CONFIDENCE = 0.95
NORMAL = 1.959964  # the 97.5 % point of the normal distribution
STEPS = 60  # of halving: 2**-60


@dataclass(frozen=True, slots=True)
class Residual:
    """Documents of the random sample that a person read, and in how many of them something was missed."""

    read: int
    drawn: int  # size of the sample
    missed: int

    @property
    def bound(self) -> float:
        """The upper end of the one-sided 95 % interval for the share of documents with a missed value; 1 unread."""
        return upper_bound(self.missed, self.read)


@dataclass(frozen=True, slots=True)
class Agreement:
    """Places on which at least two people decided, and on how many of them they say the same."""

    places: int
    same: int

    @property
    def interval(self) -> tuple[float, float]:
        """The two-sided 95 % interval of the share on which they agree."""
        return wilson(self.same, self.places)


def upper_bound(hits: int, trials: int, confidence: float = CONFIDENCE) -> float:
    """Return the exact one-sided upper limit of a proportion (Clopper and Pearson, 1934).

    It is the share p at which so few hits have a chance of 1 - confidence. The sample is drawn without replacement,
    which makes the limit too high rather than too low.
    """
    if hits >= trials:
        return 1.0
    low, high = hits / trials, 1.0
    for _ in range(STEPS):
        middle = (low + high) / 2
        if _at_most(hits, trials, middle) > 1 - confidence:
            low = middle
        else:
            high = middle
    return high


def _at_most(hits: int, trials: int, share: float) -> float:
    return sum(comb(trials, k) * share**k * (1 - share) ** (trials - k) for k in range(hits + 1))


def wilson(hits: int, trials: int) -> tuple[float, float]:
    """Return the two-sided 95 % interval of a proportion (Wilson, 1927); (0, 1) without trials."""
    if not trials:
        return 0.0, 1.0
    share, square = hits / trials, NORMAL**2
    middle = (share + square / (2 * trials)) / (1 + square / trials)
    half = NORMAL * sqrt(share * (1 - share) / trials + square / (4 * trials**2)) / (1 + square / trials)
    return max(0.0, middle - half), min(1.0, middle + half)
