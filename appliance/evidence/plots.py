"""Plots as inline SVG: no script, no font of its own, black and one colour, readable on paper. Pure text."""

import html
import math
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 640
LEFT, RIGHT = 190, 20  # room for labels
ROW = 26
HEIGHT = 220  # of a curve
COLOURS = ("#1f5fa8", "#c0561a")


@dataclass(frozen=True, slots=True)
class Bar:
    """One value with its interval."""

    label: str
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Series:
    """One line of a curve."""

    label: str
    points: Sequence[tuple[float, float]]


def interval_plot(bars: Sequence[Bar], mark: float | None, title: str) -> str:
    """Return values as dots with their intervals, one below the other; `mark` is a dashed line, as a limit is."""
    ends = [end for bar in bars for end in (bar.low, bar.high)] + ([mark] if mark is not None else [])
    low, high = _widened(min(0.0, *ends), max(0.0, *ends))
    height = ROW * (len(bars) + 1) + 10
    parts = [_axis(low, high, height)]
    if mark is not None:
        at = _x(mark, low, high)
        parts.append(f'<line x1="{at:.1f}" x2="{at:.1f}" y1="2" y2="{height - ROW}" class="mark"/>')
    for number, bar in enumerate(bars):
        y = ROW * number + ROW / 2 + 2
        one, other, dot = (_x(value, low, high) for value in (bar.low, bar.high, bar.value))
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{html.escape(bar.label)}</text>')
        parts.append(f'<line x1="{one:.1f}" x2="{other:.1f}" y1="{y}" y2="{y}" class="bar"/>')
        parts.append(f'<circle cx="{dot:.1f}" cy="{y}" r="4" fill="{COLOURS[0]}"/>')
    return _svg(height, title, parts)


def curve_plot(series: Sequence[Series], across: str, title: str) -> str:
    """Return lines over steps, from 0 upwards, with their names in colour."""
    points = [point for each in series for point in each.points]
    if not points:
        return ""
    last, top = max(x for x, _ in points), max(y for _, y in points) * 1.05
    parts = [_axis(0.0, last, HEIGHT)]
    for step in _ticks(0.0, top):
        y = _y(step, top)
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" class="grid"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{step:g}</text>')
    for number, (each, colour) in enumerate(zip(series, COLOURS, strict=False)):
        line = " ".join(f"{_x(x, 0.0, last):.1f},{_y(y, top):.1f}" for x, y in each.points)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="1.6"/>')
        parts.append(f'<text x="8" y="{20 + 18 * number}" fill="{colour}">{html.escape(each.label)}</text>')
    parts.append(f'<text x="8" y="{HEIGHT - 12}">{html.escape(across)}</text>')
    return _svg(HEIGHT, title, parts)


@dataclass(frozen=True, slots=True)
class Band:
    """A place of a drawn curve, with the ends of its interval."""

    x: float
    value: float
    low: float
    high: float


def fit_plot(points: Sequence[Band], curve: Sequence[Band], across: str, title: str) -> str:
    """Return measured points with their intervals on a fitted curve with its band; each doubling is as wide."""
    first, last = min(band.x for band in curve), max(band.x for band in curve)
    top = max(band.high for band in (*points, *curve)) * 1.05 or 1.0
    parts = []
    for tick in _ticks(0.0, top):
        y = _y(tick, top)
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" class="grid"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{tick:g}</text>')

    def place(x: float, y: float) -> str:
        return f"{_x(math.log(x), math.log(first), math.log(last)):.1f},{_y(y, top):.1f}"

    around = [(band.x, band.high) for band in curve] + [(band.x, band.low) for band in reversed(curve)]
    band = " ".join(place(*corner) for corner in around)
    parts.append(f'<polygon points="{band}" fill="{COLOURS[0]}" fill-opacity="0.15"/>')
    line = " ".join(place(each.x, each.value) for each in curve)
    parts.append(f'<polyline points="{line}" fill="none" stroke="{COLOURS[0]}" stroke-width="1.6"/>')
    for point in points:
        (x, low), (_, middle), (_, high) = (
            place(point.x, end).split(",") for end in (point.low, point.value, point.high)
        )
        parts.append(f'<line x1="{x}" x2="{x}" y1="{low}" y2="{high}" stroke="{COLOURS[1]}" stroke-width="2"/>')
        parts.append(f'<circle cx="{x}" cy="{middle}" r="4" fill="{COLOURS[1]}"/>')
        parts.append(f'<text x="{x}" y="{HEIGHT - 10}" text-anchor="middle">{point.x:,.0f}</text>')
    parts.append(f'<text x="8" y="{HEIGHT - 12}">{html.escape(across)}</text>')
    return _svg(HEIGHT, title, parts)


def column_plot(columns: Sequence[tuple[str, int]], title: str) -> str:
    """Return counts as columns side by side, each with its label below and its count above."""
    highest, room = max(1, *(count for _, count in columns)), (WIDTH - 2 * RIGHT) / max(1, len(columns))
    parts = []
    for number, (label, count) in enumerate(columns):
        height = count / highest * (HEIGHT - ROW - 24)
        left, top = RIGHT + room * number + 2, HEIGHT - ROW - height
        parts.append(
            f'<rect x="{left:.1f}" y="{top:.1f}" width="{room - 4:.1f}" height="{height:.1f}" fill="{COLOURS[0]}"/>'
        )
        for y, told in ((HEIGHT - 8, label), (top - 5, f"{count:,}")):
            middle = left + room / 2 - 2
            parts.append(f'<text x="{middle:.1f}" y="{y:.1f}" text-anchor="middle">{html.escape(told)}</text>')
    return _svg(HEIGHT, title, parts)


def _axis(low: float, high: float, height: int) -> str:
    ticks = []
    for tick in _ticks(low, high):
        x = _x(tick, low, high)
        kind = "zero" if tick == 0 else "grid"
        ticks.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="2" y2="{height - ROW}" class="{kind}"/>')
        ticks.append(f'<text x="{x:.1f}" y="{height - 10}" text-anchor="middle">{tick:g}</text>')
    return "".join(ticks)


def _ticks(low: float, high: float) -> list[float]:
    """Return round numbers between the ends, four to nine of them."""
    width = (high - low) / 5
    power = 10 ** math.floor(math.log10(width))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= width)
    first = math.ceil(low / step - 1e-9)
    return [round(number * step, 10) for number in range(first, math.floor(high / step + 1e-9) + 1)]


def _widened(low: float, high: float) -> tuple[float, float]:
    room = (high - low) * 0.04 or 0.5
    return (low - room if low < 0 else low), high + room


def _x(value: float, low: float, high: float) -> float:
    return LEFT + (value - low) / (high - low) * (WIDTH - LEFT - RIGHT)


def _y(value: float, top: float) -> float:
    return HEIGHT - ROW - value / top * (HEIGHT - ROW - 8)


def _svg(height: int, title: str, parts: Sequence[str]) -> str:
    name = html.escape(title)
    body = "".join(parts)
    return f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{name}"><title>{name}</title>{body}</svg>'
