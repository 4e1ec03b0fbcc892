import math

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as some

from appliance.evaluation.scores import (
    Score,
    draws,
    exact_match,
    mean_score,
    paired_gain,
    perplexity_ratio,
    weights,
    wilson,
    word_error_rate,
)


def test_wilsons_interval_is_the_one_of_the_textbook():
    score = wilson(8, 10)
    assert (score.value, round(score.low, 4), round(score.high, 4)) == (0.8, 0.4902, 0.9433)
    assert wilson(0, 10).high == pytest.approx(0.2775, abs=1e-4)
    assert wilson(0, 0) == Score(0.0, 0.0, 1.0, 0)


@given(some.integers(1, 500).flatmap(lambda n: some.tuples(some.integers(0, n), some.just(n))))
def test_a_share_lies_in_its_interval_and_the_interval_in_0_to_1(counts):
    score = wilson(*counts)
    assert 0 <= score.low <= score.value <= score.high <= 1
    assert score.high - score.low > 0


def test_exact_match_ignores_white_space_and_nothing_else():
    assert exact_match(["a  b", "ポンプ 交換", "A b"], ["a b", "ポンプ 交換", "a b"]).value == pytest.approx(2 / 3)


def test_the_word_error_rate_is_errors_over_words_of_all_lines():
    score = word_error_rate(["a b c", "x", "ポンプ を 交換"], ["a b d e", "x", "ポンプ 交換"])
    assert score.value == pytest.approx((2 + 0 + 1) / 7)
    assert score.low <= score.value <= score.high
    assert score.samples == 3


def test_words_said_where_none_are_wanted_are_errors():
    assert word_error_rate(["a b", "c"], ["", "c"]).value == 2.0


def test_a_right_answer_everywhere_has_no_errors():
    score = word_error_rate(["a"] * 5, ["a"] * 5)
    assert (score.value, score.low, score.high) == (0.0, 0.0, pytest.approx(wilson(0, 5).high))


@given(some.lists(some.tuples(some.integers(0, 1), some.integers(0, 1)), min_size=1, max_size=60), some.integers(0, 9))
def test_a_gain_is_the_mean_difference_and_follows_from_its_seed(pairs, seed):
    candidate, baseline = zip(*pairs, strict=True)
    gain = paired_gain(candidate, baseline, seed)
    assert gain.value == pytest.approx((sum(candidate) - sum(baseline)) / len(pairs))
    assert -1 <= gain.low <= gain.value <= gain.high <= 1
    assert gain == paired_gain(candidate, baseline, seed)


def test_the_paired_interval_is_close_to_the_normal_one():
    gain = paired_gain([1] * 60 + [0] * 40, [0] * 100, seed=1)
    assert (gain.low, gain.high) == pytest.approx((0.6 - 0.096, 0.6 + 0.096), abs=0.02)


def test_the_interval_of_no_difference_holds_zero():
    for ours, theirs in (([1, 0, 1], [0, 1, 0]), ([0] * 9, [0] * 9)):
        gain = paired_gain(ours, theirs, seed=1)
        assert gain.low <= 0 <= gain.high
    assert paired_gain([1] * 9, [0] * 9, seed=1).low > 0


def test_where_lines_are_worth_a_part_the_gain_is_bootstrapped_and_rare_differences_are_not_taken_for_none():
    chance = numpy.random.default_rng(4)
    ours, theirs = chance.uniform(0.4, 1, 40), chance.uniform(0, 0.8, 40)
    gain = paired_gain(ours, theirs, seed=1)
    half = 2.023 * float(numpy.std(ours - theirs, ddof=1)) / 40**0.5
    assert (gain.low, gain.high) == pytest.approx((gain.value - half, gain.value + half), abs=0.02)
    alike = paired_gain(ours, ours, seed=1)
    assert alike.low < -0.05 < 0.05 < alike.high


def test_lines_without_a_partner_are_refused():
    with pytest.raises(ValueError, match="longer"):
        exact_match(["a"], ["a", "b"])


def test_a_ratio_of_perplexities_weighs_tokens_and_holds_the_pieces_together():
    theirs = [numpy.full(200, 2.0), numpy.full(100, 3.0)]
    ours = [numpy.full(200, 2.0 + math.log(2)), numpy.full(100, 3.0)]
    ratio = perplexity_ratio(ours, theirs, 7)
    assert ratio.value == pytest.approx(2 ** (2 / 3))
    assert (ratio.low, ratio.high) == (pytest.approx(1), pytest.approx(2))
    assert ratio.samples == 2
    assert perplexity_ratio(theirs, theirs, 7) == Score(1.0, 1.0, 1.0, 2)


def test_a_mean_has_a_bootstrap_interval_and_one_of_equal_values_has_wilsons():
    found = mean_score([0.1, 0.4, 0.4, 0.9] * 10, 7)
    assert found.value == pytest.approx(0.45)
    assert found.value - 0.1 < found.low < found.value < found.high < found.value + 0.1
    assert mean_score([1.0] * 12, 7) == wilson(12, 12)
    assert mean_score([0.5] * 4, 7) == wilson(2, 4)
    assert mean_score([], 7) == Score(0.0, 0.0, 1.0, 0)


def test_weights_are_the_draws_counted():
    drawn, counted = draws(5, 3), weights(5, 3)
    assert counted.shape == drawn.shape
    assert counted[11].tolist() == [(drawn[11] == place).sum() for place in range(5)]
