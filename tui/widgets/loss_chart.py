"""The chart of the train monitor as a widget: two colours, and two signs for those who see no colour."""

from collections.abc import Sequence
from itertools import groupby
from typing import ClassVar

from rich.segment import Segment
from textual.content import Content
from textual.strip import Strip
from textual.widget import Widget

from appliance.core.run_state import CurvePoint
from tui.context import Context
from tui.widgets.chart import BEST, HELD_OUT, LABEL_CELLS, TRAIN_ASCII, best_valid, draw

TRAIN = "⠤"


class LossChart(Widget):
    """Training and held-out loss over the steps, in nats per token."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"chart--train", "chart--held-out"}

    def __init__(self, context: Context) -> None:
        super().__init__(id="chart")
        self.context = context
        self._curve: Sequence[CurvePoint] = ()
        self._lines: list[str] = []
        self.is_log = False

    def show(self, curve: Sequence[CurvePoint]) -> None:
        """Draw a curve; one that did not grow is not drawn again."""
        if curve is not self._curve:
            self._curve = curve
            self._redraw()

    def toggle_log(self) -> None:
        """Switch the axis of the steps between linear and logarithmic."""
        self.is_log = not self.is_log
        self._redraw()

    def on_resize(self) -> None:
        """Draw for the new size."""
        self._redraw()

    def _redraw(self) -> None:
        width, height = self.content_size
        plain = self.context.is_ascii
        self._lines = draw(self._curve, width, height, is_log=self.is_log, is_ascii=plain)
        self.border_title = Content(self._legend())
        self.border_subtitle = Content("log-x" if self.is_log else "")
        self.refresh()

    def _legend(self) -> str:
        say = self.context.say
        train = TRAIN_ASCII if self.context.is_ascii else TRAIN
        legend = say("loss  {train} train  {held_out} held-out", train=train, held_out=HELD_OUT)
        best = best_valid(self._curve)
        if best is None or best.valid_loss is None:
            return legend
        return legend + say("  {mark} best {loss} @{step}", mark=BEST, loss=f"{best.valid_loss:.3f}", step=best.step)

    def render_line(self, y: int) -> Strip:
        """Draw one line; the marks of the held-out loss get their own colour."""
        plain = self.rich_style
        if y >= len(self._lines):
            return Strip.blank(self.content_size.width, plain)
        train = plain + self.get_component_rich_style("chart--train", partial=True)
        held_out = plain + self.get_component_rich_style("chart--held-out", partial=True)
        label, plot = self._lines[y][: LABEL_CELLS + 1], self._lines[y][LABEL_CELLS + 1 :]
        if y == len(self._lines) - 1:
            return Strip([Segment(label + plot, plain)])
        runs = groupby(plot, key=lambda character: character in (HELD_OUT, BEST))
        coloured = [Segment("".join(characters), held_out if is_mark else train) for is_mark, characters in runs]
        return Strip([Segment(label, plain), *coloured])
