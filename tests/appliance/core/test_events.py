"""The event file and the fold over it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from appliance.core.events import Event, EventLog, read_events
from appliance.core.run_state import RunState, StepState, fold

START = datetime(2026, 1, 2, tzinfo=UTC)
POINT = {
    "steps": 10,
    "epoch": 0.1,
    "valid_loss": None,
    "learning_rate": 1e-4,
    "gradient_norm": 1.0,
    "tokens_per_second": 100.0,
    "rss_bytes": 1,
    "seconds_left": None,
}


def event(kind: str, **fields: object) -> Event:
    return Event(START, kind, fields)


def test_events_are_read_back_in_order_and_from_an_offset(tmp_path: Path) -> None:
    log = EventLog(tmp_path / "events")
    log.append("run_started", name="demo", steps=["intake"])
    first = read_events(tmp_path / "events")
    log.append("note", level="info", message="温度 85℃")
    second = read_events(tmp_path / "events", first.offset)
    assert [e.kind for e in first.events] == ["run_started"]
    assert [e.fields["message"] for e in second.events] == ["温度 85℃"]


def test_half_a_line_waits_until_it_is_whole(tmp_path: Path) -> None:
    file = tmp_path / "events"
    EventLog(file).append("alive")
    whole = file.read_bytes()
    file.write_bytes(whole + whole[:10])
    read = read_events(file)
    assert len(read.events) == 1
    file.write_bytes(whole + whole)
    assert len(read_events(file, read.offset).events) == 1


def test_half_a_line_of_a_power_cut_does_not_swallow_the_next_event(tmp_path: Path) -> None:
    file = tmp_path / "events"
    file.write_bytes(b'{"time": "2026-01-0')
    EventLog(file).append("note", level="info", message="again")
    assert [e.fields["message"] for e in read_events(file).events] == ["again"]


def test_a_run_is_done_when_its_steps_are() -> None:
    state = fold(
        RunState(),
        [
            event("run_started", name="demo", steps=["intake", "train"]),
            event("step_started", step="intake"),
            event("step_finished", step="intake", reused=True, seconds=0.1, digest="ab", facts={"parameters": 5}),
            event("step_started", step="train"),
            event("trained", step=1, loss=2.0, **POINT),
            event("step_finished", step="train", reused=False, seconds=9.0, digest="cd", facts={}),
            event("run_finished", seconds=9.1),
        ],
    )
    assert state.status == "done"
    assert [step.status for step in state.steps] == ["reused", "done"]
    assert state.facts["intake"]["parameters"] == 5
    assert state.finished_steps == 2


def test_a_resumed_training_replaces_the_points_that_it_repeats() -> None:
    started = [event("run_started", name="demo", steps=["train"]), event("step_started", step="train")]
    losses = [(1, 2.0), (2, 1.5), (3, 1.2), (2, 1.5), (3, 1.1)]
    state = fold(RunState(), started + [event("trained", step=step, loss=loss, **POINT) for step, loss in losses])
    assert [(point.step, point.loss) for point in state.curve] == [(1, 2.0), (2, 1.5), (3, 1.1)]


def test_a_failure_tells_what_to_do_and_marks_its_step() -> None:
    state = fold(
        RunState(),
        [
            event("run_started", name="demo", steps=["ingest"]),
            event("step_started", step="ingest"),
            event("failed", code="input", exit_status=3, message="no column", hint="name it"),
        ],
    )
    assert (state.status, state.exit_status, state.hint) == ("failed", 3, "name it")
    assert state.step("ingest").status == "failed"


def test_starting_again_forgets_the_failed_attempt() -> None:
    failed = event("failed", code="input", exit_status=3, message="no column", hint="name it")
    started = event("run_started", name="demo", steps=["ingest"])
    state = fold(RunState(), [started, failed, started])
    assert (state.status, state.message, state.exit_status) == ("running", "", 0)


def test_the_time_left_is_not_told_before_it_is_known() -> None:
    step = StepState("train", done=1, total=10, started=START)
    assert step.seconds_left(START + timedelta(seconds=1)) is None
    assert step.seconds_left(START + timedelta(seconds=10)) == 90.0


def test_a_training_that_is_taken_up_again_keeps_the_curve_so_far() -> None:
    started = event("run_started", name="demo", steps=["train"])
    points = [event("trained", step=step, loss=1.0 / step, **POINT) for step in (1, 2, 3)]
    state = fold(RunState(), [started, *points, started, event("trained", step=3, loss=0.2, **POINT)])
    assert [(point.step, point.loss) for point in state.curve] == [(1, 1.0), (2, 0.5), (3, 0.2)]
