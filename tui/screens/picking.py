"""A window with a list to pick one of: arrows and Enter, or a number."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from appliance.core.sanitising import visible
from tui.context import Context
from tui.language import message
from tui.screens.localized import LocalizedModal


class PickScreen(LocalizedModal[int | None]):
    """Returns the number of what was picked, counted from 0, or None."""

    CSS_PATH = "picking.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,f10", "cancel", message("cancel"), id="pick.cancel"),
        Binding("down", "move(1)", message("down"), show=False, id="pick.down"),
        Binding("up", "move(-1)", message("up"), show=False, id="pick.up"),
        *(
            Binding(f"{n},alt+{n}", f"number({n})", message("pick by number"), show=False, id=f"pick.{n}")
            for n in range(1, 10)
        ),
    ]

    def __init__(self, context: Context, title: str, lines: list[str], chosen: int = 0) -> None:
        super().__init__(context)
        self._title, self._lines, self._chosen = title, lines, chosen

    def compose(self) -> ComposeResult:
        """One list; its lines may come from anywhere."""
        with Vertical(id="window") as window:
            window.border_title = Content(visible(self._title))
            window.border_subtitle = Content(self.say("Enter picks, Esc cancels"))
            numbered = (f"{number}  " if number < 10 else "   " for number in range(1, len(self._lines) + 1))
            yield OptionList(
                *(Option(Content(sign + visible(line))) for sign, line in zip(numbered, self._lines, strict=True))
            )

    def on_mount(self) -> None:
        """Begin at what is chosen now."""
        self.query_one(OptionList).highlighted = self._chosen
        self.query_one(OptionList).focus()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Return the option."""
        self.dismiss(event.option_index)

    def action_number(self, number: int) -> None:
        """Pick by number."""
        if number <= len(self._lines):
            self.dismiss(number - 1)

    def action_move(self, rows: int) -> None:
        """Move the cursor."""
        options = self.query_one(OptionList)
        options.action_cursor_down() if rows > 0 else options.action_cursor_up()

    def action_cancel(self) -> None:
        """Pick nothing."""
        self.dismiss(None)
