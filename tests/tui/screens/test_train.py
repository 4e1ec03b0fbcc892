"""Screen 5: one run from its first step to its results."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from rich.cells import cell_len
from textual.pilot import Pilot

from appliance.core.events import EventLog
from appliance.core.locking import lock_holder
from appliance.core.workspace import Workspace
from appliance.pipeline import STEPS
from tui.screens.runs import RunsScreen

SIZES = [(80, 24), (120, 40)]
FOOTERS = {
    "en": "? help s stop+save S stop now t try prompt r resume c config v results esc back",
    "ja": "? ヘルプ s 停止+保存 S 即停止 t 試す r 再開 c 設定 v 結果 esc 戻る",
}


@pytest.fixture
def opened(shown, screen_lines) -> Callable[..., Any]:
    """Open the run so many rows down; return the lines of its screen."""

    async def wait(pilot: Pilot[Any], downs: int = 0) -> list[str]:
        await pilot.press(*["down"] * downs, "enter")
        await shown(pilot, "5 ")
        await shown(pilot, "esc ")
        return screen_lines(pilot)

    return wait


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("lang", ["en", "ja"])
def test_a_training_run_shows_all_of_itself_and_a_finished_one_its_results(
    four_runs, opened, drive, size, lang
) -> None:
    async def scene(pilot: Pilot[Any]) -> None:
        lines = await opened(pilot)
        text = "\n".join(lines)
        assert {cell_len(line) for line in lines} == {size[0]}
        assert "tickets-ja-q3-dddddddd" in lines[0]
        assert "7/11 train" in lines[0]
        assert "58%  40/100 steps  loss 0.550  epoch 1.2  ETA 1m00s" in lines[1]
        for step in ("intake", "anonymize", "bundle"):
            assert step in text
        assert "0.650 @40" in text  # best held-out loss
        assert "1,840 tok/s  lr 0.00012  grad 0.81" in text
        assert "2.1 GB  checkpoint " in text
        assert "WARNING 勾配が大きい: gradient norm 8.1" in text
        assert any("\u2801" <= cell <= "\u28ff" for cell in text)
        assert lines[-1].strip() == FOOTERS[lang]
        assert "…" not in text

        await pilot.press("escape")
        results = await opened(pilot, downs=3)
        assert {cell_len(line) for line in results} == {size[0]}
        adapted, int8, int4 = (next(line for line in results if who in line) for who in ("adapted", "int8", "int4"))
        assert "0.810 0.77-0.85        0.190       200" in adapted
        assert "140 MB    44.5   0.94 FAIL" in int8
        assert ("86 MB    61.2   0.99 PASS chosen" if lang == "en" else "86 MB    61.2   0.99 PASS 採用") in int4
        assert "tickets 1  91 MB" in "".join(results)

    drive(four_runs, scene, size, lang)


def test_of_the_whole_path_the_current_step_is_in_sight_on_a_small_terminal(
    living_run, workspace, opened, drive
) -> None:
    living_run.log.append("run_started", name="tickets", steps=list(STEPS))
    living_run.finish(*STEPS[: STEPS.index("gates")])
    living_run.log.append("step_started", step="gates")

    async def scene(pilot: Pilot[Any]) -> None:
        text = "\n".join(await opened(pilot))
        assert "> gates" in text
        assert "bundle" in text
        assert " before" in text

    drive(workspace, scene)


def test_a_failed_run_says_what_to_do_at_the_top(four_runs: Workspace, opened, drive) -> None:
    async def scene(pilot: Pilot[Any]) -> None:
        lines = await opened(pilot, downs=2)
        assert "failed" in lines[0]
        assert lines[2].strip() == "It failed (5): the disk is full. free some space. Then press r."
        assert any("! detect" in line and "failed" in line for line in lines)
        assert any("ERROR   the disk is full" in line for line in lines)

    drive(four_runs, scene)


def test_a_worker_that_was_killed_is_told_with_the_next_step(write_run, workspace, opened, drive) -> None:
    write_run("tickets-aaaaaaaa").finish("intake")

    async def scene(pilot: Pilot[Any]) -> None:
        lines = await opened(pilot)
        assert "interrupted" in lines[0]
        assert "press r to go on from there" in lines[2]

    drive(workspace, scene)


def test_a_silent_worker_is_told(living_run, workspace: Workspace, opened, drive) -> None:
    late = (datetime.now(UTC) - timedelta(seconds=40)).isoformat()
    with living_run.run.events.open("a", encoding="utf-8") as stream:
        stream.write(json.dumps({"time": late, "kind": "alive"}) + "\n")

    async def scene(pilot: Pilot[Any]) -> None:
        assert "No sign of life for 4" in (await opened(pilot))[2]

    drive(workspace, scene)


def test_new_events_reach_the_screen(four_runs: Workspace, opened, drive, shown) -> None:
    async def scene(pilot: Pilot[Any]) -> None:
        await opened(pilot)
        EventLog(four_runs.run("tickets-ja-q3-dddddddd").events).append("note", level="info", message="新しい")
        await shown(pilot, "INFO    新しい")

    drive(four_runs, scene)


def test_keys_switch_log_axis_results_and_configuration(four_runs: Workspace, opened, drive, shown) -> None:
    async def scene(pilot: Pilot[Any]) -> None:
        await opened(pilot)
        await pilot.press("l", "g")
        text = await shown(pilot, "Log (warnings)")
        assert "INFO" not in text
        assert text.count("log-x") == 1  # the chart's edge
        await pilot.press("f9")
        await shown(pilot, "Nothing was measured yet.")
        await pilot.press("c")
        await shown(pilot, '"name": "tickets-ja-q3"')
        await pilot.press("q", "q")
        assert isinstance(pilot.app.screen, RunsScreen)

    drive(four_runs, scene)


def test_escape_sequences_in_events_never_reach_the_screen(living_run, workspace, opened, drive, screen_lines) -> None:
    evil = "\x1b]52;c;UFdORUQ=\x07\x9b31m\u202e[/red][PERSON_1]\n"
    writer = living_run
    writer.log.append("run_started", name=evil, steps=[evil])
    writer.log.append("step_started", step=evil)
    writer.log.append("progress", step=evil, done=1, total=2, unit=evil)
    writer.log.append("note", level=evil, message=evil)
    writer.log.append("step_finished", step=evil, reused=False, seconds=1, digest="", facts={})
    facts = {"scores": {evil: {}}}, {"variants": {evil: {}}, "chosen": evil}, {"name": evil, "version": evil}
    for step, told in zip(("evaluate", "verify", "bundle"), facts, strict=True):
        writer.log.append("step_finished", step=step, reused=False, seconds=1, digest="", facts=told)
    writer.log.append("failed", code="x", exit_status=5, message=evil, hint=evil)
    writer.run.settings.write_text(evil, encoding="utf-8")

    async def scene(pilot: Pilot[Any]) -> None:
        texts = [screen_lines(pilot)]
        texts.append(await opened(pilot))
        for key in ("v", "c"):
            await pilot.press(key)
            await pilot.pause(0.1)
            texts.append(screen_lines(pilot))
        shown = "".join("".join(lines) for lines in texts)
        assert not set(shown) & set("\x1b\x07\x9b\u202e\n")
        assert "[/red][PERSON_1]" in shown
        assert "␛]52;c;UFdORUQ=␇" in shown

    drive(workspace, scene)


def test_stopping_at_once_is_asked_twice_and_ends_the_worker(
    write_run, workspace: Workspace, opened, drive, shown
) -> None:
    writer = write_run("tickets-aaaaaaaa")
    holding = "import sys, time; from pathlib import Path; from appliance.core.locking import locked\n"
    holding += "with locked(Path(sys.argv[1]), 'x'): time.sleep(60)"
    child = subprocess.Popen([sys.executable, "-c", holding, str(writer.run.lock)])
    while lock_holder(writer.run.lock) is None:
        time.sleep(0.02)

    async def scene(pilot: Pilot[Any]) -> None:
        await opened(pilot)
        await pilot.press("S", "enter")  # by habit: cancel has the focus
        await pilot.pause(0.1)
        assert child.poll() is None
        await pilot.press("S", "y")
        await shown(pilot, "Stopped.")
        assert child.wait(10) == -9

    drive(workspace, scene)
