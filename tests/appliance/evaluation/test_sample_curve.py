import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from scipy import optimize, stats

from appliance.evaluation.sample_curve import POWERS, fit, sample_facts

SIZES = numpy.array([47.0, 93.0, 187.0, 373.0])
ERRORS = some.lists(some.floats(0, 1), min_size=4, max_size=4).map(numpy.array)


@settings(max_examples=30)
@given(ERRORS)
def test_the_fit_is_the_one_of_least_squares_that_scipy_finds(errors):
    found = fit(SIZES, errors)

    def left(values, power):
        level, scale = values
        share = SIZES / SIZES[-1]
        gone = numpy.log(share) if power == 0 else (1 - share**-power) / power
        return level - scale * gone - errors

    ours = float((left((found.level, found.scale), found.power) ** 2).sum())
    for power in (*POWERS[::8], found.power):
        theirs = optimize.least_squares(left, (0.5, 0.1), args=(power,))
        assert ours <= 2 * theirs.cost + 1e-9


@pytest.mark.parametrize("power", [0.3, 0.6, 1.0])
def test_a_power_law_with_a_floor_is_found_again(power):
    found = fit(SIZES, 0.1 + 5 * SIZES**-power)
    assert found.power == pytest.approx(power)
    assert found.error(746) == pytest.approx(0.1 + 5 * 746**-power, abs=1e-9)
    curve, _ = optimize.curve_fit(lambda n, a, b, c: a * n**-b + c, SIZES, 0.1 + 5 * SIZES**-power, p0=(4, power, 0))
    assert found.error(746) == pytest.approx(curve[0] * 746 ** -curve[1] + curve[2], abs=1e-6)


def test_a_line_in_the_logarithm_is_found_again():
    found = fit(SIZES, 0.9 - 0.1 * numpy.log(SIZES / 47))
    assert (found.power, found.scale) == (0, pytest.approx(0.1))
    assert found.error(47) == pytest.approx(0.9)
    assert fit(SIZES, 0.0 * SIZES).error(10**6) == 0.0


def _hits(errors, chance, lines=94):
    """Return right and wrong answers [points, lines] of lines that are easy or hard at all points."""
    hardness = 0.77 * chance.normal(size=lines) + 0.64 * chance.normal(size=(len(errors), lines))
    return (hardness > stats.norm.ppf(numpy.clip(errors, 1e-6, 1 - 1e-6))[:, None]).astype(int).tolist()


def _points(errors, chance):
    hits = _hits(errors, chance)
    return [{"examples": int(size), "worth": right} for size, right in zip(SIZES, hits, strict=True)]


CURVES = {
    "power": lambda n: 0.15 + 0.75 * (n / 47) ** -0.6,
    "line": lambda n: 0.95 - 0.16 * numpy.log(n / 47),
    "flat": lambda n: 0.4 + 0 * n,
    "late": lambda n: 1 / (1 + (n / 200) ** 1.5),
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", list(CURVES))
def test_the_interval_holds_the_gain_of_twice_the_examples_and_seldom_sees_one_that_is_not_there(kind):
    """Each training has a luck of its own (0.03), of which the bootstrap over lines alone knows nothing."""
    chance, curve = numpy.random.default_rng(21), CURVES[kind]
    truth = float(curve(373.0) - curve(746.0))
    facts = [sample_facts(_points(curve(SIZES) + chance.normal(0, 0.03, 4), chance), seed) for seed in range(100)]
    gains = [each["gain_of_twice"] for each in facts]
    assert sum(gain["low"] <= truth <= gain["high"] for gain in gains) >= 89
    assert (sum(each["pays"] for each in facts) <= 6) == (kind == "flat")


def test_where_nothing_changes_more_data_is_not_said_to_pay():
    facts = sample_facts([{"examples": size, "worth": [0, 1] * 20} for size in (10, 20, 40)], 7)
    assert not facts["pays"]
    assert facts["gain_of_twice"]["low"] <= 0 <= facts["gain_of_twice"]["high"]
    nothing = sample_facts([{"examples": size, "worth": [0] * 20} for size in (10, 20, 40)], 7)
    assert (nothing["pays"], nothing["gain_of_twice"]["value"]) == (False, 0.0)


def test_the_same_points_give_the_same_facts_and_the_curve_reaches_twice_the_examples():
    points = _points(CURVES["power"](SIZES), numpy.random.default_rng(3))
    facts = sample_facts(points, 7)
    assert facts == sample_facts(points, 7)
    assert facts != sample_facts(points, 8)
    assert (facts["curve"][0]["examples"], facts["curve"][-1]["examples"]) == (47, 746)
    assert all(0 <= each["low"] <= each["high"] <= 1 for each in facts["curve"])
    assert [point["score"]["samples"] for point in facts["points"]] == [94] * 4
