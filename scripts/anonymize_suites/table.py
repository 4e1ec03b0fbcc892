"""One measured row of the anonymizer's benchmark, and the intervals that go with it."""

import math
import random
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from anonymize.proportions import wilson

RESAMPLES = 1_000
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Row:
    """One figure with its 95 % interval and, where there is one, its goal."""

    suite: str
    measure: str
    value: float
    low: float
    high: float
    samples: int
    goal: float | None = None  # None: told for information
    sense: Literal[">=", "<="] = ">="
    note: str = ""

    @property
    def is_met(self) -> bool:
        """Say whether the value itself reaches the goal."""
        if self.goal is None:
            return True
        return self.value >= self.goal if self.sense == ">=" else self.value <= self.goal


def share(suite: str, measure: str, hits: int, samples: int, goal: float | None = None, **rest: str) -> Row:
    """Return a proportion with its Wilson interval (Wilson 1927)."""
    value = hits / samples if samples else math.nan
    low, high = wilson(hits, samples)
    return Row(suite, measure, value, low, high, samples, goal, **rest)  # type: ignore[arg-type]


def bootstrap(units: Sequence[T], score: Callable[[Sequence[T]], float], seed: int = 7) -> tuple[float, float]:
    """Return the 95 % percentile interval of a score over units (documents) that are drawn with replacement."""
    rng = random.Random(seed)
    drawn = sorted(score(rng.choices(units, k=len(units))) for _ in range(RESAMPLES))
    return drawn[int(0.025 * RESAMPLES)], drawn[int(0.975 * RESAMPLES) - 1]


def ratio(suite: str, measure: str, ratios: Sequence[float], goal: float | None = None, note: str = "") -> Row:
    """Return the median of paired ratios; the interval is the smallest and largest of them."""
    return Row(suite, measure, statistics.median(ratios), min(ratios), max(ratios), len(ratios), goal, note=note)
