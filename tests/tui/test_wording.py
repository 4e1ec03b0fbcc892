"""States in plain words."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from appliance.core import reasons
from appliance.core.reasons import reason
from appliance.core.run_state import CurvePoint, RunState, StepState
from appliance.core.workspace import RunFolder
from tui.language import language
from tui.watching import RunView
from tui.wording import (
    OVERRIDE_HINT,
    bar,
    duration,
    eta,
    fit,
    fit_right,
    gain,
    next_action,
    progress,
    silence,
    size,
    spread,
)

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
SAY = language("en").say
STATES = ("planned", "running", "waiting", "stopped", "interrupted", "failed", "done")


def view(state: RunState, *, is_alive: bool = True) -> RunView:
    return RunView(RunFolder("x", Path("x")), state, is_alive)


@pytest.mark.parametrize("status", STATES)
@pytest.mark.parametrize("code", ["en", "ja"])
def test_every_state_says_what_to_do_next(status: str, code: str) -> None:
    state = RunState(status=status, message="m", hint="h", exit_status=5)
    told = next_action(view(state), language(code).say, NOW)
    assert told
    assert "{" not in told


def test_a_failure_tells_its_error_its_hint_and_the_key() -> None:
    state = RunState(status="failed", message="the disk is full", hint="free some space", exit_status=5)
    assert next_action(view(state), SAY, NOW) == "It failed (5): the disk is full. free some space. Then press r."


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("en", "the adapted model may not ship: a loss. see docs/evidence.md"),
        ("ja", "適応モデルは出荷できません：低下。各関門は docs/evidence.md"),
    ],
)
def test_what_the_gates_refuse_is_said_in_the_language_of_the_screen(code: str, words: str) -> None:
    gates = {"gates": [{"status": "refused", "reasons": [reason("loss")]}, {"status": "passed", "reasons": []}]}
    refused = RunState(
        status="failed", current="bundle", message="english", hint=OVERRIDE_HINT, exit_status=6, facts={"gates": gates}
    )
    assert OVERRIDE_HINT == reasons.OVERRIDE_HINT
    assert words in next_action(view(refused), language(code).say, NOW)


def test_a_living_worker_that_is_silent_for_more_than_fifteen_seconds_is_told() -> None:
    state = RunState(status="running", last_event=NOW - timedelta(seconds=16))
    assert silence(view(state), NOW) == 16
    assert "16 s" in next_action(view(state), SAY, NOW)


def test_a_dead_worker_or_one_that_spoke_is_not_called_silent() -> None:
    late = RunState(status="running", last_event=NOW - timedelta(seconds=16))
    assert silence(view(late, is_alive=False), NOW) is None
    assert silence(view(RunState(last_event=NOW - timedelta(seconds=14))), NOW) is None


def test_progress_counts_finished_steps_and_the_part_of_the_current_one() -> None:
    steps = (StepState("a", "done"), StepState("b", "running", done=1, total=2), StepState("c"), StepState("d"))
    assert progress(RunState(steps=steps)) == 0.375
    assert progress(RunState()) == 0.0


def test_the_time_left_is_estimated_before_it_is_known() -> None:
    started = StepState("a", "running", done=5, total=10, started=NOW - timedelta(seconds=60))
    known = RunState(status="running", steps=(started,), current="a")
    unknown = RunState(status="running", steps=(StepState("a", "running"),), current="a")
    assert (eta(known, NOW, SAY), eta(unknown, NOW, SAY), eta(RunState(), NOW, SAY)) == ("1m00s", "estimating…", "")


def test_the_gain_needs_both_scores() -> None:
    both = {"base": {"exact_match": {"value": 0.1}}, "adapted": {"exact_match": {"value": 0.8}}}
    assert gain(RunState(facts={"evaluate": {"scores": both}})) == "0.10->0.80"
    assert gain(RunState(facts={"evaluate": {"scores": {"base": both["base"]}}})) == ""


@pytest.mark.parametrize(("seconds", "words"), [(12.2, "12s"), (185, "3m05s"), (3720, "1h02m"), (-1, "0s")])
def test_durations_are_short(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_sizes_are_in_powers_of_a_thousand() -> None:
    assert (size(86_000_000), size(2_100_000_000)) == ("86 MB", "2.1 GB")


@given(st.floats(-1, 2), st.integers(1, 40), st.booleans())
def test_a_bar_has_exactly_its_width(share: float, width: int, is_ascii: bool) -> None:
    assert len(bar(share, width, is_ascii=is_ascii)) == width


@given(st.text(alphabet="ab漢字ｶﾞ①か\u3099", max_size=20), st.integers(1, 15))
def test_a_fitted_text_takes_exactly_its_cells(text: str, width: int) -> None:
    assert cell_len(fit(text, width)) == width
    assert cell_len(fit_right(text, width)) == width


def test_an_eta_tells_how_sure_it_is_once_enough_steps_are_known() -> None:
    speeds = (900.0, 1000.0, 1100.0, 1000.0, 1000.0)
    curve = tuple(CurvePoint(n, 100, 1.0, 1.0, None, 1e-3, 1.0, speed, 1, 600.0) for n, speed in enumerate(speeds))
    state = RunState(status="running", steps=(StepState("train", "running"),), current="train", curve=curve)
    assert spread(state) == pytest.approx(0.0707, abs=1e-4)
    assert eta(state, NOW, SAY) == "10m00s (±42s)"
    assert spread(RunState(current="train", curve=curve[:4])) == 0.0
