"""The learning curve lands where it should, in the cells that there are."""

import math
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.run_state import CurvePoint
from tui.widgets.chart import best_valid, draw


def point(step: int, loss: float, valid: float | None = None, steps: int = 100) -> CurvePoint:
    return CurvePoint(step, steps, 0.0, loss, valid, 1e-4, 1.0, 100.0, 10**9, None)


def falling(count: int) -> list[CurvePoint]:
    return [point(step, 3 - 2 * step / count, None, count) for step in range(1, count + 1)]


@given(
    st.lists(st.tuples(st.floats(-1e3, 1e3), st.none() | st.floats(-1e3, 1e3)), max_size=30),
    st.integers(0, 60),
    st.integers(0, 20),
    st.booleans(),
    st.booleans(),
)
def test_every_line_has_the_width_and_every_chart_the_height(losses, width, height, is_log, is_ascii) -> None:
    curve = [point(step, loss, valid) for step, (loss, valid) in enumerate(losses, 1)]
    lines = draw(curve, width, height, is_log=is_log, is_ascii=is_ascii)
    assert [len(line) for line in lines] == [width] * height


def test_a_falling_curve_begins_high_on_the_left_and_ends_low_on_the_right() -> None:
    lines = draw(falling(100), 26, 6, is_log=False, is_ascii=True)
    assert lines[0].startswith(" 2.98|.")
    assert lines[4].startswith("    1|")
    assert lines[4].endswith(".")
    assert lines[5].split() == ["1", "100"]


def test_a_logarithmic_axis_gives_the_first_steps_more_room() -> None:
    curve = [point(step, 1.0 if step > 10 else 2.0) for step in range(1, 101)]
    linear = draw(curve, 46, 5, is_log=False, is_ascii=True)
    logarithmic = draw(curve, 46, 5, is_log=True, is_ascii=True)
    assert logarithmic[0].count(".") > 3 * linear[0].count(".")


def test_the_best_held_out_loss_is_marked_among_the_others() -> None:
    curve = [point(step, 2.0, 1.0 + abs(step - 60) / 50 if step % 20 == 0 else None) for step in range(1, 101)]
    text = "\n".join(draw(curve, 60, 10, is_log=False, is_ascii=False))
    assert best_valid(curve) == curve[59]
    assert (text.count("o"), text.count("@")) == (4, 1)


def test_braille_is_used_only_where_the_terminal_has_it() -> None:
    assert any("\u2801" <= cell <= "\u28ff" for cell in "".join(draw(falling(9), 30, 6, is_log=False, is_ascii=False)))
    assert "".join(draw(falling(9), 30, 6, is_log=False, is_ascii=True)).isascii()


@pytest.mark.parametrize("loss", [math.nan, math.inf])
def test_a_loss_that_is_no_number_is_left_out(loss: float) -> None:
    assert draw([point(1, 1.0), point(2, loss), point(3, 2.0)], 30, 6, is_log=False, is_ascii=True)
    assert best_valid([point(1, 1.0, loss)]) is None


def test_fifty_thousand_points_are_thinned_before_they_are_drawn() -> None:
    curve, started = falling(50_000), time.perf_counter()
    draw(curve, 120, 30, is_log=True, is_ascii=False)
    assert time.perf_counter() - started < 2.0  # measured: 0.1 s
