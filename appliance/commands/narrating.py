"""Tells a person on standard error how a run goes: one line a finished step, one live line on a terminal."""

import shutil
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NoReturn

from appliance import service
from appliance.core.errors import INTERRUPTED_BY_KEYBOARD
from appliance.core.events import read_events
from appliance.core.language import say
from appliance.core.languages import language_code
from appliance.core.reasons import BETWEEN, reasons_of, refusing, told
from appliance.core.run_state import RunState, StepState
from appliance.core.telling import error_line, hint_line, tell, tell_json, tell_live
from appliance.service import Started


class Narrator:
    """Writes what is new in a state since the last one it saw."""

    def __init__(self) -> None:
        self._told: set[str] = set()
        self._notes = 0
        self._is_live = sys.stderr.isatty()

    def tell(self, state: RunState) -> None:
        """Write new finished steps and notes, and refresh the live line."""
        lines = [*self._new_notes(state), *self._new_steps(state)]
        if self._is_live:
            tell_live("")
        for line in lines:
            tell(line, err=True)
        if self._is_live and state.status == "running":
            tell_live(live_line(state)[: _columns() - 1])

    def _new_notes(self, state: RunState) -> Iterator[str]:
        for note in state.notes[self._notes :]:
            yield f"  {say(note.level)}: {say(note.message)}"
        self._notes = len(state.notes)

    def _new_steps(self, state: RunState) -> Iterator[str]:
        for step in state.steps:
            if step.status in ("done", "reused") and step.name not in self._told:
                self._told.add(step.name)
                yield step_line(step)


def step_line(step: StepState) -> str:
    """Return the line of a finished step."""
    word = say("reused") if step.status == "reused" else f"{step.seconds:.1f} s"
    return f"  {step.name:<10} {word:>8}   {step.digest[:12]}"


def live_line(state: RunState) -> str:
    """Return the line of the step that runs, with its progress and the time that is left."""
    if not state.current:
        return say("  starting ...")
    step = state.step(state.current)
    parts = [f"  {step.name:<10} {state.finished_steps + 1}/{len(state.steps)}"]
    if step.total:
        parts.append(f"{step.done}/{step.total} {step.unit}".rstrip())
    if step.name == "train" and state.curve:
        parts.append(f"loss {state.curve[-1].loss:.3f}")
    left = step.seconds_left(datetime.now(UTC))
    if step.total:
        parts.append(f"ETA {say('estimating...') if left is None else duration(left)}")
    return "  ".join(parts)


def duration(seconds: float) -> str:
    """Return seconds as 1h02m, 3m05s or 12s."""
    whole = round(seconds)
    if whole >= 3600:
        return f"{whole // 3600}h{whole % 3600 // 60:02d}m"
    return f"{whole // 60}m{whole % 60:02d}s" if whole >= 60 else f"{whole}s"


def narrate(started: Started) -> RunState:
    """Follow a run to its end; Ctrl-C asks it to stop after a checkpoint."""
    narrator, state = Narrator(), RunState()
    try:
        for state in service.follow(started):
            narrator.tell(state)
    except KeyboardInterrupt:
        _stop(started)
    return state


def _stop(started: Started) -> NoReturn:
    service.stop(started.run)
    tell(err=True)
    tell(say("stopping after the next checkpoint; the same command goes on from there"), err=True)
    sys.exit(INTERRUPTED_BY_KEYBOARD)


def stream_events(started: Started) -> RunState:
    """Follow a run to its end; print every event as a JSON line on standard output."""
    offset, last = started.offset, RunState()
    try:
        for state in service.follow(started):
            last, read = state, read_events(started.run.events, offset)
            offset = read.offset
            for event in read.events:
                tell_json({"time": event.time.isoformat(), "kind": event.kind, **event.fields})
    except KeyboardInterrupt:
        _stop(started)
    return last


def end(state: RunState) -> None:
    """Say how a run ended if it did not end well, and exit with its status."""
    if state.status == "done":
        return
    message = _why(state)
    line = say("waiting: {message}", message=message) if state.status == "waiting" else error_line(message)
    tell(line, err=True)
    if state.hint:
        tell(hint_line(state.hint), err=True)
    sys.exit(state.exit_status or 1)


def _why(state: RunState) -> str:
    """Return why a run ended; what its gates refuse is said in the reader's language."""
    gates, code = refusing(state.facts), language_code()
    if state.status != "failed" or state.current != "bundle" or not gates:
        return say(state.message or state.status)
    reasons = BETWEEN[code].join(f"{gate['name']}: {told(reasons_of(gate), code)}" for gate in gates)
    return say("the adapted model may not ship: {reasons}", reasons=reasons)


def _columns() -> int:
    return shutil.get_terminal_size().columns
