"""Text with marked runs, wrapped by cells: only the rows in sight are drawn, so that length costs nothing.

A full-width letter is never cut in two; Latin words stay whole where they fit. Offsets count characters, so that a
caret and the edges of a finding are exact whatever is combined, wide or invisible.
"""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise
from typing import ClassVar, NamedTuple

from rich.cells import cell_len, get_character_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from appliance.core.sanitising import visible

LONGEST_WORD = 24  # characters that are carried to the next row


class Run(NamedTuple):
    """A range of characters that is drawn in a style of its own; runs do not overlap."""

    start: int
    end: int
    style: str


class Page(NamedTuple):
    """What is shown: text that is safe to show, and its runs in order."""

    text: str
    runs: tuple[Run, ...] = ()


class Writer:
    """Builds a page piece by piece."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._runs: list[Run] = []
        self.length = 0

    def write(self, text: str, style: str = "") -> None:
        """Add text; every character but a line end becomes exactly one visible character."""
        safe = "\n".join(map(visible, text.split("\n")))
        if style and safe:
            self._runs.append(Run(self.length, self.length + len(safe), style))
        self._pieces.append(safe)
        self.length += len(safe)

    def page(self) -> Page:
        """Return what was written."""
        return Page("".join(self._pieces), tuple(self._runs))


def rows(text: str, width: int) -> list[tuple[int, int]]:
    """Return the range of characters of each row, without line ends."""
    found: list[tuple[int, int]] = []
    start = 0
    for line in text.split("\n"):
        found += _wrapped(line, start, max(2, width))
        start += len(line) + 1
    return found


def _wrapped(line: str, start: int, width: int) -> list[tuple[int, int]]:
    if len(line) <= width and cell_len(line) <= width:
        return [(start, start + len(line))]
    found, begin, cells = [], 0, 0
    for place, character in enumerate(line):
        cells += get_character_cell_size(character)
        if cells > width:
            end = _word_start(line, begin, place)
            found.append((start + begin, start + end))
            begin, cells = end, cell_len(line[end : place + 1])
    return [*found, (start + begin, start + len(line))]


def _word_start(line: str, begin: int, place: int) -> int:
    """Return where the word at a place begins, if it is Latin and short; else the place."""
    if not line[place].isascii() or line[place] == " ":
        return place
    blank = line.rfind(" ", max(begin + 1, place - LONGEST_WORD), place)
    return blank + 1 if blank >= 0 and line[blank:place].isascii() else place


class PageView(ScrollView, can_focus=True, inherit_bindings=False):
    """Shows a page; `focus_at` keeps a character in sight."""

    DEFAULT_CSS = """
    PageView {
        & > .page--title { color: $text-muted; text-style: italic; }
        & > .page--open { color: $text-warning; text-style: bold; }
        & > .page--accepted { color: $text-success; }
        & > .page--rejected { color: $text-muted; }
        & > .page--marked { color: $text-success; text-style: bold; }
        & > .page--current { text-style: reverse bold; }
        & > .page--placeholder { color: $text-primary; }
        & > .page--caret { text-style: reverse; }
        & > .page--selected { text-style: bold underline; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"page--{style}"
        for style in ("title", "open", "accepted", "rejected", "marked", "current", "placeholder", "caret", "selected")
    }

    def __init__(self, id: str) -> None:  # noqa: A002 textual's name
        super().__init__(id=id)
        self._page = Page("")
        self._rows: list[tuple[int, int]] = []
        self._focused = 0

    def show(self, page: Page, focus_at: int = 0) -> None:
        """Show a page with the character `focus_at` in sight."""
        is_new = page.text != self._page.text
        self._page, self._focused = page, focus_at
        if is_new:
            self._lay_out()
        self._keep_in_sight()
        self.refresh()

    def row_of(self, offset: int) -> int:
        """Return the row of a character."""
        return max(0, bisect_right(self._rows, offset, key=lambda row: row[0]) - 1)

    def beside(self, offset: int, rows_down: int) -> int:
        """Return the character as many rows down, in the same cell or the one before it."""
        row = self.row_of(offset)
        cell = cell_len(self._page.text[self._rows[row][0] : offset])
        start, end = self._rows[min(len(self._rows) - 1, max(0, row + rows_down))]
        place = start
        while place < end and cell_len(self._page.text[start : place + 1]) <= cell:
            place += 1
        return place

    def on_resize(self) -> None:
        """Wrap anew."""
        self._lay_out()
        self._keep_in_sight()

    def _lay_out(self) -> None:
        width = self.scrollable_content_region.width or 80
        self._rows = rows(self._page.text, width)
        self.virtual_size = Size(width, len(self._rows))

    def _keep_in_sight(self) -> None:
        height, row = max(1, self.size.height), self.row_of(self._focused)
        if not self.scroll_offset.y <= row < self.scroll_offset.y + height:
            self.scroll_to(y=max(0, row - height // 2), animate=False, immediate=True)

    def render_line(self, y: int) -> Strip:
        """Draw one row."""
        number = self.scroll_offset.y + y
        if number >= len(self._rows):
            return Strip.blank(self.size.width, self.rich_style)
        segments = [Segment(text, self._style(style)) for text, style in self._pieces(*self._rows[number])]
        return Strip(segments).adjust_cell_length(self.size.width, self.rich_style)

    def _style(self, name: str) -> Style:
        return (
            self.rich_style + self.get_component_rich_style(f"page--{name}", partial=True) if name else self.rich_style
        )

    def _pieces(self, start: int, end: int) -> Sequence[tuple[str, str]]:
        """Cut a row at the edges of its runs."""
        runs = self._page.runs
        first = max(0, bisect_right(runs, start, key=lambda run: run.start) - 1)
        inside = []
        for run in runs[first:]:
            if run.start >= end:
                break
            if run.end > start:
                inside.append(Run(max(start, run.start), min(end, run.end), run.style))
        edges = sorted({start, end, *(edge for run in inside for edge in (run.start, run.end))})
        styles = {run.start: run.style for run in inside}
        return [(self._page.text[left:right], styles.get(left, "")) for left, right in pairwise(edges)]
