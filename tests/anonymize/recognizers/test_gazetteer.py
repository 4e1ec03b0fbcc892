import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anonymize.recognizers.gazetteer import (
    NameLists,
    Sudachi,
    given_names,
    is_kanji,
    is_no_surname,
    place_names,
    speaks_of_a_person,
    surnames,
)

SUDACHI = Sudachi()


def test_the_lists_hold_frequent_names_and_places() -> None:
    assert {"佐藤", "長谷川", "林"} <= surnames()
    assert {"太郎", "美咲"} <= given_names()
    assert {"北海道", "札幌市中央区", "宇田川町"} <= place_names()


def test_words_keep_their_place_and_tell_names_from_places() -> None:
    words = SUDACHI.words("田中が千葉へ")
    assert [(word.surface, word.start, word.end, word.part) for word in words] == [
        ("田中", 0, 2, "surname"),
        ("が", 2, 3, "particle"),
        ("千葉", 3, 5, "place"),
        ("へ", 5, 6, "particle"),
    ]


def test_a_rare_form_of_a_kanji_is_read_as_the_usual_one() -> None:
    assert [(word.surface, word.end, word.part) for word in SUDACHI.words("髙橋")] == [("高橋", 2, "surname")]


@settings(max_examples=40)
@given(st.text(max_size=60))
def test_words_cover_a_text_without_gaps(text: str) -> None:
    words = SUDACHI.words(text)
    assert [0, *(word.end for word in words)] == [*(word.start for word in words), len(text)]


def test_words_that_are_a_surname_together_are_joined() -> None:
    joined = NameLists().joined(SUDACHI.words("三田が"))
    assert [word.surface for word in joined] == ["三田", "が"]


def test_the_words_beside_a_name_speak_of_a_person_or_not() -> None:
    reporting, lying = SUDACHI.words("森が確認した"), SUDACHI.words("森が燃えた")
    assert speaks_of_a_person(reporting, 0, 1, both_sides=True)
    assert not speaks_of_a_person(lying, 0, 1, both_sides=True)


@pytest.mark.parametrize("others", ["ほか2名", "外2名", "以外に三名", "他1名"])
def test_people_who_are_counted_beside_a_name_make_it_a_person(others: str) -> None:
    lists = NameLists()
    assert lists.score_alone(SUDACHI.words(f"田中{others}で対応"), 0)
    assert lists.score_alone(SUDACHI.words(f"谷{others}で対応"), 0)
    assert not lists.score_alone(SUDACHI.words("谷ほか2台を交換"), 0)


def test_words_of_reporting_and_departments_are_no_surnames() -> None:
    assert is_no_surname("確認")
    assert is_no_surname("保全課")
    assert not is_no_surname("久遠")
    assert is_kanji("久遠")
    assert not is_kanji("ポンプ")
