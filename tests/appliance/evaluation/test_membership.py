import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as some
from scipy import stats

from appliance.evaluation.membership import attack, auc, scores_of, true_positives

NUMBERS = some.lists(some.integers(0, 9).map(float), min_size=2, max_size=30).map(numpy.array)


@given(NUMBERS, NUMBERS)
def test_the_area_is_the_mann_whitney_statistic(members, others):
    wanted = stats.mannwhitneyu(members, others).statistic / (len(members) * len(others))
    found = auc(members, others)
    assert found.value == pytest.approx(wanted)
    assert 0 <= found.low <= found.value <= found.high <= 1


@pytest.mark.parametrize("shift", [0.0, 0.6])
def test_the_interval_of_the_area_covers_at_its_nominal_rate(shift):
    chance = numpy.random.default_rng(5)
    truth = stats.norm.cdf(shift / 2**0.5)
    found = [auc(chance.normal(shift, 1, 95), chance.normal(0, 1, 95)) for _ in range(1000)]
    covered = sum(score.low <= truth <= score.high for score in found)
    assert 930 <= covered <= 970


def test_a_perfect_separation_still_has_an_interval():
    found = auc(numpy.arange(10.0) + 100, numpy.arange(10.0))
    assert (found.value, found.high) == (1.0, 1.0)
    assert 0.6 < found.low < 0.9


def test_of_one_example_nothing_is_known():
    assert auc(numpy.array([1.0]), numpy.array([0.0])).low == 0.0
    assert true_positives(numpy.array([]), numpy.array([0.0])).high == 1.0


def test_at_most_one_percent_of_the_others_pass_the_threshold():
    others = numpy.arange(200.0)
    found = true_positives(numpy.array([197.0, 198.0, 500.0, 0.0]), others)
    assert found.value == pytest.approx(2 / 4)  # the threshold is 197: two of 200 pass it
    assert true_positives(numpy.array([98.5, 99.5]), numpy.arange(100.0)).value == pytest.approx(1.0)


def test_what_was_learnt_scores_higher_by_every_attack():
    base = [numpy.array([3.0, 4.0, 5.0]), numpy.array([3.0, 4.0, 5.0])]
    adapted = [numpy.array([0.1, 0.2, 0.1]), numpy.array([2.0, 3.0, 4.0])]
    scores = scores_of(adapted, base)
    assert set(scores) == {"reference", "loss", "min-k"}
    assert all(learnt > other for learnt, other in scores.values())


def test_the_reference_cancels_what_is_easy_for_any_model():
    easy, hard = numpy.array([0.1, 0.1]), numpy.array([5.0, 5.0])
    scores = scores_of([easy - 0.05, hard - 0.05], [easy, hard])
    assert scores["reference"][0] == pytest.approx(scores["reference"][1])
    assert scores["loss"][0] > scores["loss"][1]


def test_an_attack_tells_how_many_examples_it_was_tried_on():
    found = attack("loss", numpy.arange(5.0), numpy.arange(7.0))
    assert (found.members, found.others, found.auc.samples) == (5, 7, 5)
