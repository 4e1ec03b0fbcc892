import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anonymize.protecting.grammar import (
    case_tells,
    case_tells_at,
    follows_technical_label,
    is_code,
    is_key,
    whole_token,
)


@pytest.mark.parametrize(
    "token",
    [
        "P-922", "10-LT-4501A", "E487", "ERR_0x80070005", "ERR_FAIL", "6205-2RS",
        "kPa", "rpm", "L/H", "v2.1.3", "W/SHOP",
        "Recipe.Manager", "trace.log", "MotorDrive", "OpcUaServer", "M8x25", "C:\\Logs", "80%", "3号機",
    ],
)  # fmt: skip
def test_codes_units_files_and_modules_are_known_by_their_form(token: str) -> None:
    assert is_code(token)


@pytest.mark.parametrize(
    "token", ["Kowalski", "McAllister", "O'Rourke", "DeVries", "J.", "John.Smith", "佐藤", "スミス", "Jean-Luc"]
)
def test_names_are_no_codes(token: str) -> None:
    assert not is_code(token)


def test_what_stands_before_an_equals_sign_is_a_key() -> None:
    assert is_key("Temp=45", 4)
    assert is_key("Temp = 45", 4)
    assert not is_key("Tanaka 45", 6)


def test_a_clause_in_small_letters_tells_names_beside_a_line_of_capitals() -> None:
    text = "REPLACE TURBO - ask Kowalski about it"
    assert case_tells(text)
    assert case_tells_at(text, 20, 28)
    assert not case_tells_at(text, 8, 13)


@settings(max_examples=40, derandomize=True)
@given(st.text(alphabet="aB1 /-.,ポ佐", max_size=40), st.integers(0, 40), st.integers(0, 40))
def test_a_whole_token_holds_the_place_it_was_widened_from(text: str, first: int, second: int) -> None:
    start, end = sorted((min(first, len(text)), min(second, len(text))))
    if start == end:
        return
    widened = whole_token(text, start, end)
    assert 0 <= widened[0] <= start < end <= widened[1] <= len(text)


@pytest.mark.parametrize("before", ["order ", "Order no. ", "S/N: ", "PO#", "品番", "ロット番号:", "製造番号 "])
def test_a_number_behind_a_label_of_the_trade_is_a_technical_one(before: str) -> None:
    assert follows_technical_label(f"seen {before}4583532082", 5 + len(before))


@pytest.mark.parametrize("before", ["phone ", "call ", "電話", "border ", "reorder: me "])
def test_a_number_behind_another_word_is_not(before: str) -> None:
    assert not follows_technical_label(f"seen {before}4583532082", 5 + len(before))
