"""No character of any data steers the terminal, whatever widget it was put into."""

import sys
from collections.abc import Callable, Iterator
from typing import Any
from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.containers import VerticalScroll
from textual.content import Content
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Button, Footer, Input, OptionList, Static
from textual.widgets.option_list import Option

from appliance.core.run_state import CurvePoint
from appliance.core.sanitising import visible
from appliance.core.workspace import Workspace
from tui.context import Context
from tui.guarding import VisibleOnly
from tui.language import language
from tui.screens.confirm import ConfirmScreen
from tui.screens.files import FileScreen
from tui.screens.picking import PickScreen
from tui.screens.reading import ReadingScreen
from tui.screens.typing import TypeScreen
from tui.widgets.loss_chart import LossChart
from tui.widgets.page import Page, PageView, Writer
from tui.widgets.run_table import RunTable

HOSTILE = (
    "\x1b]52;c;UFdORUQ=\x07",  # the clipboard
    "\x1b[2J\x1b[H",  # clears the screen
    "\x1b[?1000h\x1b[?1049l",  # modes
    "\x9b2J\x9d0;EVIL\x9c\x90q\x9c",  # the same in one character (C1)
    "\x1bP$q\x1b\\\x1b_x\x1b\\",  # device control, application command
    "\x1b]8;;http://evil.example\x1b\\click\x1b]8;;\x1b\\",  # a link
    "\u202etxt.exe\u2066\u200b",  # shown in another order, or not at all
    "\rFAKE PASS\b\b\x07\x7f\x00",
    "[link=http://evil.example]x[/link][@click=app.quit]y[/][/nope]",
    "田中太郎　①",
)
PIECES = st.one_of(st.sampled_from(HOSTILE), st.characters(codec=None), st.text(max_size=5))
TEXTS = st.lists(PIECES, min_size=1, max_size=6).map("".join)
POINT = CurvePoint(1, 10, 1.0, 1.0, None, 1e-3, 1.0, 1.0, 1, 1.0)


class Carelessly(Screen[None]):
    """Puts raw text into every widget that the UI is made of, as no screen of ours would."""

    def compose(self) -> Iterator[Any]:
        yield Static(id="static")
        yield Input(id="input", select_on_focus=False)
        yield OptionList(id="options")
        yield PageView(id="page")
        yield Button(Content("x"), id="button")
        yield VerticalScroll(Static(id="inner"), id="framed")
        yield Footer()

    def put(self, raw: str) -> None:
        self.query_one("#static", Static).update(Content(raw))
        self.query_one("#inner", Static).update(Content(raw))
        self.query_one("#input", Input).value = raw
        options = self.query_one("#options", OptionList)
        options.clear_options()
        options.add_option(Option(Content(raw)))
        self.query_one("#page", PageView).show(Page(raw.replace("\n", " ")))
        self.query_one("#button", Button).label = Content(raw)
        framed = self.query_one("#framed")
        framed.border_title = Content(raw)
        framed.border_subtitle = Content(raw)
        self.app.notify(raw, title=raw, markup=False, timeout=0.01)


def unsafe(pilot: Pilot[Any]) -> list[str]:
    """Every segment on the screen that could steer the terminal, or that bears a link."""
    strips = pilot.app.screen._compositor.render_strips()
    segments = [segment for strip in strips for segment in strip]
    return [
        segment.text for segment in segments if visible(segment.text) != segment.text or (segment.style or Style()).link
    ]


@pytest.fixture
def careless(workspace: Workspace, drive: Callable[..., None]) -> Callable[[list[str]], None]:
    def run(raws: list[str]) -> None:
        async def scene(pilot: Pilot[Any]) -> None:
            screen = Carelessly()
            await pilot.app.push_screen(screen)
            for raw in raws:
                screen.put(raw)
                await pilot.pause()
                assert not unsafe(pilot), raw

        drive(workspace, scene)

    return run


def test_what_is_put_raw_into_any_widget_is_made_safe(careless: Callable[[list[str]], None]) -> None:
    careless(list(HOSTILE))


