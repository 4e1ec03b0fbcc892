"""A window with text to read: the keys of a screen, or the frozen configuration of a run."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from appliance.core.sanitising import visible
from tui.context import Context
from tui.language import message
from tui.screens.localized import LocalizedModal


class ReadingScreen(LocalizedModal[None]):
    """Shows lines until it is closed."""

    CSS_PATH = "reading.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter,f10", "close", message("close"), id="reading.close"),
        Binding("down,j", "scroll(1)", message("down"), show=False, id="reading.down"),
        Binding("up,k", "scroll(-1)", message("up"), show=False, id="reading.up"),
        Binding("pagedown,space", "scroll(15)", message("page down"), show=False, id="reading.page-down"),
        Binding("pageup", "scroll(-15)", message("page up"), show=False, id="reading.page-up"),
    ]

    def __init__(self, context: Context, title: str, lines: list[str]) -> None:
        super().__init__(context)
        self._title, self._lines = title, lines

    def compose(self) -> ComposeResult:
        """One scrolling window; the lines may come from anywhere."""
        with VerticalScroll(id="window") as window:
            window.border_title = Content(visible(self._title))
            window.border_subtitle = Content(self.say("Esc closes"))
            yield Static(Content("\n".join(visible(line) for line in self._lines)))

    def action_scroll(self, lines: int) -> None:
        """Scroll by lines."""
        self.query_one("#window", VerticalScroll).scroll_relative(y=lines, animate=False)

    def action_close(self) -> None:
        """Go back."""
        self.dismiss(None)
