"""Screen 8, Doctor and settings: what this machine can do and how to mend it; language, theme, plain characters."""

import asyncio
from collections.abc import Iterator
from contextlib import aclosing
from dataclasses import replace
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from appliance import service
from appliance.core.errors import ApplianceError
from appliance.core.wrapping import cells, wrapped
from appliance.questions.doctor import Finding, quick_checks
from tui.context import Context
from tui.language import message
from tui.preferences import THEMES, Preferences, load_preferences, preferences_file, save_preferences
from tui.screens.localized import LocalizedScreen
from tui.streaming import streamed
from tui.widgets.key_line import KeyLine
from tui.wording import fit

MARK, NAME = 6, 17  # cells
MARKS = {"pass": "PASS", "warn": "WARN", "fail": "FAIL"}


class DoctorScreen(LocalizedScreen[None]):
    """Checks appear as they are known; the slow ones run in a child process."""

    CSS_PATH = "doctor.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r,f5", "examine", message("check again"), id="doctor.examine"),
        Binding("g,f2", "language", message("日本語/English"), id="doctor.language"),
        Binding("t,f3", "theme", message("theme"), id="doctor.theme"),
        Binding("i,f4", "plain", message("plain ASCII"), id="doctor.ascii"),
        Binding("down,j", "scroll(1)", message("down"), show=False, id="doctor.down"),
        Binding("up,k", "scroll(-1)", message("up"), show=False, id="doctor.up"),
        Binding("escape,q,f10", "leave", message("back"), id="doctor.back"),
    ]

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._found: list[Finding] = []
        self._is_looking = False

    def compose(self) -> ComposeResult:
        """The checks, the settings, the keys."""
        yield Static(id="head")
        with VerticalScroll(id="checks"):
            yield Static()
        yield Static(id="settings")
        yield KeyLine()

    def on_mount(self) -> None:
        """Look at once."""
        self.query_one("#checks").border_title = Content(self.say("This machine"))
        self.query_one("#settings").border_title = Content(self.say("Settings"))
        self.query_one("#checks").focus()
        self.action_examine()

    @work(exclusive=True)
    async def action_examine(self) -> None:
        """Check everything; the libraries are tried in a child process."""
        self._found = await asyncio.to_thread(lambda: list(quick_checks(self.context.workspace)))
        self._is_looking = True
        self._show()
        lines = service.probes()
        try:
            if lines is not None:
                async with aclosing(streamed(lines)) as told:
                    async for line in told:
                        self._found.append(Finding(**line))
                        self._show()
        except ApplianceError as error:
            self.tell_error(error, self.say("Not checked"))
        self._is_looking = False
        self._show()

    def _show(self) -> None:
        if not self.is_attached:
            return
        lines = [line for found in self._found for line in self._lines(found)]
        if self._is_looking:
            lines.append(self.say("trying the libraries; this takes a minute …"))
        self.put("#checks Static", "\n".join(lines))
        counts = {mark: sum(MARKS[found.result] == mark for found in self._found) for mark in MARKS.values()}
        head = self.say("8 Doctor · {PASS} PASS · {WARN} WARN · {FAIL} FAIL", **counts)
        self.put("#head", head)
        told = self.say("language {code} · theme {theme}", code=self.context.language.code, theme=self.app.theme)
        file = self.say("kept in {file}", file=preferences_file())
        self.put("#settings", f"{told}\n{file}")

    def _lines(self, found: Finding) -> Iterator[str]:
        """What goes on below begins under what it is a part of."""
        width = self.line_width
        first = f"{MARKS[found.result]}  {fit(self.say(found.name), NAME)} {self.say(found.found)}"
        yield from wrapped(first, width, MARK + NAME + 1)
        if found.hint:
            told, label = self.say("do: {hint}", hint=self.say(found.hint)), self.say("do: {hint}", hint="")
            yield from wrapped(" " * MARK + told, width, MARK + cells(label))

    def on_resize(self) -> None:
        """Break the lines anew."""
        self._show()

    def _liked(self) -> Preferences:
        return load_preferences(preferences_file())

    def _keep(self, liked: Preferences) -> None:
        if not save_preferences(preferences_file(), liked):
            self.app.notify(self.say("The settings could not be kept."), severity="warning", markup=False)

    def action_language(self) -> None:
        """Speak the other language; the screens are opened anew, no run is touched."""
        other = replace(self._liked(), language="en" if self.context.language.code == "ja" else "ja")
        self._keep(other)
        self.app.exit(other)

    def action_theme(self) -> None:
        """Take the next theme."""
        at = THEMES.index(self.app.theme) if self.app.theme in THEMES else -1
        self.app.theme = THEMES[(at + 1) % len(THEMES)]
        self._keep(replace(self._liked(), theme=self.app.theme))
        self._show()

    def action_plain(self) -> None:
        """Draw with plain ASCII characters, or with all; the screens are opened anew."""
        other = replace(self._liked(), is_ascii=not self.context.is_ascii)
        self._keep(other)
        self.app.exit(other)

    def action_scroll(self, lines: int) -> None:
        """Scroll by lines."""
        self.query_one("#checks", VerticalScroll).scroll_relative(y=lines, animate=False)