@pytest.mark.slow
def test_every_control_and_format_character_of_unicode_is_made_safe_in_any_widget(
    careless: Callable[[list[str]], None],
) -> None:
    categories = ("Cc", "Cf", "Cs", "Zl", "Zp")
    letters = [chr(number) for number in range(sys.maxunicode + 1) if category(chr(number)) in categories]
    surrogates = [letter for letter in letters if category(letter) == "Cs"]
    others = "".join(letter for letter in letters if letter not in surrogates)
    careless([*(others[at : at + 60] for at in range(0, len(others), 60)), surrogates[0] + surrogates[-1]])


def test_without_the_guard_the_same_check_sees_what_leaks(
    workspace: Workspace, drive: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(VisibleOnly, "apply", lambda _self, segments, _background: segments)

    async def scene(pilot: Pilot[Any]) -> None:
        screen = Carelessly()
        await pilot.app.push_screen(screen)
        screen.put(HOSTILE[0])
        await pilot.pause()
        assert unsafe(pilot)

    drive(workspace, scene)


@given(TEXTS)
def test_each_character_of_a_line_becomes_exactly_one(text: str) -> None:
    style = Style(link="http://evil.example")
    (safe,) = VisibleOnly().apply([Segment(text, style)], Color(0, 0, 0))
    assert len(safe.text) == len(text)
    assert visible(safe.text) == safe.text
    assert safe.style is None or not safe.style.link


@given(TEXTS)
def test_every_sentence_and_page_that_quotes_data_is_safe_before_it_reaches_a_widget(text: str) -> None:
    for code in ("en", "ja"):
        told = language(code).say(
            "It failed ({status}): {message}. {hint} Then press r.", status=1, message=text, hint=text
        )
        assert visible(told) == told
        assert visible(language(code).say(text)) == language(code).say(text)
    writer = Writer()
    writer.write(text)
    shown = writer.page().text
    assert visible(shown.replace("\n", "")) == shown.replace("\n", "")


WINDOWS: dict[str, Callable[[Context, str], Any]] = {
    "reading": lambda context, raw: ReadingScreen(context, raw, [raw, raw]),
    "confirm": lambda context, raw: ConfirmScreen(context, raw, raw),
    "pick": lambda context, raw: PickScreen(context, raw, [raw, raw]),
    "type": lambda context, raw: TypeScreen(context, raw, raw, raw),
}


@pytest.mark.parametrize("name", WINDOWS)
def test_no_window_lets_data_through_or_takes_it_for_markup(
    name: str, workspace: Workspace, drive: Callable[..., None], screen_lines: Any
) -> None:
    async def scene(pilot: Pilot[Any]) -> None:
        for raw in ("".join(HOSTILE), HOSTILE[-2]):
            await pilot.app.push_screen(WINDOWS[name](pilot.app.context, raw))  # type: ignore[attr-defined]
            await pilot.pause()
            assert not unsafe(pilot)
            if raw.startswith("[link"):
                assert "[link=http" in "\n".join(screen_lines(pilot))
            pilot.app.pop_screen()

    drive(workspace, scene)


def test_hostile_names_of_files_are_listed_and_harmless(workspace: Workspace, drive, shown, tmp_path) -> None:
    folder = tmp_path / "stick"
    folder.mkdir()
    for number, raw in enumerate(HOSTILE):
        (folder / f"{number}{raw.replace('/', '_').replace(chr(0), '')}"[:80]).write_text("x")

    async def scene(pilot: Pilot[Any]) -> None:
        await pilot.app.push_screen(FileScreen(pilot.app.context, "x", folder))  # type: ignore[attr-defined]
        await shown(pilot, "0␛]52;c;")
        assert not unsafe(pilot)

    drive(workspace, scene)


def test_the_chart_and_the_table_show_hostile_values_as_text(living_run, workspace, drive, shown) -> None:
    for raw in HOSTILE:
        living_run.log.append("note", level=raw, message=raw)
        living_run.log.append("progress", step=raw, done=1, total=2, unit=raw)
    living_run.log.append("step_started", step=HOSTILE[0])
    living_run.log.append("failed", code=HOSTILE[0], exit_status=1, message=HOSTILE[1], hint=HOSTILE[2])

    async def scene(pilot: Pilot[Any]) -> None:
        assert pilot.app.screen.query_one(RunTable)
        assert not unsafe(pilot)
        await pilot.press("enter")
        await shown(pilot, "␛[2J")
        pilot.app.screen.query_one(LossChart).show((POINT,))
        await pilot.pause()
        assert not unsafe(pilot)

    drive(workspace, scene)
