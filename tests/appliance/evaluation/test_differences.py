import pytest
from hypothesis import given
from hypothesis import strategies as some
from jiwer import cer

from appliance.evaluation.differences import count_changes, describe_differences, differences, distance
from appliance.training.examples import Example

TEXT = some.text("ab ポ軸", max_size=12)


def test_the_distance_is_character_edits_over_the_longer_answer():
    assert distance("軸受け点検", "軸受け交換") == pytest.approx(2 / 5)
    assert distance("change out pump", "change  out pump ") == 0.0
    assert distance("", "") == 0.0
    assert distance("", "abc") == 1.0


@given(TEXT, TEXT)
def test_it_is_the_same_both_ways_and_agrees_with_the_character_error_rate(one, other):
    plain, longer = (
        " ".join(text.split()) for text in sorted((one, other), key=lambda text: len(" ".join(text.split())))
    )
    assert distance(one, other) == distance(other, one)
    if longer:
        assert distance(one, other) == pytest.approx(cer(longer, plain))


def test_the_answers_that_differ_most_come_first_and_equal_ones_are_left_out():
    examples = [Example(str(number), f"入力{number}", "right") for number in range(3)]
    answers = [
        {"base": "rigt", "adapted": "right"},
        {"base": "same  words", "adapted": "same words"},
        {"base": "?", "adapted": "right"},
    ]
    found = differences(examples, answers)
    assert [each.id for each in found] == ["2", "0"]
    assert (found[0].distance, found[0].input, found[0].expected) == (1.0, "入力2", "right")


def test_right_and_wrong_answers_that_turned_are_counted():
    hits = {"base": [0, 1, 1, 0, 0], "adapted": [1, 1, 0, 0, 1], "dictionary": [1, 1, 1, 1, 1]}
    counted = count_changes(hits["base"], hits["adapted"])
    assert counted == {
        "held_out": 5,
        "gained": 2,
        "lost": 1,
        "right_before_and_after": 1,
        "wrong_before_and_after": 1,
    }
    assert describe_differences([], hits["base"], hits["adapted"]) == {**counted, "differing": 0, "distances": []}
