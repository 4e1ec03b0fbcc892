"""What the UI must never show, copy or import."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from textual.pilot import Pilot

from appliance.core.workspace import Workspace
from tui.__main__ import command
from tui.app import PLAIN_THEME, ApplianceApp
from tui.context import Context
from tui.language import language

HEAVY = ("torch", "presidio_analyzer", "spacy", "transformers", "peft", "onnxruntime", "bitsandbytes", "numpy")


class Crashing(ApplianceApp):
    """Fails with the text of a record in its hands."""

    def on_mount(self) -> None:
        record = "田中太郎 03-1234-5678"
        raise ValueError("bad record " + record[::-1])


def test_a_crash_tells_the_place_and_no_value(workspace: Workspace, capfd) -> None:
    app = Crashing(Context(workspace, language("en")))
    app.run(headless=True)
    told = "".join(capfd.readouterr())
    assert app.return_code == 1
    assert "ValueError in the terminal UI" in told
    assert "in on_mount" in told
    assert "bad record 8765" not in told
    assert "record =" not in told


def imported(code: str) -> set[str]:
    """Return the modules of a fresh process that ran this code."""
    code = f"{code}; import sys; print(*sys.modules)"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 0, ended.stderr
    return set(ended.stdout.split())


def test_the_first_paint_waits_neither_for_the_settings_models_nor_for_ciphers_nor_for_other_screens() -> None:
    modules = imported("import tui.__main__, tui.app, tui.preferences")
    assert "tui.screens.runs" in modules
    assert not modules & {"pydantic", "cryptography", "appliance.service", "tui.screens.review"}


def test_the_ui_imports_nothing_that_does_the_work() -> None:
    modules = imported("import tui.__main__, tui.app, tui.registry")
    assert not modules & set(HEAVY)
    ours = {name for name in modules if name.startswith(("anonymize", "quantize", "appliance."))}
    light = {"anonymize", "anonymize.decisions", "anonymize.errors", "anonymize.proportions"}
    heavy = ("appliance.stages", "appliance.training", "appliance.evaluation", "anonymize")
    assert not {name for name in ours - light if name.startswith(heavy)}


def test_nothing_can_be_copied_or_photographed(four_runs: Workspace, drive, tmp_path) -> None:
    async def scene(pilot: Pilot[Any]) -> None:
        app = pilot.app
        app.copy_to_clipboard("田中太郎")
        assert not app.clipboard
        assert not app.ALLOW_SELECT
        app.deliver_screenshot()
        app.action_screenshot()
        commands = [command.title for command in app.get_system_commands(app.screen)]
        assert "start again" in commands
        assert "Screenshot" not in commands

    drive(four_runs, scene)


def test_the_palette_speaks_japanese(four_runs: Workspace, drive, shown) -> None:
    async def scene(pilot: Pilot[Any]) -> None:
        await pilot.press("ctrl+p")
        await shown(pilot, "何をしますか？")
        await shown(pilot, "停止+保存")

    drive(four_runs, scene, lang="ja")


@pytest.mark.parametrize("is_plain", [True, False])
def test_without_colours_the_terminal_s_own_are_used(workspace: Workspace, is_plain: bool) -> None:
    app = ApplianceApp(Context(workspace, language("en")), is_plain=is_plain)
    assert (app.theme == PLAIN_THEME) == is_plain


@pytest.mark.parametrize(("lang", "told"), [("en", "cannot draw screens"), ("ja", "画面を表示できません")])
def test_without_a_terminal_it_refuses_and_names_the_command(tmp_path: Path, lang: str, told: str) -> None:
    ended = CliRunner().invoke(command, ["--workspace", str(tmp_path), "--lang", lang])
    assert ended.exit_code == 2
    assert told in ended.stderr
    assert "appliance follow RUN" in ended.stderr
    assert ended.stdout == ""
