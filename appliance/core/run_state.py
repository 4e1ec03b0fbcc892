"""The state of a run: a pure fold over its events, shared by the command line, the terminal UI and the report."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby
from types import MappingProxyType
from typing import Any, Literal

from appliance.core.events import Event

RunStatus = Literal["planned", "running", "waiting", "stopped", "interrupted", "failed", "done"]
StepStatus = Literal["planned", "running", "reused", "done", "failed"]
MAX_NOTES = 200
MIN_ELAPSED = 3.0  # seconds before a pace says anything


@dataclass(frozen=True, slots=True)
class StepState:
    """Where one step stands."""

    name: str
    status: StepStatus = "planned"
    done: int = 0
    total: int = 0
    unit: str = ""
    started: datetime | None = None  # None: not started
    seconds: float = 0.0
    digest: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)

    def seconds_left(self, now: datetime) -> float | None:
        """Return the seconds that are left at the pace so far, or None where that would be a guess."""
        elapsed = (now - self.started).total_seconds() if self.started else 0.0
        if not self.done or elapsed < MIN_ELAPSED:
            return None
        return elapsed * (self.total - self.done) / self.done


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """One optimiser step: losses in nats per labelled token."""

    step: int
    steps: int
    epoch: float
    loss: float
    valid_loss: float | None  # None: not measured at this step
    learning_rate: float
    gradient_norm: float
    tokens_per_second: float
    rss_bytes: int
    seconds_left: float | None  # None: not known yet
    weight_norm: float = 0.0  # of the adapter; 0 in runs of an earlier release
    temperature: float | None = None  # degrees Celsius; None where the kernel tells none


@dataclass(frozen=True, slots=True)
class Note:
    """One line for the log pane."""

    time: datetime
    level: str
    message: str


@dataclass(frozen=True, slots=True)
class RunState:
    """Everything that people see of a run."""

    name: str = ""
    status: RunStatus = "planned"
    steps: tuple[StepState, ...] = ()
    current: str = ""  # the step that runs, or ran last
    curve: tuple[CurvePoint, ...] = ()
    notes: tuple[Note, ...] = ()
    message: str = ""  # of the failure, or what the run waits for
    hint: str = ""
    exit_status: int = 0
    started: datetime | None = None  # None: not started
    last_event: datetime | None = None  # None: no event yet
    facts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # of finished steps

    def step(self, name: str) -> StepState:
        """Return the state of one step."""
        return next(step for step in self.steps if step.name == name)

    @property
    def finished_steps(self) -> int:
        """How many steps are sealed."""
        return sum(step.status in ("done", "reused") for step in self.steps)


def fold(state: RunState, events: Iterable[Event]) -> RunState:
    """Return the state after the events."""
    for is_curve, group in groupby(events, key=lambda event: event.kind == "trained"):
        if is_curve:
            state = _trained(state, list(group))
            continue
        for event in group:
            state = replace(_apply(state, event), last_event=event.time)
    return state


def _apply(state: RunState, event: Event) -> RunState:
    fields = event.fields
    match event.kind:
        case "run_started":
            return _started(state, event)
        case "step_started" | "step_finished":
            return _step_started(state, event) if event.kind == "step_started" else _step_finished(state, event)
        case "progress":
            return _with_step(
                state, fields["step"], done=fields["done"], total=fields["total"], unit=fields.get("unit", "")
            )
        case "note":
            note = Note(event.time, fields["level"], fields["message"])
            return replace(state, notes=(*state.notes, note)[-MAX_NOTES:])
        case _:
            return state if event.kind == "alive" else _ended(state, event)


def _started(state: RunState, event: Event) -> RunState:
    """Forget an earlier attempt but for its curve: what it sealed is told again as reused, its training goes on."""
    steps = tuple(StepState(name) for name in event.fields["steps"])
    return RunState(name=event.fields["name"], status="running", steps=steps, started=event.time, curve=state.curve)


def _step_started(state: RunState, event: Event) -> RunState:
    name = event.fields["step"]
    changed = _with_step(state, name, status="running", started=event.time, done=0, total=0)
    return replace(changed, current=name)


def _step_finished(state: RunState, event: Event) -> RunState:
    fields = event.fields
    facts = MappingProxyType(fields["facts"])
    changed = _with_step(
        state,
        fields["step"],
        status="reused" if fields["reused"] else "done",
        seconds=fields["seconds"],
        digest=fields["digest"],
        facts=facts,
    )
    return replace(changed, facts={**state.facts, fields["step"]: facts})


def _ended(state: RunState, event: Event) -> RunState:
    fields = event.fields
    if event.kind == "run_finished":
        return replace(state, status="done")
    if event.kind == "waiting":
        return replace(state, status="waiting", message=fields["message"], hint=fields["hint"], exit_status=10)
    if event.kind == "stopped":
        return replace(state, status="stopped", message=fields["message"], exit_status=143)
    failed = _with_step(state, state.current, status="failed") if state.current else state
    return replace(
        failed,
        status="failed",
        message=fields["message"],
        hint=fields["hint"],
        exit_status=fields["exit_status"],
    )


def _with_step(state: RunState, name: str, **changes: Any) -> RunState:
    steps = tuple(replace(step, **changes) if step.name == name else step for step in state.steps)
    return replace(state, steps=steps)


def _trained(state: RunState, events: Sequence[Event]) -> RunState:
    """Add points all at once: a curve of thousands must not be copied for each of them.

    A resumed training repeats the steps after its checkpoint: the newer point holds.
    """
    points = {point.step: point for point in state.curve}
    for event in events:
        point = CurvePoint(**event.fields)
        if points and point.step <= next(reversed(points)):
            points = {step: old for step, old in points.items() if step < point.step}
        points[point.step] = point
    return replace(state, curve=tuple(points.values()), last_event=events[-1].time)
