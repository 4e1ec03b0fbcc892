import math

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as some
from scipy import stats

from appliance.evaluation.exposure import exposure, fisher, level, median, rank_of


def test_the_exposure_of_the_most_likely_of_1024_is_10_bits_and_of_the_last_0():
    assert exposure(1, 1024) == 10
    assert exposure(1024, 1024) == 0


def test_ties_count_against_the_finding():
    assert rank_of(2, numpy.array([-1.0, -1.0, -1.0, -5.0])) == 3
    assert rank_of(3, numpy.array([-1.0, -2.0, -3.0, -0.5])) == 1


@given(some.lists(some.floats(1e-4, 1.0), min_size=1, max_size=40))
def test_fishers_p_value_is_scipys(p_values):
    assert fisher(p_values) == pytest.approx(stats.combine_pvalues(p_values, "fisher").pvalue, abs=1e-9)


@given(some.integers(6, 60))
def test_the_median_interval_is_the_narrowest_pair_of_order_statistics_that_covers_95_percent(samples):
    score = median(range(1, samples + 1), 0, 99)  # the value is its own place
    below = int(score.low)
    assert score.high == samples + 1 - below
    assert 2 * stats.binom.cdf(below - 1, samples, 0.5) <= 0.05 < 2 * stats.binom.cdf(below, samples, 0.5)


def test_of_few_values_nothing_is_said_but_the_range():
    score = median([1.0, 2.0, 9.0], 0.0, 13.3)
    assert (score.value, score.low, score.high, score.samples) == (2.0, 0.0, 13.3, 3)


def test_the_median_interval_of_never_learnt_canaries_covers_1_bit_at_its_rate():
    chance = numpy.random.default_rng(3)
    covered = 0
    for _ in range(1000):
        found = level(0, 0, list(chance.integers(1, 10_001, 16)), 10_000)
        covered += found.exposure.low <= 1.0 <= found.exposure.high
    assert covered >= 935  # 0.979 is nominal for 16 values: never less than 0.95


def test_never_learnt_canaries_have_even_p_values():
    chance = numpy.random.default_rng(4)
    p_values = [level(0, 0, list(chance.integers(1, 10_001, 16)), 10_000).p_value for _ in range(800)]
    assert stats.kstest(p_values, "uniform").pvalue > 0.01


def test_canaries_that_can_be_read_out_are_counted():
    found = level(32, 32, [1, 1, 2, 1, 1, 7, 1, 1], 10_000)
    assert (found.first, found.highest) == (6, pytest.approx(math.log2(10_000)))
    assert found.exposure.value == pytest.approx(math.log2(10_000))
    assert found.p_value < 1e-20
