"""The panels of the train monitor, as plain lines."""

from datetime import UTC, datetime

import pytest
from rich.cells import cell_len

from appliance.core.run_state import Note, RunState, StepState
from appliance.core.workspace import Workspace
from appliance.pipeline import STEPS
from tui.context import Context
from tui.language import language
from tui.widgets.run_panels import last_checkpoint, log_lines, result_lines, step_lines

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
SAY = language("en").say


@pytest.mark.parametrize("code", ["en", "ja"])
def test_all_steps_take_the_same_cells(tmp_path, code: str) -> None:
    steps = tuple(
        StepState(name, status, seconds=4000.0, started=NOW)
        for name, status in zip(
            ("intake", "anonymize", "train", "x" * 30, "verify"),
            ("done", "reused", "running", "failed", "planned"),
            strict=True,
        )
    )
    context = Context(Workspace(tmp_path), language(code), now=lambda: NOW)
    lines = step_lines(RunState(steps=steps), context)
    assert {cell_len(line) for line in lines} == {19}
    assert lines[0] == "+ intake      1h06m"


@pytest.mark.parametrize("code", ["en", "ja"])
@pytest.mark.parametrize("current", STEPS)
def test_the_current_step_is_in_sight_and_the_others_are_counted(tmp_path, code: str, current: str) -> None:
    context = Context(Workspace(tmp_path), language(code), now=lambda: NOW)
    state = RunState(steps=tuple(map(StepState, STEPS)), current=current)
    lines = step_lines(state, context, 11)
    assert len(lines) == 11
    assert {cell_len(line) for line in lines} == {19}
    assert sum(f" {current} " in line for line in lines) == 1
    counted = sum(int(word) for line in lines for word in line.split() if word.isdigit())
    assert counted + sum(any(f" {name} " in line for name in STEPS) for line in lines) == len(STEPS)


def test_results_that_were_not_measured_are_left_out() -> None:
    assert result_lines({}, SAY) == []
    assert result_lines({"evaluate": {"scores": {"base": {}}}}, SAY)[1].split() == ["base", "-", "-", "-"]
    assert result_lines({"verify": {"variants": {"int8": {}}}}, SAY)[1].split() == ["int8", "-", "-", "-", "-"]
    assert result_lines({"bundle": {"name": "a"}}, SAY) == ["bundle a -"]


def test_a_verdict_is_a_word_and_the_chosen_variant_is_named() -> None:
    variants = {"int8": {"bytes": 10**8, "passed": False}, "int4": {"bytes": 10**7, "passed": True, "retention": 0.99}}
    lines = result_lines({"verify": {"variants": variants, "chosen": "int4"}}, SAY)
    assert lines[1].split() == ["int8", "100", "MB", "-", "-", "FAIL"]
    assert lines[2].split() == ["int4", "10", "MB", "-", "0.99", "PASS", "chosen"]


def test_the_log_ends_with_the_failure_and_can_leave_out_plain_notes() -> None:
    notes = (Note(NOW, "info", "checkpoint 10 saved"), Note(NOW, "warning", "勾配\x1b[31m"))
    state = RunState(status="failed", notes=notes, message="the disk is full", last_event=NOW)
    assert [line[9:] for line in log_lines(state, SAY, only_warnings=False)] == [
        "INFO    checkpoint 10 saved",
        "WARNING 勾配␛[31m",
        "ERROR   the disk is full",
    ]
    assert len(log_lines(state, SAY, only_warnings=True)) == 2
    assert last_checkpoint(notes) == notes[0]
