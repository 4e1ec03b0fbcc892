import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as some
from sklearn.metrics import accuracy_score, f1_score

from appliance.evaluation.labels import LABELS, OUTSIDE, macro_f1

TRAINING = ["high", "low", "high", "中", "低い"]
WANTED = ["high", "low", "中", "low", "低い"]
SAID = [" high\n", "high", "中", "The severity is low.", ""]
PAIRS = some.lists(some.tuples(some.integers(0, 4), some.integers(-1, 4)), min_size=1, max_size=40)


def test_a_label_is_right_or_wrong_and_what_is_none_is_outside():
    outcomes = LABELS.judge(SAID, WANTED, TRAINING)
    assert outcomes == [
        {"wanted": 0, "said": 0},
        {"wanted": 1, "said": 0},
        {"wanted": 2, "said": 2},
        {"wanted": 1, "said": OUTSIDE},
        {"wanted": 3, "said": OUTSIDE},
    ]
    found = LABELS.scores(outcomes, 7)
    assert (found["accuracy"].value, found["outside"].value) == (pytest.approx(2 / 5), pytest.approx(2 / 5))
    assert found["macro_f1"].value == pytest.approx((2 / 3 + 0 + 1 + 0) / 4)


def test_a_label_that_training_never_showed_cannot_be_right():
    (outcome,) = LABELS.judge(["爆発"], ["爆発"], TRAINING)
    assert outcome == {"wanted": 4, "said": OUTSIDE}
    assert LABELS.value(outcome) == 0


@given(PAIRS)
def test_scores_are_those_of_scikit_learn(pairs):
    wanted, said = zip(*pairs, strict=True)
    found = LABELS.scores([{"wanted": one, "said": other} for one, other in pairs], 7)
    labels = sorted({*wanted, *said} - {OUTSIDE})
    assert found["macro_f1"].value == pytest.approx(
        f1_score(wanted, said, labels=labels, average="macro", zero_division=0)
    )
    assert found["accuracy"].value == pytest.approx(accuracy_score(wanted, said))
    for score in found.values():
        assert 0 <= score.low <= score.value <= score.high <= 1
        assert score.samples == len(pairs)


def test_the_interval_of_macro_f1_is_that_of_scikit_learn_on_the_same_resamples():
    chance = numpy.random.default_rng(3)
    wanted = chance.integers(0, 4, 60)
    said = numpy.where(chance.random(60) < 0.7, wanted, chance.integers(-1, 4, 60))
    drawn = numpy.random.default_rng(7).integers(0, 60, size=(2000, 60))[:200]
    theirs = [
        f1_score(wanted[rows], said[rows], labels=sorted({*wanted[rows], *said[rows]} - {-1}), average="macro")
        for rows in drawn
    ]
    ours = macro_f1(wanted.tolist(), said.tolist(), 7)
    assert ours.low == pytest.approx(numpy.quantile(theirs, 0.025), abs=0.03)
    assert ours.high == pytest.approx(numpy.quantile(theirs, 0.975), abs=0.03)


def test_a_rare_label_that_is_never_found_shows_in_macro_f1_and_hardly_in_accuracy():
    outcomes = [{"wanted": 0, "said": 0}] * 95 + [{"wanted": 1, "said": 0}] * 5
    found = LABELS.scores(outcomes, 7)
    assert found["accuracy"].value == pytest.approx(0.95)
    assert found["macro_f1"].value < 0.5


def test_of_no_lines_nothing_is_known():
    assert macro_f1([], [], 7).samples == 0
