"""The table of runs: draws the rows that are in sight and no other, so that a thousand runs cost as much as twenty.

Textual's own table measures every cell before it paints (0.6 s for 1,000 rows).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from appliance.core.sanitising import visible
from appliance.core.workspace import RunFolder
from tui.context import Context
from tui.language import message
from tui.watching import Listing, RunView
from tui.wording import STATUS_WORDS, bar, duration, fit, fit_right, gain, progress, seconds_left

UNKNOWN = "·"  # not looked at yet
BAR_CELLS = 5
# cells; the name takes what is left
ID, STEP, STATE, PROGRESS, ETA, RESULT = 8, 9, 11, 10, 6, 10
WIDE = 100  # cells from which on the result has room for words
NARROW_NAME = 8


@dataclass(frozen=True, slots=True)
class Columns:
    """The widths in cells: marker, id, name, step, state, progress, ETA, result."""

    name: int
    result: int

    @property
    def widths(self) -> tuple[int, ...]:
        """All widths in order, the marker first."""
        return (1, ID, self.name, STEP, STATE, PROGRESS, ETA, self.result)


def columns(width: int) -> Columns:
    """Share the width of the table among its columns."""
    result = RESULT + 14 if width >= WIDE else RESULT
    fixed = 1 + ID + STEP + STATE + PROGRESS + ETA + result + 7  # one blank between two
    return Columns(max(NARROW_NAME, width - fixed), result)


class RunTable(ScrollView, can_focus=True, inherit_bindings=False):
    """All runs with a cursor."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"table--header", "table--cursor", "table--failed", "table--waiting"}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,right", "choose", message("open"), id="runs.open"),
        Binding("down,j", "move(1)", message("next run"), show=False, id="runs.down"),
        Binding("up,k", "move(-1)", message("previous run"), show=False, id="runs.up"),
        Binding("pagedown", "move(10)", message("ten down"), show=False, id="runs.page-down"),
        Binding("pageup", "move(-10)", message("ten up"), show=False, id="runs.page-up"),
        Binding("home", "move(-1000000)", message("first run"), show=False, id="runs.first"),
        Binding("end", "move(1000000)", message("last run"), show=False, id="runs.last"),
    ]

    class Moved(Message):
        """Another run is under the cursor, or other rows are in sight."""

    class Chosen(Message):
        """The run under the cursor is to be opened."""

    def __init__(self, context: Context) -> None:
        super().__init__(id="table")
        self.context = context
        self._runs: Sequence[RunFolder] = ()
        self._listing = Listing((), {})
        self._cursor = 0
        self._shown: tuple[Listing, str] = (Listing((), {}), "")

    @property
    def selected(self) -> RunFolder | None:
        """The run under the cursor; None where the table is empty."""
        return self._runs[self._cursor] if self._runs else None

    @property
    def in_sight(self) -> tuple[str, ...]:
        """The ids of the runs that are drawn now."""
        top = self.scroll_offset.y
        return tuple(run.id for run in self._runs[top : top + max(1, self.size.height - 1)])

    def show(self, listing: Listing, wanted: str) -> None:
        """Show the runs whose id holds the wanted text; the cursor stays on its run."""
        if (listing, wanted) == self._shown and not any(view.is_alive for view in listing.views.values()):
            return  # nothing to paint: no clock runs either
        self._shown = (listing, wanted)
        before = self.selected
        self._listing = listing
        self._runs = [run for run in listing.runs if wanted in run.id.casefold()]
        ids = [run.id for run in self._runs]
        stays = before is not None and before.id in ids
        self._cursor = ids.index(before.id) if before and stays else min(self._cursor, max(0, len(ids) - 1))
        self.virtual_size = Size(self.size.width, len(self._runs) + 1)  # one for the header, which stays
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw the header or one run."""
        style = self.rich_style
        index = self.scroll_offset.y + y - 1
        if y == 0:
            header, text = self.get_component_rich_style("table--header"), self._header()
            return Strip([Segment(text, header)]).adjust_cell_length(self.size.width, header)
        if index >= len(self._runs):
            return Strip.blank(self.size.width, style)
        run = self._runs[index]
        view = self._listing.views.get(run.id)
        if index == self._cursor:
            style = self.get_component_rich_style("table--cursor")
        elif view and view.state.status in ("failed", "interrupted"):
            style += self.get_component_rich_style("table--failed", partial=True)
        elif view and view.state.status == "waiting":
            style += self.get_component_rich_style("table--waiting", partial=True)
        text = self._line(run, view, is_selected=index == self._cursor)
        return Strip([Segment(text, style)]).adjust_cell_length(self.size.width, style)

    def _header(self) -> str:
        say = self.context.say
        names = ("", "id", say("name"), say("step"), say("state"), say("progress"), "ETA", say("result"))
        return _row(names, columns(self.size.width))

    def _line(self, run: RunFolder, view: RunView | None, *, is_selected: bool) -> str:
        marker = ">" if is_selected else ""
        name, _, digest = run.id.rpartition("-")
        if view is None:
            return _row((marker, digest, name, *[UNKNOWN] * 5), columns(self.size.width))
        state, say = view.state, self.context.say
        share = progress(state)
        drawn = f"{bar(share, BAR_CELLS, is_ascii=self.context.is_ascii)}{int(share * 100):4d}%"
        left = duration(seconds) if (seconds := seconds_left(state, self.context.now())) else ""
        word = say(STATUS_WORDS[state.status])
        cells = (marker, digest, state.name or name, state.current, word, drawn, left, self._result(view))
        return _row(cells, columns(self.size.width))

    def _result(self, view: RunView) -> str:
        state = view.state
        if state.status == "failed":
            return self.context.say("exit {status}", status=state.exit_status)
        chosen = state.facts.get("verify", {}).get("chosen", "") if self.size.width >= WIDE else ""
        return f"{gain(state)} {chosen}".strip()

    def action_move(self, rows: int) -> None:
        """Move the cursor, and scroll so that it stays in sight."""
        self._cursor = min(max(0, self._cursor + rows), max(0, len(self._runs) - 1))
        top, height = self.scroll_offset.y, max(1, self.size.height - 1)
        if self._cursor < top:
            self.scroll_to(y=self._cursor, animate=False, immediate=True)
        elif self._cursor >= top + height:
            self.scroll_to(y=self._cursor - height + 1, animate=False, immediate=True)
        self.refresh()
        self.post_message(self.Moved())

    def action_choose(self) -> None:
        """Open the run under the cursor."""
        if self._runs:
            self.post_message(self.Chosen())

    def on_click(self, event: events.Click) -> None:
        """Select with one click, open with two."""
        index = self.scroll_offset.y + event.y - 1
        if event.y == 0 or index >= len(self._runs):
            return
        self.action_move(index - self._cursor)
        if event.chain == 2:
            self.action_choose()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Other rows are in sight: their states are wanted."""
        super().watch_scroll_y(old_value, new_value)
        self.refresh(Region(0, 0, self.size.width, self.size.height))
        self.post_message(self.Moved())


def _row(cells: Sequence[str], shared: Columns) -> str:
    """Every text is cut to its column by cells: a full-width letter takes two."""
    texts = [
        (fit_right if place == 6 else fit)(visible(text), width)
        for place, (text, width) in enumerate(zip(cells, shared.widths, strict=True))
    ]
    return " ".join(texts)
