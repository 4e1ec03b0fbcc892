import pytest

from anonymize.matching.short_names import is_short_name


@pytest.mark.parametrize("word", ["Xu", "Bo", "Li", "Lý", "Øy"])
def test_a_capital_and_a_small_letter_may_be_a_name(word: str) -> None:
    assert is_short_name(word)


@pytest.mark.parametrize("word", ["XU", "xu", "X", "Xu.", "X1", "To", "No", "Mr", "Nm", "Rh", "佐藤", "リン", ""])
def test_tags_words_units_and_japanese_are_no_short_names(word: str) -> None:
    assert not is_short_name(word)
