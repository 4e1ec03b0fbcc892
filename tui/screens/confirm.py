"""A question before something is stopped; doing nothing is the default."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Static

from tui.context import Context
from tui.language import message
from tui.screens.localized import LocalizedModal


class ConfirmScreen(LocalizedModal[bool]):
    """Returns True only where the person chose so."""

    CSS_PATH = "confirm.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y,f8", "answer(True)", message("yes"), id="confirm.yes"),
        Binding("n,escape,q,f10", "answer(False)", message("no"), id="confirm.no"),
    ]

    def __init__(self, context: Context, question: str, yes: str) -> None:
        super().__init__(context)
        self._question, self._yes = question, yes

    def compose(self) -> ComposeResult:
        """The question and two buttons; the harmless one has the focus."""
        with Vertical(id="window"):
            yield Static(Content(self._question), id="question")
            with Horizontal():
                yield Button(Content(self.say("Cancel (n)")), id="no")
                yield Button(Content(f"{self._yes} (y)"), id="yes", variant="warning")

    def on_mount(self) -> None:
        """Enter, pressed by habit, must not stop anything."""
        self.query_one("#no").focus()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Answer with the button."""
        self.dismiss(event.button.id == "yes")

    def action_answer(self, is_confirmed: bool) -> None:
        """Answer with a key."""
        self.dismiss(is_confirmed)
