import pytest
from hypothesis import given
from hypothesis import strategies as some
from sacrebleu import sentence_chrf

from appliance.evaluation.texts import TEXTS

TEXT = some.text(alphabet="abc ポンプ交換した、", max_size=20)
WANTED = some.text(alphabet="abc ポンプ交換した、", min_size=1, max_size=20).filter(str.strip)


@given(some.lists(some.tuples(TEXT, WANTED), min_size=1, max_size=8))
def test_a_line_is_worth_what_sacrebleu_says_and_lines_their_mean(pairs):
    said, wanted = (list(side) for side in zip(*pairs, strict=True))
    outcomes = TEXTS.judge(said, wanted, ())
    theirs = [sentence_chrf(one, [other]).score / 100 for one, other in pairs]
    assert [TEXTS.value(outcome) for outcome in outcomes] == pytest.approx(theirs)
    found = TEXTS.scores(outcomes, 7)["chrf"]
    assert found.value == pytest.approx(sum(theirs) / len(theirs))
    assert found.low <= found.value <= found.high


@pytest.mark.parametrize(
    ("wanted", "near", "far"),
    [
        ("ポンプの軸受けを交換した", "ポンプの軸受を交換", "油漏れを確認"),
        ("Replaced the bearing of the pump", "Replace bearing of pump", "Checked for leaks"),
    ],
)
def test_a_likelier_answer_is_worth_more_in_both_languages(wanted, near, far):
    worth = [TEXTS.value(outcome) for outcome in TEXTS.judge([wanted, near, far], [wanted] * 3, ())]
    assert worth[0] == 1 > worth[1] > 0.4 > worth[2]


def test_an_exact_answer_is_counted_beside():
    found = TEXTS.scores(TEXTS.judge(["軸受け  交換", "ok"], ["軸受け 交換", "okay"], ()), 7)
    assert found["exact_match"].value == 0.5
