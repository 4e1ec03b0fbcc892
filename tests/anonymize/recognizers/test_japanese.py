import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonymize.matching.folding import fold
from anonymize.recognizers.japanese import JapaneseRules, is_my_number


def found(text: str) -> list[tuple[str, str]]:
    folded = fold(text).text
    return [(guess.kind, folded[guess.start : guess.end]) for guess in JapaneseRules().find([folded])[0]]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("電話は090-1234-5678です", "090-1234-5678"),
        ("携帯０８０－１２３４－５６７８まで", "080-1234-5678"),
        ("至急03-1234-5678へ", "03-1234-5678"),
        ("(03)1234-5678", "(03)1234-5678"),
        ("フリーダイヤル0120-123-456まで", "0120-123-456"),
        ("電話番号:0312345678", "0312345678"),
        ("+81 90 1234 5678まで", "+81 90 1234 5678"),
        ("内線4711まで", "4711"),
    ],
)
def test_phone_numbers_glued_to_japanese_are_found(text: str, number: str) -> None:
    assert ("PHONE_NUMBER", number) in found(text)


@pytest.mark.parametrize("text", ["部品番号123-4567", "P-0922-11-3", "型式090-12", "2024-01-08", "E487発生、1000H"])
def test_part_numbers_and_dates_are_left_alone(text: str) -> None:
    assert found(text) == []


def test_a_postal_code_needs_its_mark() -> None:
    assert found("〒１２３－４５６７東京") == [("POSTAL_CODE", "123-4567")]


def test_an_employee_number_needs_its_label() -> None:
    assert found("社員番号:A-10234が作業") == [("EMPLOYEE_ID", "A-10234")]
    assert found("番号10234") == []


def test_a_my_number_with_a_wrong_check_digit_is_not_reported() -> None:
    assert found("番号は123456789018です") == [("JP_MY_NUMBER", "123456789018")]
    assert found("1234 5678 9018") == [("JP_MY_NUMBER", "1234 5678 9018")]
    assert found("番号は123456789019です") == []


@given(st.integers(0, 10**11 - 1).map(lambda number: f"{number:011d}").filter(lambda digits: len(set(digits)) > 1))
def test_exactly_one_check_digit_fits(digits: str) -> None:
    assert sum(is_my_number(f"{digits}{check}") for check in range(10)) == 1


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("佐藤さんより連絡", "佐藤"),
        ("本日佐藤主任が確認", "佐藤"),
        ("設備保全課田中係長へ", "田中"),
        ("山田 太郎様の依頼", "山田 太郎"),
        ("スミスさんが来社", "スミス"),
        ("担当:鈴木(内線12)", "鈴木"),
        ("担当は山本まで", "山本"),
        ("報告者：田中 由美子", "田中 由美子"),
    ],
)
def test_names_beside_labels_and_honorifics_are_found(text: str, name: str) -> None:
    assert ("PERSON", name) in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "お客様立会い",
        "仕様変更",
        "業者様へ連絡",
        "同様の症状",
        "担当:保全課",
        "担当者:未定",
        "オペレーターさん",
        "皆様へ",
        "製造課長",
    ],
)
def test_words_that_are_no_names_are_left_alone(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize("piece", ["Aa", "A", "a.", "a@", "電", "0", "0-", "ア・アア", "担当:", "Mr A"])
def test_hostile_text_takes_no_longer_than_its_length(piece: str) -> None:
    start = time.perf_counter()
    found(piece * (20_000 // len(piece)))
    assert time.perf_counter() - start < 2
