"""Screen 4: from the first open finding to the last, by keys alone."""

import os
from typing import Any

import pytest
from rich.cells import cell_len
from textual.pilot import Pilot

from anonymize.decisions import decision_lines, standing
from appliance import service
from appliance.core.locking import locked
from tui.screens.review import ReviewScreen
from tui.screens.runs import RunsScreen

SIZES = [(80, 24), (120, 40)]
FOOTERS = {
    "en": "? help a accept x reject A all equal m missed e edit u undo space later esc back",
    "ja": "? ヘルプ a 承認 x 却下 A 同じ値全て m 漏れ e 範囲 u 取消 space 後で esc 戻る",
}


@pytest.fixture
def reviewed(make_review, workspace):
    return make_review(workspace)


@pytest.fixture
def opened(shown, screen_lines):
    async def wait(pilot: Pilot[Any], text: str = "/3") -> list[str]:
        await pilot.press("enter")
        await shown(pilot, text)
        await shown(pilot, "esc ")
        return screen_lines(pilot)

    return wait


def decided(run) -> dict[tuple[str, str, int], str]:
    return {(p[0], p[1], p[2]): line["verdict"] for p, line in standing(decision_lines(run.decisions)).items()}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("lang", ["en", "ja"])
@pytest.mark.usefixtures("reviewed")
def test_a_waiting_run_opens_with_its_original_over_what_would_leave(workspace, opened, drive, size, lang) -> None:
    async def scene(pilot: Pilot[Any]) -> None:
        lines = await opened(pilot)
        text = "\n".join(lines)
        assert {cell_len(line) for line in lines} == {size[0]}
        assert "担当の>田中太郎<が①号機" in text
        assert "[03-1234-5678]、社員番号" in text
        assert "担当の<PERSON_1>が①号機" in text
        assert "<PHONE_NUMBER_1>、社員番号" in text
        assert lines[1].strip().startswith(("finding 1/3 · 7 of 7 open", "検出 1/3 · 未決 7/7"))
        assert lines[-1].strip() == FOOTERS[lang]
        assert "…" not in text

    drive(workspace, scene, size, lang)


def test_keys_decide_are_undone_and_go_to_the_next_open_finding(reviewed, workspace, opened, drive, shown) -> None:
    async def scene(pilot: Pilot[Any]) -> None:
        await opened(pilot)
        await pilot.press("a")
        await shown(pilot, ">03-1234-5678<")
        assert decided(reviewed) == {("WO-1", "text", 8): "accept"}
        await pilot.press("ｘ")  # through an input method
        await shown(pilot, "5 of 7 open")
        await pilot.press("A")
        await shown(pilot, "4 equal findings decided")
        await shown(pilot, ">Fairweather<")
        await pilot.press("u")
        await shown(pilot, ">田中太郎+<")  # what was decided alone stands again
        await pilot.press("backspace")
        await shown(pilot, ">03-1234-5678<")
        assert decided(reviewed) == {("WO-1", "text", 8): "accept"}

    drive(workspace, scene)


def test_all_decided_says_how_to_go_on(reviewed, workspace, opened, drive, shown) -> None:
    async def scene(pilot: Pilot[Any]) -> None:
        await opened(pilot)
        await pilot.press("D", "A", "a", "a", "a", "a")
        await shown(pilot, "0 of 7 open")
        await shown(pilot, "All findings are decided.")
        assert len(decided(reviewed)) == 7

    drive(workspace, scene)


def test_what_was_missed_is_marked_once_and_told_for_the_whole_corpus(
    reviewed, workspace, opened, drive, shown
) -> None:
    async def scene(pilot: Pilot[Any]) -> None:
        await opened(pilot)
        await pilot.press("J", "m", *["end"], *["ctrl+left"] * 3, "enter", "end")
        await shown(pilot, "P-922")
        await pilot.press("enter")
        await shown(pilot, "number of an employee")
        await pilot.press("4")
        await shown(pilot, "Replaced in 1 documents")
        await shown(pilot, "about {P-922}")
        await shown(pilot, "about <EMPLOYEE_ID_1>")
        assert decided(reviewed) == {("WO-2", "text", 28): "accept"}

    drive(workspace, scene)


