import pytest

from appliance.training.describing import describe, language_of, quartiles
from appliance.training.examples import Example


@pytest.mark.parametrize(
    ("text", "language"), [("REPL PMP", "en"), ("ポンプ交換 PMP", "ja"), ("12-34", "none"), ("", "none")]
)
def test_the_language_is_told_from_the_letters(text, language):
    assert language_of(text) == language


def test_quartiles_are_values_of_the_lengths():
    assert quartiles([5, 1, 9, 3, 7]) == [1, 3, 5, 7, 9]
    assert quartiles([4]) == [4] * 5
    assert quartiles([]) == []


def test_placeholders_are_counted_by_kind_and_masks_are_none():
    found = describe([Example("1", "ask <PHONE_NUMBER_K7QWX3M2ABCD>", "<id> ポンプ <PERSON_K7QWX3M2ABCD>")])
    assert found["placeholders"] == {"PERSON": 1, "PHONE_NUMBER": 1}
    assert found["languages"] == {"en": 1}
