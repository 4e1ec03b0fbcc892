"""Screen 8: the machine and the settings."""

from typing import Any

import pytest
from rich.cells import cell_len
from textual.pilot import Pilot

from appliance.core.workspace import Workspace
from tui.preferences import Preferences, load_preferences, preferences_file

SIZES = [(80, 24), (120, 40)]
FOOTERS = {
    "en": "? help r check again g 日本語/English t theme i plain ASCII esc back",
    "ja": "? ヘルプ r 再検査 g 日本語/English t 配色 i ASCII のみ esc 戻る",
}


@pytest.fixture(autouse=True)
def own_settings(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("lang", ["en", "ja"])
def test_quick_checks_show_at_once(workspace, drive, shown, size, lang) -> None:
    async def scene(pilot: Pilot[Any]) -> None:
        await pilot.press("8")
        await shown(pilot, "PASS  python")
        lines = (await shown(pilot, "PASS  import names" if lang == "en" else "PASS  import 名")).splitlines()
        assert {cell_len(line) for line in lines} == {size[0]}
        assert lines[-1].strip() == FOOTERS[lang]

    drive(workspace, scene, size, lang)


def test_theme_and_language_are_kept(workspace, drive, shown) -> None:
    async def scene(pilot: Pilot[Any]) -> None:
        await pilot.press("8")
        await shown(pilot, "PASS  python")
        await pilot.press("t", "t")
        await shown(pilot, "theme high-contrast")
        await pilot.press("g")
        await pilot.pause()
        assert pilot.app.return_value == Preferences("ja", "high-contrast")
        assert load_preferences(preferences_file()) == Preferences("ja", "high-contrast")

    drive(workspace, scene)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("lang", ["en", "ja"])
def test_what_is_to_be_done_keeps_its_indent_where_it_goes_on_below(workspace, drive, shown, size, lang) -> None:
    vault = workspace.root / ("long-" * 30) / "vault"  # longer than a line of either terminal
    workspace = Workspace(vault.parent)
    vault.mkdir(parents=True)
    vault.chmod(0o755)
    label = "do: " if lang == "en" else "対処："

    async def scene(pilot: Pilot[Any]) -> None:
        await pilot.press("8")
        await shown(pilot, "python")
        await pilot.press("end")
        lines = (await shown(pilot, f"{label}chmod 700")).splitlines()
        at = next(number for number, line in enumerate(lines) if f"{label}chmod" in line)
        indent = cell_len(lines[at].split("chmod")[0]) - 1
        assert lines[at + 1].startswith("│" + " " * indent)
        assert lines[at + 1][1 + indent] != " "

    drive(workspace, scene, size, lang)