def test_edges_and_kind_of_a_finding_are_corrected(reviewed, workspace, opened, drive, shown) -> None:
    async def scene(pilot: Pilot[Any]) -> None:
        await opened(pilot)
        await pilot.press("e", "left", "left", "enter")
        await shown(pilot, "1 marked by reviewers")
        await shown(pilot, ">03-1234-5678<")
        await pilot.press("9")
        await shown(pilot, "<SECRET_1>")
        stands = standing(decision_lines(reviewed.decisions))
        assert stands["WO-1", "text", 8, 10, "PERSON"]["verdict"] == "accept"
        assert stands["WO-1", "text", 8, 12, "PERSON"]["verdict"] == "reject"
        assert {k[4] for k, line in stands.items() if line["verdict"] == "accept"} == {"PERSON", "SECRET"}

    drive(workspace, scene)


def test_reading_the_sample_tells_the_risk_that_is_left(reviewed, workspace, opened, drive, shown) -> None:
    async def scene(pilot: Pilot[Any]) -> None:
        await opened(pilot)
        await pilot.press("s", "f", "f", "f")
        await shown(pilot, "Sample 3/3 read, missed in 0: at most 63.2% of documents (95 %)")

    drive(workspace, scene)


@pytest.mark.slow
def test_what_another_reviewer_decides_meanwhile_appears_and_is_kept(reviewed, workspace, opened, drive, shown) -> None:
    other = service.review(reviewed, workspace, "佐藤")

    async def scene(pilot: Pilot[Any]) -> None:
        await opened(pilot)
        other.decide([0], "reject")
        await shown(pilot, "佐藤: rejected")
        await pilot.press("a")
        await shown(pilot, "Agreement of reviewers 0/1 (0.00-0.79)")
        await pilot.press("d")
        await shown(pilot, ">田中太郎+<")
        await pilot.press("u")
        await shown(pilot, ">田中太郎-<")

    drive(workspace, scene)


def test_a_decision_that_cannot_be_written_is_told_and_not_shown(
    reviewed, workspace, opened, drive, shown, *, told
) -> None:
    async def scene(pilot: Pilot[Any]) -> None:
        await opened(pilot)
        with locked(reviewed.folder / ".decisions.jsonl.lock", "test"):
            await pilot.press("a")
            busy = f"{reviewed.decisions} is in use by another worker. wait for it, or stop it first"
            await told(pilot, f"Not decided {busy}")
        await shown(pilot, "7 of 7 open")

    drive(workspace, scene)


def test_an_auditor_sees_and_decides_nothing(reviewed, workspace, opened, drive, screen_lines) -> None:
    async def scene(pilot: Pilot[Any]) -> None:
        lines = await opened(pilot)
        assert "accept" not in lines[-1]
        await pilot.press("a", "A", "m", "D", "1", "ａ")
        await pilot.pause(0.1)
        assert isinstance(pilot.app.screen, ReviewScreen)
        assert not reviewed.decisions.exists()

    drive(workspace, scene, is_read_only=True)


def test_a_vault_that_does_not_open_is_told(reviewed, workspace, drive, shown) -> None:
    os.chmod(workspace.vault / "key", 0o644)  # noqa: PTH101

    async def scene(pilot: Pilot[Any]) -> None:
        await pilot.press("enter")
        await shown(pilot, "chmod 600")
        assert isinstance(pilot.app.screen, RunsScreen)

    drive(workspace, scene)


def test_no_escape_sequence_of_a_record_reaches_the_screen(make_review, workspace, opened, drive, screen_lines) -> None:
    evil = "\x1b]52;c;UFdORUQ=\x07\x9b31m\u202e[/red]"
    make_review(
        workspace,
        [(evil, {"text": f"a {evil} b\n{evil}", "answer": evil, "who": evil}, [("text", evil, "PERSON", 0.5, evil)])],
    )

    async def scene(pilot: Pilot[Any]) -> None:
        texts = ["".join(await opened(pilot, "1/1"))]
        for keys in (("m",), ("enter", "end", "enter"), ("escape",)):
            await pilot.press(*keys)
            await pilot.pause(0.1)
            texts.append("".join(screen_lines(pilot)))
        assert not set("".join(texts)) & set("\x1b\x07\x9b\u202e\n")
        assert "␛]52;c;UFdORUQ=␇" in texts[0]
        assert "[/red]" in texts[0]

    drive(workspace, scene)
