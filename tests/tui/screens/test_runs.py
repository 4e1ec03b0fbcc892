"""Screen 1: every run, its state, and what it needs next."""

from typing import Any

import pytest
from rich.cells import cell_len
from textual.pilot import Pilot

from appliance.core.errors import Busy
from appliance.core.locking import lock_holder
from appliance.core.workspace import Workspace
from tui.screens.runs import RunsScreen
from tui.screens.train import TrainScreen
from tui.widgets.run_table import RunTable

SIZES = [(80, 24), (120, 40)]
FOOTERS = {
    "en": "⏎ open ? help r start again s stop+save / filter q quit",
    "ja": "⏎ 開く ? ヘルプ r 再開 s 停止+保存 / 絞り込み q 終了",
}


def row(lines: list[str], run: str) -> str:
    return next(line for line in lines if run in line)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("lang", ["en", "ja"])
def test_every_run_has_one_aligned_row_and_no_label_is_cut(four_runs, drive, screen_lines, size, lang) -> None:
    async def scene(pilot: Pilot[Any]) -> None:
        lines = screen_lines(pilot)
        assert {cell_len(line) for line in lines} == {size[0]}
        states = ("running", "waiting", "failed", "done") if lang == "en" else ("実行中", "確認待ち", "失敗", "完了")
        ids = ("dddddddd", "cccccccc", "bbbbbbbb", "aaaaaaaa")
        for run_id, state in zip(ids, states, strict=True):
            assert state in row(lines, run_id)
        starts = {cell_len(row(lines, i)[: row(lines, i).index(s)]) for i, s in zip(ids, states, strict=True)}
        assert len(starts) == 1  # one column, whatever the script
        assert lines[-1].strip() == FOOTERS[lang]
        assert "…" not in "".join(lines[2:-5])

    drive(four_runs, scene, size, lang)


def test_the_rows_of_80_columns_read_as_designed(four_runs: Workspace, drive, screen_lines) -> None:
    async def scene(pilot: Pilot[Any]) -> None:
        assert screen_lines(pilot)[3:8] == [
            "│  id       name             step      state       progress      ETA result    │",
            "│> dddddddd tickets-ja-q3    train     running     ██▉░░  58%  1m00s           │",
            "│  cccccccc maint-logs       detect    waiting     █▎░░░  27%                  │",
            "│  bbbbbbbb tickets-ja-q2    detect    failed      ▉░░░░  18%        exit 5    │",
            "│  aaaaaaaa tickets-en       bundle    done        █████ 100%        0.12->0.81│",
        ]

    drive(four_runs, scene)


def test_the_selected_run_says_what_to_do_next(four_runs: Workspace, drive, screen_lines) -> None:
    async def scene(pilot: Pilot[Any]) -> None:
        for told in (
            "Nothing to do: it runs on by itself",
            "It waits for a person: 412 findings are not decided. Press Enter to review, then r to go on.",
            "It failed (5): the disk is full. free some space. Then press r.",
            "Finished. Press Enter to see the results.",
        ):
            assert told in " ".join(" ".join(screen_lines(pilot)[-5:-1]).split())
            await pilot.press("down")

    drive(four_runs, scene)


def test_an_empty_workspace_says_what_to_do(workspace: Workspace, drive, screen_lines) -> None:
    async def scene(pilot: Pilot[Any]) -> None:
        assert "appliance demo" in "".join(screen_lines(pilot))

    drive(workspace, scene, lang="ja")


def test_enter_opens_the_run_and_escape_comes_back(four_runs: Workspace, drive) -> None:
    async def scene(pilot: Pilot[Any]) -> None:
        for key, back in (("enter", "escape"), ("right", "left")):
            await pilot.press(key)
            assert isinstance(pilot.app.screen, TrainScreen)
            await pilot.press(back)
            assert isinstance(pilot.app.screen, RunsScreen)

    drive(four_runs, scene)


def test_the_filter_finds_a_part_of_a_name_typed_full_width(four_runs: Workspace, drive, screen_lines) -> None:
    async def scene(pilot: Pilot[Any]) -> None:
        await pilot.press("slash", *"Ｑ２", "enter")
        assert pilot.app.screen.query_one(RunTable).selected.id == "tickets-ja-q2-bbbbbbbb"
        assert "maint-logs" not in "".join(screen_lines(pilot))
        await pilot.press("escape")
        assert len(pilot.app.screen.query_one(RunTable).in_sight) == 4

    drive(four_runs, scene)


def test_a_run_is_not_stopped_by_habit(four_runs: Workspace, drive, monkeypatch) -> None:
    sent: list[int] = []
    monkeypatch.setattr("os.kill", lambda process, number: sent.append(process))

    async def scene(pilot: Pilot[Any]) -> None:
        for key in ("enter", "escape", "n", "ｎ"):
            await pilot.press("s", key)
            assert isinstance(pilot.app.screen, RunsScreen)
        assert not sent

    drive(four_runs, scene)


def test_yes_asks_the_worker_to_stop(four_runs: Workspace, drive, monkeypatch) -> None:
    sent: list[int] = []
    monkeypatch.setattr("os.kill", lambda process, number: sent.append(process))

    async def scene(pilot: Pilot[Any]) -> None:
        await pilot.press("s", "y")
        assert sent == [lock_holder(four_runs.run("tickets-ja-q3-dddddddd").lock)]

    drive(four_runs, scene)


def test_a_refused_start_tells_why(four_runs: Workspace, drive, shown, monkeypatch) -> None:
    def refuse(run: object, workspace: object) -> None:
        raise Busy("workspace [/red] is in use \x1b[31m", hint="wait for it")

    monkeypatch.setattr("appliance.service.start", refuse)

    async def scene(pilot: Pilot[Any]) -> None:
        await pilot.press("down", "f5")
        text = await shown(pilot, "Not started")
        assert "[/red] is in use ␛[31m" in text

    drive(four_runs, scene)


def test_a_thousand_runs_fold_only_what_is_in_sight(thousand_runs: Workspace, drive, shown) -> None:
    async def scene(pilot: Pilot[Any]) -> None:
        screen = pilot.app.screen
        assert len(screen._listing.runs) == 1000
        assert len(screen._listing.views) <= 40
        await pilot.press("end")
        await shown(pilot, "> 00000")
        table = screen.query_one(RunTable)
        while not set(table.in_sight) <= screen._listing.views.keys():
            await pilot.pause(0.02)
        assert table.selected == screen._listing.runs[-1]
        assert set(table.in_sight) <= screen._listing.views.keys()

    drive(thousand_runs, scene)


def test_the_help_lists_every_key_with_its_alternative(four_runs: Workspace, drive, screen_lines) -> None:
    async def scene(pilot: Pilot[Any]) -> None:
        await pilot.press("f1")
        text = "\n".join(screen_lines(pilot))
        for keys in ("r  f5", "s  f8", "q  f10", "/  f3"):
            assert keys in text

    drive(four_runs, scene)
