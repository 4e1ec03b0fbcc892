import time

import pytest

from anonymize.matching.folding import fold
from anonymize.matching.watchlist import Known, Watchlist, name_parts


def places(known: list[tuple[str, str]], text: str) -> list[str]:
    folded = fold(text).text
    watchlist = Watchlist(Known(kind, value) for kind, value in known)
    return [folded[match.start : match.end] for match in watchlist.matches(folded)]


@pytest.mark.parametrize(
    ("value", "text", "found"),
    [
        ("Sarah Whitfield", "ask SARAH  WHITFIELD's team", ["SARAH  WHITFIELD"]),
        ("whitfield", "Whitfield-Smith", ["Whitfield"]),
        ("field", "Whitfield", []),
        ("Müller", "Muller came", ["Muller"]),
        ("Smith", "担当はSmithさん", ["Smith"]),
        ("佐藤", "本日佐藤主任が", ["佐藤"]),
        ("佐藤 健一", "佐藤健一が確認", ["佐藤健一"]),
        ("佐藤健一", "佐藤　健一が確認", ["佐藤 健一"]),
        ("リン", "リング交換", []),
        ("リン", "リンさん", ["リン"]),
        ("林", "森林", []),
        ("Al", "Al came", ["Al"]),
        ("Xu", "Xu's shift, 徐Xuさん", ["Xu", "Xu"]),
        ("Li", "pump LI-200, li, Lithium, Li2", []),
        ("Lý", "Ly came", ["Ly"]),
        ("Bo Xu", "BO XU came", ["BO XU"]),
        ("To", "To check", []),
        ("XU", "XU and Xu", []),
        ("a.b@plant01.local", "送付先はＡ.b@plant01.localまで", ["A.b@plant01.local"]),
    ],
)
def test_a_known_value_is_found_in_its_other_spellings_only(value: str, text: str, found: list[str]) -> None:
    assert places([("PERSON", value)], text) == found


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("090-0000-1234", "電話０９０００００１２３４まで"),
        ("03-0000-1234", "call +81 3 0000 1234 now"),
        ("+61 491 570 156", "0491570156"),
        ("(206) 555-0123", "206.555.0123"),
    ],
)
def test_a_phone_number_is_found_in_another_grouping(number: str, text: str) -> None:
    assert places([("PHONE_NUMBER", number)], text)


def test_words_far_apart_are_not_one_name() -> None:
    assert places([("PERSON", "Grace Bolt")], "grace --- bolt") == []


def test_two_letters_are_looked_for_where_they_are_a_person_only() -> None:
    assert places([("EMPLOYEE_ID", "Xu")], "Xu came") == []


def test_the_parts_of_a_name_may_stand_alone() -> None:
    assert name_parts("Declan O'Rourke") == ("declan", "o'rourke")
    assert name_parts("佐藤 健一") == ("佐藤", "健一")
    assert set(name_parts("長谷川潤一")) >= {"長谷", "川潤一", "潤一", "長谷川"}
    assert name_parts("Al Bo") == ("Al", "Bo")
    assert name_parts("WEI XU") == ("wei", "Xu")
    assert name_parts("To J.") == ()


def test_many_values_cost_no_more_than_few() -> None:
    watchlist = Watchlist(Known("PERSON", f"name{number} surname{number}") for number in range(20_000))
    text = "replace pump seal and test name77 surname77 " * 20
    start = time.perf_counter()
    assert len(list(watchlist.matches(text))) == 20
    assert time.perf_counter() - start < 0.5
