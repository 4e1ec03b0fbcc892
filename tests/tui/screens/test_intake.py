"""Screen 3: reports of base models, and waivers by name."""

import json
from typing import Any

import pytest
from rich.cells import cell_len
from textual.pilot import Pilot

from appliance import service
from appliance.core.errors import SettingsError
from appliance.core.sections import IntakeSettings, RunSettings
from appliance.core.settings import ModelSettings, thaw
from appliance.questions.intakes import waived
from appliance.release.publishing import REPORT
from tui.screens.runs import RunsScreen

SIZES = [(80, 24), (120, 40)]
FOOTERS = {
    "en": "tab models/checks ? help a add a model w waive a check esc back",
    "ja": "tab モデル/検査 ? ヘルプ a モデルを追加 w 検査を免除 esc 戻る",
}
NO_WAIVER = {"do": "", "waived_by": "", "because": ""}
CHECKS = [
    {"name": "risk.files", "result": "pass", "found": "only known kinds of files", **NO_WAIVER},
    {
        "name": "licence.text",
        "result": "fail",
        "found": "no licence text came with it \x1b[2J",
        **NO_WAIVER,
        "do": "put it there",
    },
    {
        "name": "provenance.origin",
        "result": "waived",
        "found": "nobody signed it",
        "do": "",
        "waived_by": "佐藤",
        "because": "own",
    },
]


@pytest.fixture
def refused(write_run, workspace):
    """A base model whose intake was refused, with its report."""
    writer = write_run("tiny-aaaaaaaa")
    intake = IntakeSettings(path="/models/tiny", source="tests")
    writer.run.settings.write_text(
        ModelSettings(run=RunSettings(name="tiny"), intake=intake).frozen(), encoding="utf-8"
    )
    writer.finish("intake")
    writer.log.append("failed", code="gate", exit_status=6, message="the base model is refused", hint="see its report")
    folder = workspace.models / f"tiny-{'ab' * 4}"
    folder.mkdir(parents=True)
    (folder / REPORT).write_text(json.dumps({"checks": CHECKS}), encoding="utf-8")
    return workspace


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("lang", ["en", "ja"])
def test_a_refused_model_shows_what_failed_and_what_to_do(refused, drive, shown, size, lang) -> None:
    async def scene(pilot: Pilot[Any]) -> None:
        await pilot.press("3")
        text = await shown(pilot, "put it there")
        text = await shown(pilot, "esc ")
        lines = text.splitlines()
        assert {cell_len(line) for line in lines} == {size[0]}
        assert "1 PASS  1 FAIL  1 WAIVED" in text
        assert "FAIL   licence.text" in text
        assert "\x1b" not in text
        assert lines[-1].strip() == FOOTERS[lang]
        await pilot.press("tab", "down")
        await shown(pilot, "佐藤")

    drive(refused, scene, size, lang)


def test_a_waiver_needs_a_reason_and_a_name_and_starts_the_intake_anew(refused, drive, shown) -> None:
    async def scene(pilot: Pilot[Any]) -> None:
        await pilot.press("3")
        await shown(pilot, "put it there")
        await pilot.press("w")
        await shown(pilot, "Waive licence.text: why?")
        await pilot.press(*"seen", "enter")
        await shown(pilot, "Who accepts it?")
        await pilot.press("enter")
        await shown(pilot, "no such folder")  # /models/tiny is not there: told, and nothing is started

    drive(refused, scene)


def test_an_auditor_adds_and_waives_nothing(refused, drive, shown) -> None:
    async def scene(pilot: Pilot[Any]) -> None:
        await pilot.press("3")
        text = await shown(pilot, "put it there")
        assert "waive a check" not in text
        await pilot.press("w", "a", "escape")
        await pilot.pause()
        assert isinstance(pilot.app.screen, RunsScreen)

    drive(refused, scene, is_read_only=True)


def test_what_would_run_code_is_never_waived(refused) -> None:
    (model,) = service.models(refused)
    assert model.counts == {"pass": 1, "fail": 1, "waived": 1}
    assert waived(model.settings, "licence.text", "佐藤", "own").waivers[0].by == "佐藤"
    for check, by, reason in (("risk.files", "a", "b"), ("licence.text", " ", "b"), ("licence.text", "a", "")):
        with pytest.raises(SettingsError):
            waived(model.settings, check, by, reason)
    assert isinstance(thaw(model.run.settings.read_text(encoding="utf-8")), ModelSettings)
