"""Help, palette, confirmation and errors: whole at both sizes and in both languages."""

from typing import Any

import pytest
from rich.cells import cell_len
from textual.pilot import Pilot

from appliance.core.errors import InputError
from appliance.core.workspace import Workspace
from tui.language import language

HINT = "set the encoding: utf-8, cp932, euc-jp, iso-2022-jp, utf-16"
SIZES = [(80, 24), (120, 40)]
HELP = {"en": "Closing this program never ends a run", "ja": "このプログラムを閉じても"}
PALETTE = {"en": ("What should be done?", "stop+save"), "ja": ("何をしますか？", "停止+保存")}
CONFIRM = {
    "en": ("Stop tickets-ja-q3-dddddddd after", "Cancel (n)", "Stop (y)"),
    "ja": ("tickets-ja-q3-dddddddd を次の", "取消 (n)", "停止 (y)"),
}
ERROR = {
    "en": ("orders.csv: the encoding cannot", "iso-2022-jp", "No answer"),
    "ja": ("文字コードを判定できません。", "iso-2022-jp", language("ja").say("No answer")),
}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("lang", ["en", "ja"])
def test_each_window_is_whole(
    four_runs: Workspace, drive: Any, shown: Any, screen_lines: Any, *, size: Any, lang: Any
) -> None:
    async def whole(pilot: Pilot[Any], *texts: str) -> None:
        for text in texts:
            await shown(pilot, text)
        assert {cell_len(line) for line in screen_lines(pilot)} == {size[0]}

    async def scene(pilot: Pilot[Any]) -> None:
        await pilot.press("question_mark")
        await shown(pilot, "f1")
        await pilot.press(*["pagedown"] * 3)
        await whole(pilot, HELP[lang])
        await pilot.press("escape", "ctrl+p")
        await whole(pilot, *PALETTE[lang])
        await pilot.press("escape", "s")
        await whole(pilot, *CONFIRM[lang])
        assert pilot.app.focused is not None
        assert pilot.app.focused.id == "no"  # Enter by habit stops nothing
        await pilot.press("escape")
        error = InputError(
            "orders.csv: the encoding cannot be told",
            hint=HINT,
        )
        screen: Any = pilot.app.screen
        screen.tell_error(error, screen.say("No answer"))
        await whole(pilot, *ERROR[lang])

    drive(four_runs, scene, size, lang)
