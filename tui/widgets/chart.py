"""The learning curve, drawn with braille dots, or with plain ASCII where the terminal has no braille.

The curve is thinned to the columns that there are before anything is drawn: 50,000 points cost as much as 200.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rich.cells import cell_len

from appliance.core.run_state import CurvePoint
from tui.wording import fit, fit_right

# bits of the eight dots of a braille cell, [row][column]; Unicode 15, chapter 21.1
BRAILLE = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
BLANK_BRAILLE = 0x2800
LABEL_CELLS = 5  # of the y axis
TRAIN_ASCII, HELD_OUT, BEST = ".", "o", "@"
MIN_WIDTH, MIN_HEIGHT = 12, 3


@dataclass(frozen=True, slots=True)
class Frame:
    """Where values land: the data's ranges and the plot's size in cells."""

    low: float
    high: float
    first: float
    last: float
    width: int
    height: int
    is_log: bool

    def across(self, step: float, dots: int) -> int:
        """Return the column of a step among `dots` columns a cell."""
        start, end, value = (self._scaled(number) for number in (self.first, self.last, step))
        share = (value - start) / (end - start) if end > start else 0.0
        return min(self.width * dots - 1, max(0, round(share * (self.width * dots - 1))))

    def down(self, loss: float, dots: int) -> int:
        """Return the row of a loss among `dots` rows a cell, the highest loss at the top."""
        share = (self.high - loss) / (self.high - self.low) if self.high > self.low else 0.5
        return min(self.height * dots - 1, max(0, round(share * (self.height * dots - 1))))

    def _scaled(self, step: float) -> float:
        return math.log(max(step, 1.0)) if self.is_log else step


def best_valid(curve: Sequence[CurvePoint]) -> CurvePoint | None:
    """Return the point with the lowest held-out loss, or None where none was measured."""
    measured = [point for point in curve if point.valid_loss is not None and math.isfinite(point.valid_loss)]
    return min(measured, key=lambda point: point.valid_loss or 0.0, default=None)


def draw(curve: Sequence[CurvePoint], width: int, height: int, *, is_log: bool, is_ascii: bool) -> list[str]:
    """Return `height` lines of `width` cells: y labels, plot, and a last line with the steps."""
    curve = [point for point in curve if math.isfinite(point.loss)]
    if not curve or width < MIN_WIDTH or height < MIN_HEIGHT:
        return [" " * max(0, width)] * max(0, height)
    frame = _frame(curve, width - LABEL_CELLS - 1, height - 1, is_log=is_log)
    plot = _train(curve, frame, is_ascii=is_ascii)
    for row, column, mark in _marks(curve, frame):
        plot[row][column] = mark
    edge = "|" if is_ascii else "│"
    labels = _labels(frame)
    lines = [f"{labels.get(row, ' ' * LABEL_CELLS)}{edge}{''.join(cells)}" for row, cells in enumerate(plot)]
    return [*lines, _steps(frame, width)]


def _frame(curve: Sequence[CurvePoint], width: int, height: int, *, is_log: bool) -> Frame:
    losses = [point.loss for point in curve]
    losses += [point.valid_loss for point in curve if point.valid_loss is not None and math.isfinite(point.valid_loss)]
    # the axis ends where the training will, so that the curve grows into the empty part
    last = max(curve[-1].step, curve[-1].steps)
    return Frame(min(losses), max(losses), curve[0].step, last, width, height, is_log)


def _train(curve: Sequence[CurvePoint], frame: Frame, *, is_ascii: bool) -> list[list[str]]:
    dots_across, dots_down = (1, 1) if is_ascii else (2, 4)
    bits = [[0] * frame.width for _ in range(frame.height)]
    for x, y in _joined(_thinned(curve, frame, dots_across, dots_down)):
        bits[y // dots_down][x // dots_across] |= 1 if is_ascii else BRAILLE[y % 4][x % 2]
    return [[_cell(dots, is_ascii=is_ascii) for dots in row] for row in bits]


def _cell(dots: int, *, is_ascii: bool) -> str:
    if not dots:
        return " "
    return TRAIN_ASCII if is_ascii else chr(BLANK_BRAILLE + dots)


def _thinned(curve: Sequence[CurvePoint], frame: Frame, across: int, down: int) -> list[tuple[int, int]]:
    """One dot a column: the mean of the losses that fall into it."""
    sums: dict[int, tuple[float, int]] = {}
    for point in curve:
        column = frame.across(point.step, across)
        total, count = sums.get(column, (0.0, 0))
        sums[column] = (total + point.loss, count + 1)
    return [(column, frame.down(total / count, down)) for column, (total, count) in sorted(sums.items())]


def _joined(dots: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield the dots and those between neighbours, so that a steep curve stays one line."""
    yield from dots[:1]
    for (x0, y0), (x1, y1) in pairwise(dots):
        length = max(x1 - x0, abs(y1 - y0))
        yield from ((x0 + round((x1 - x0) * i / length), y0 + round((y1 - y0) * i / length)) for i in range(length + 1))


def _marks(curve: Sequence[CurvePoint], frame: Frame) -> Iterator[tuple[int, int, str]]:
    """Yield (row, column, mark) of the held-out losses, the best one last."""
    best = best_valid(curve)
    for point in curve:
        if point.valid_loss is not None and math.isfinite(point.valid_loss):
            yield frame.down(point.valid_loss, 1), frame.across(point.step, 1), HELD_OUT
    if best and best.valid_loss is not None:
        yield frame.down(best.valid_loss, 1), frame.across(best.step, 1), BEST


def _labels(frame: Frame) -> dict[int, str]:
    middle = frame.height // 2
    rows = {frame.height - 1: frame.low, 0: frame.high}
    if frame.height >= 5:
        rows[middle] = frame.high - (frame.high - frame.low) * middle / (frame.height - 1)
    return {row: fit_right(f"{loss:.4g}"[:LABEL_CELLS], LABEL_CELLS) for row, loss in rows.items()}


def _steps(frame: Frame, width: int) -> str:
    first, last = f"{frame.first:.0f}", f"{frame.last:.0f}"
    start = " " * (LABEL_CELLS + 1) + first
    return fit(start + fit_right(last, max(0, width - cell_len(start))), width)
