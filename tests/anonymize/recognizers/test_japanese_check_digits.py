import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anonymize.recognizers.japanese_check_digits import (
    is_article_code,
    is_corporate_number,
    is_insurer_number,
    is_my_number,
)


def varied(length: int) -> st.SearchStrategy[str]:
    return st.text("0123456789", min_size=length, max_size=length).filter(lambda digits: len(set(digits)) > 1)


@settings(max_examples=30)
@given(varied(11))
def test_exactly_one_last_digit_makes_a_my_number(digits: str) -> None:
    assert sum(is_my_number(f"{digits}{check}") for check in range(10)) == 1


@settings(max_examples=30)
@given(varied(12))
def test_exactly_one_first_digit_makes_a_corporate_number(digits: str) -> None:
    assert sum(is_corporate_number(f"{check}{digits}") for check in range(10)) == 1


@settings(max_examples=30)
@given(st.one_of(varied(5), varied(7)))
def test_exactly_one_last_digit_makes_an_insurers_number(digits: str) -> None:
    assert sum(is_insurer_number(f"{digits}{check}") for check in range(10)) == 1


def test_the_published_corporate_number_of_an_authority_is_valid() -> None:
    assert is_corporate_number("7000012050002")  # National Tax Agency, as its site gives it


@pytest.mark.parametrize("digits", ["", "1", "12345678901", "000000000000", "1234567890123"])
def test_another_length_or_one_repeated_digit_is_no_my_number(digits: str) -> None:
    assert not is_my_number(digits)


def test_only_a_japanese_article_code_counts_as_one() -> None:
    assert is_article_code("4901234567894")
    assert not is_article_code("4901234567895")
    assert not is_article_code("5901234123457")
