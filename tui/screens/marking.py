"""A window in which a reviewer marks a place of the original: move to its beginning, Enter, to its end, Enter."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from appliance.core.sanitising import visible
from appliance.reviewing.session import Marked
from tui.context import Context
from tui.language import message
from tui.screens.localized import LocalizedModal
from tui.widgets.page import PageView, Run, Writer

FAR = 1_000_000


class MarkScreen(LocalizedModal[Marked | None]):
    """Returns the marked place with an empty kind, or None."""

    CSS_PATH = "marking.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "set", message("set beginning, then end"), id="mark.set"),
        Binding("left", "move(-1)", message("left"), show=False, id="mark.left"),
        Binding("right", "move(1)", message("right"), show=False, id="mark.right"),
        Binding("ctrl+left,pageup", "word(-1)", message("previous word"), show=False, id="mark.previous-word"),
        Binding("ctrl+right,pagedown", "word(1)", message("next word"), show=False, id="mark.next-word"),
        Binding("up", "rows(-1)", message("row up"), show=False, id="mark.up"),
        Binding("down", "rows(1)", message("row down"), show=False, id="mark.down"),
        Binding("home", f"move(-{FAR})", message("to the beginning"), show=False, id="mark.home"),
        Binding("end", f"move({FAR})", message("to the end"), show=False, id="mark.end"),
        Binding("tab", "column", message("next column"), id="mark.column"),
        Binding("escape,f10", "cancel", message("cancel"), id="mark.cancel"),
    ]

    def __init__(self, context: Context, columns: dict[str, str], at: Marked | None) -> None:
        """Begin at a place; one that has an end is being corrected: its beginning is set and its end moves."""
        super().__init__(context)
        self._columns = {name: text for name, text in columns.items() if text}
        self._column = at.column if at else next(iter(self._columns))
        self._anchor = at.start if at and at.end > at.start else None
        self._caret = (at.end if self._anchor is not None else at.start) if at else 0

    def compose(self) -> ComposeResult:
        """The text, and what to do."""
        with Vertical(id="window") as window:
            window.border_title = Content(self.say("Mark a place"))
            window.border_subtitle = Content(self.say("Esc cancels"))
            yield Static(id="advice")
            yield PageView(id="marking")

    def on_mount(self) -> None:
        """Show the caret."""
        self.query_one(PageView).focus()
        self.call_after_refresh(self._show)

    @property
    def _text(self) -> str:
        return self._columns[self._column]

    @property
    def _range(self) -> tuple[int, int]:
        anchor = self._caret if self._anchor is None else self._anchor
        return min(anchor, self._caret), max(anchor, self._caret)

    def _show(self) -> None:
        writer, starts = Writer(), {}
        for name, text in self._columns.items():
            writer.write(f"{name}:", "title")
            writer.write("\n")
            starts[name] = writer.length
            writer.write(f"{text} \n")
        self._start = starts[self._column]
        page, (low, high) = writer.page(), self._range
        marks = [Run(self._start + low, self._start + high, "selected")] if high > low else []
        caret = self._start + self._caret
        marks = [run for run in marks if run.start != caret] + [Run(caret, caret + 1, "caret")]
        if high > low and self._caret == low:
            marks.append(Run(caret + 1, self._start + high, "selected"))
        runs = tuple(sorted((*page.runs, *(run for run in marks if run.end > run.start))))
        self.query_one(PageView).show(page._replace(runs=runs), caret)
        self.query_one("#advice", Static).update(Content(self._advice()))

    def _advice(self) -> str:
        low, high = self._range
        if self._anchor is None:
            return self.say("Arrows to its first letter, then Enter. Tab: next column.")
        chosen = visible(self._text[low:high])
        return self.say("Arrows to behind its last letter, then Enter:  {chosen}", chosen=chosen)

    def _moved_to(self, place: int) -> None:
        self._caret = min(max(0, place), len(self._text))
        self._show()

    def action_move(self, characters: int) -> None:
        """Move by characters."""
        self._moved_to(self._caret + characters)

    def action_word(self, direction: int) -> None:
        """Move to where letters, digits and signs, or scripts, meet."""
        place = self._caret + direction
        while 0 < place < len(self._text) and _sort(self._text[place - 1]) == _sort(self._text[place]):
            place += direction
        self._moved_to(place)

    def action_rows(self, rows: int) -> None:
        """Move by rows of the screen, inside of the column."""
        self._moved_to(self.query_one(PageView).beside(self._start + self._caret, rows) - self._start)

    def action_column(self) -> None:
        """Go to the next column."""
        names = list(self._columns)
        self._column = names[(names.index(self._column) + 1) % len(names)]
        self._anchor, self._caret = None, 0
        self._show()

    def action_set(self) -> None:
        """Set the beginning; then the end, which closes the window."""
        low, high = self._range
        if self._anchor is None:
            self._anchor = self._caret
            self._show()
        elif high > low:
            self.dismiss(Marked(self._column, low, high, ""))

    def action_cancel(self) -> None:
        """Mark nothing."""
        self.dismiss(None)


def _sort(character: str) -> str:
    """Words end where the script changes: kanji beside kana, digits beside letters."""
    if character.isdigit():
        return "digit"
    if character.isascii():
        return "latin" if character.isalpha() else "sign"
    code = ord(character)
    return "hiragana" if 0x3040 <= code < 0x30A0 else "katakana" if 0x30A0 <= code < 0x3100 else "other"
