import numpy
import pytest
from scipy import stats

from appliance.training.keyed_chance import KeyedChance

KEY = bytes(range(64))


def test_the_same_key_and_purpose_give_the_same_numbers_and_no_others_do():
    first, again = (KeyedChance(KEY, "noise:1").normal(1001) for _ in range(2))
    assert numpy.array_equal(first, again)
    for other in (KeyedChance(KEY, "noise:2"), KeyedChance(KEY[::-1], "noise:1")):
        assert abs(numpy.corrcoef(first, other.normal(1001))[0, 1]) < 0.15


def test_a_stream_goes_on_and_does_not_begin_anew():
    chance = KeyedChance(KEY, "x")
    assert not numpy.array_equal(chance.uniform(50), chance.uniform(50))


def test_uniform_numbers_are_even_from_0_to_below_1():
    drawn = KeyedChance(KEY, "x").uniform(200_000)
    assert drawn.min() >= 0
    assert drawn.max() < 1
    assert stats.kstest(drawn, "uniform").pvalue > 1e-3


@pytest.mark.parametrize("count", [0, 1, 7])
def test_as_many_are_drawn_as_are_asked_for(count):
    assert KeyedChance(KEY, "x").normal(count).shape == (count,)


def test_normal_numbers_are_normal_to_the_tails_and_independent():
    drawn = KeyedChance(KEY, "x").normal(400_000)
    assert stats.kstest(drawn, "norm").pvalue > 1e-3
    assert abs(drawn).max() > 4
    assert numpy.isfinite(drawn).all()
    halves = drawn[: len(drawn) // 2], drawn[len(drawn) // 2 :]  # sine and cosine of the same angle
    assert abs(numpy.corrcoef(*halves)[0, 1]) < 0.01
    assert abs(numpy.corrcoef(halves[0] ** 2, halves[1] ** 2)[0, 1]) < 0.01
