import re
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as some

from appliance.evidence.plots import (
    HEIGHT,
    LEFT,
    WIDTH,
    Band,
    Bar,
    Series,
    column_plot,
    curve_plot,
    fit_plot,
    interval_plot,
)

VALUES = some.floats(-20, 20)


@given(some.lists(some.tuples(VALUES, VALUES, VALUES).map(sorted), min_size=1, max_size=6), some.none() | VALUES)
def test_every_mark_lies_inside_of_the_picture(rows, mark):
    picture = interval_plot([Bar("増分 <&>", row[1], row[0], row[2]) for row in rows], mark, "gain & 損失")
    ElementTree.fromstring(picture)
    places = [float(found) for found in re.findall(r'(?:x1|x2|cx)="([^"]+)"', picture)]
    assert all(LEFT - 1 <= place <= WIDTH for place in places)


def test_a_larger_value_lies_further_right():
    picture = interval_plot([Bar("a", 0.1, 0.0, 0.2), Bar("b", 0.5, 0.4, 0.6)], None, "x")
    first, second = (float(found) for found in re.findall(r'cx="([^"]+)"', picture))
    assert first < second


def test_a_lower_loss_lies_lower():
    picture = curve_plot([Series("損失", [(1, 5.0), (2, 1.0)])], "steps", "curve")
    ElementTree.fromstring(picture)
    points = re.search(r'points="([^"]+)"', picture)[1].split()
    heights = [float(point.split(",")[1]) for point in points]
    assert heights[0] < heights[1]


@pytest.mark.parametrize("points", [[], [(1.0, 2.0)]])
def test_a_curve_of_few_points_is_drawn_or_left_out(points):
    picture = curve_plot([Series("x", points)], "steps", "curve")
    assert bool(picture) == bool(points)


def test_a_higher_count_is_a_higher_column():
    picture = column_plot([("3–11 字", 200), ("12–20 <&>", 50), ("none", 0)], "長さ")
    ElementTree.fromstring(picture)
    heights = [float(found) for found in re.findall(r'<rect [^>]*height="([^"]+)"', picture)]
    assert heights[0] == pytest.approx(4 * heights[1], abs=0.2)
    assert heights[2] == 0


@given(
    some.lists(some.tuples(some.floats(0, 1), some.floats(0, 1), some.floats(0, 1)).map(sorted), min_size=3, max_size=6)
)
def test_a_fit_and_its_points_lie_inside_of_the_picture_each_doubling_as_wide(rows):
    bands = [Band(50.0 * 2**number, row[1], row[0], row[2]) for number, row in enumerate(rows)]
    picture = fit_plot(bands, bands, "例の数", "fit & 誤り")
    ElementTree.fromstring(picture)
    places = [float(found) for found in re.findall(r'cx="([^"]+)"', picture)]
    heights = [float(found) for found in re.findall(r'cy="([^"]+)"', picture)]
    assert all(LEFT - 1 <= place <= WIDTH for place in places)
    assert all(0 <= height <= HEIGHT for height in heights)
    steps = [after - before for before, after in pairwise(places)]
    assert max(steps) - min(steps) < 0.3
