"""A window to type one line: a name, a path, a number."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from appliance.core.sanitising import visible
from tui.context import Context
from tui.language import message
from tui.screens.localized import LocalizedModal


class TypeScreen(LocalizedModal[str | None]):
    """Returns what was typed, without blanks around it, or None."""

    CSS_PATH = "typing.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f10", "cancel", message("cancel"), id="type.cancel"),
        Binding("tab,shift+tab", "stay", message("stay"), show=False, id="type.stay"),
    ]

    def __init__(self, context: Context, title: str, value: str = "", advice: str = "") -> None:
        super().__init__(context)
        self._title, self._value, self._advice = title, value, advice

    def compose(self) -> ComposeResult:
        """One line to type, and advice."""
        with Vertical(id="window") as window:
            window.border_title = Content(visible(self._title))
            window.border_subtitle = Content(self.say("Enter keeps, Esc cancels"))
            if self._advice:
                yield Static(Content("\n".join(map(visible, self._advice.split("\n")))))
            yield Input(visible(self._value), select_on_focus=False)

    def on_mount(self) -> None:
        """Type at once."""
        self.query_one(Input).focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Return what was typed."""
        self.dismiss(event.value.strip())

    def action_cancel(self) -> None:
        """Keep what was there."""
        self.dismiss(None)

    def action_stay(self) -> None:
        """There is nothing else to go to."""
