"""How the answers to one kind of task are judged, line by line and then together.

An outcome is what one answer was worth, as plain JSON without the text of either: all scores follow from outcomes, so
that an auditor who has neither the model nor the lines can compute them again.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from appliance.evaluation.scores import Score

Outcome = Any  # JSON; each kind of task has a form of its own


@dataclass(frozen=True, slots=True)
class Measure:
    """The functions of one kind of task; all are pure."""

    # answers, wanted answers, and the answers that training showed -> what each answer was worth
    judge: Callable[[Sequence[str], Sequence[str], Sequence[str]], list[Outcome]]
    value: Callable[[Outcome], float]  # 0 to 1: what one line adds to the primary score, which is their mean
    scores: Callable[[Sequence[Outcome], int], Mapping[str, Score]]  # outcomes and the seed of bootstraps -> by name
    parts: Callable[[Sequence[Outcome]], Mapping[str, Score]] = lambda _: {}  # of an answer that has several: by field
