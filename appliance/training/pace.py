"""How long steps take: the tokens that each computes, the line that seconds follow, and what is left of a run.

Covers: batches of other lengths than those that were timed; evaluations and checkpoints, which take their own time.
Does not cover: a load that changes after the last step; the pace follows it within `WINDOW` steps.
"""

import itertools
import statistics
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from appliance.base_model.chat import TokenRow
from appliance.base_model.likelihood import shared_beginning
from appliance.training.accumulating import parts
from appliance.training.plan import Execution, TrainPlan

WINDOW = 20  # steps that tell the pace
OFF = 0.12  # of the time: what plans were off by at most while the load stayed as it was (docs/benchmarks.md)


@dataclass(frozen=True, slots=True)
class Timed:
    """What a step took."""

    tokens: int  # that it computed
    seconds: float  # of the wall's clock
    work: float  # seconds of this process on all processors; on a GPU, where the processor only waits, the same again


@dataclass(frozen=True, slots=True)
class Duration:
    """How long a run will take."""

    seconds: float  # at the load of the rehearsal
    low: float  # at that of its fastest step, less what plans are off by
    high: float  # at that of its slowest step, and as much more
    work: float  # seconds of the processors; on a GPU as `seconds`

    def times(self, factor: float, more: float = 0.0) -> "Duration":
        """Return it `factor` times as long, and `more` seconds more."""
        return Duration(*(each * factor + more for each in (self.seconds, self.low, self.high, self.work)))


def computed_tokens(rows: Sequence[TokenRow], execution: Execution) -> int:
    """Return the tokens that one pass computes: padding included, a beginning in common counted once."""
    if execution.packing:
        return sum(len(row.tokens) for row in rows)
    shared = 0 if execution.gradient_checkpointing else shared_beginning(rows)
    return shared + len(rows) * (max(len(row.tokens) for row in rows) - shared)


def passes(rows: Sequence[TokenRow], plan: TrainPlan) -> list[list[TokenRow]]:
    """Return the rows of each pass of a step."""
    return parts(rows, plan.settings.micro_batch or plan.settings.batch_size, packing=plan.execution.packing)


def step_tokens(rows: Sequence[TokenRow], plan: TrainPlan) -> int:
    """Return the tokens that a step computes in all its passes."""
    return sum(computed_tokens(part, plan.execution) for part in passes(rows, plan))


def shares(plan: TrainPlan) -> list[list[TokenRow]]:
    """Return the rows of every step that one process reads: the largest share of several."""
    return [rows[:: plan.execution.processes] for rows in plan.batches()]


def measured_steps(plan: TrainPlan) -> list[int]:
    """Return the steps, counted from 1, after which the held-out loss is taken."""
    every = range(plan.settings.evaluate_every, plan.steps + 1, plan.settings.evaluate_every)
    return sorted({1, plan.steps, *every}) if plan.valid else []


def on_line(points: Sequence[tuple[int, float]], tokens: int) -> float:
    """Return the seconds at `tokens` on the least-squares line through (tokens, seconds)."""
    places, seconds = [point[0] for point in points], [point[1] for point in points]
    if len(set(places)) < 2:
        return statistics.mean(second / place for place, second in points) * tokens
    slope, offset = statistics.linear_regression(places, seconds)
    if slope <= 0 or offset < 0:  # noise: then through the origin
        return sum(seconds) / sum(places) * tokens
    return slope * tokens + offset


def lasting(timed: Sequence[Timed], tokens: Sequence[int], more: float) -> Duration:
    """Return how long steps of so many tokens will take, from steps that were timed, and `more` seconds of work."""
    points = [(each.tokens, each.work) for each in timed]
    work = sum(on_line(points, count) for count in tokens) + more
    paces = [each.seconds / each.work for each in timed]
    pace = sum(each.seconds for each in timed) / sum(each.work for each in timed)
    return Duration(work * pace, work * min(paces) * (1 - OFF), work * max(paces) * (1 + OFF), work)


class Pace:
    """The seconds that are left of a run, from its own last steps: the plan's rehearsal is not asked any more."""

    def __init__(self, plan: TrainPlan) -> None:
        counts = (step_tokens(rows, plan) for rows in shares(plan))
        self._before = [0, *itertools.accumulate(counts)]  # tokens of all steps before each
        self._measured = measured_steps(plan)
        self._every = plan.settings.checkpoint_every
        self._steps = plan.steps
        self._learning: deque[float] = deque(maxlen=WINDOW)  # seconds a token
        self._evaluating: deque[float] = deque(maxlen=WINDOW)
        self._saving: deque[float] = deque(maxlen=WINDOW)
        self._is_warm = False

    def learnt(self, step: int, seconds: float) -> None:
        """Note the seconds of a step, counted from 1; the first one of a process also allocates, and is forgotten."""
        tokens = self._before[step] - self._before[step - 1]
        if not self._is_warm and len(self._learning) == 1:
            self._learning.clear()
            self._is_warm = True
        self._learning.append(seconds / max(1, tokens))

    def evaluated(self, seconds: float) -> None:
        """Note the seconds of an evaluation."""
        self._evaluating.append(seconds)

    def saved(self, seconds: float) -> None:
        """Note the seconds of a checkpoint."""
        self._saving.append(seconds)

    def seconds_left(self, step: int) -> float:
        """Return the seconds that the run still needs after `step` steps; at least one was noted."""
        learning = statistics.median(self._learning) * (self._before[-1] - self._before[step])
        evaluations = sum(measured > step for measured in self._measured)
        checkpoints = -(-self._steps // self._every) - step // self._every if step < self._steps else 0
        return learning + evaluations * _middle(self._evaluating) + checkpoints * _middle(self._saving)


def _middle(seconds: Sequence[float]) -> float:
    return statistics.median(seconds) if seconds else 0.0
