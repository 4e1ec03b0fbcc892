import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
    ("name", "text", "found"),
    [
        ("John Smith", "Smith, John came", ["Smith, John"]),
        ("Smith, John", "john smith came", ["john smith"]),
        ("John Smith", "J. Smith, J.Smith and John S. came", ["J. Smith", "J.Smith", "John S"]),
        ("Mr. John Smith", "Dr John Smith", ["John Smith"]),
        ("John Smith", "John's pump, john s. pump, a smith", []),
        ("John Smith", "/home/jsmith/x, john.smith@plant01.local, smithj2@x", ["jsmith", "john.smith", "smithj2"]),
        ("John Smith", "JohnSmith, john_smith_2024.pdf", ["JohnSmith", "john_smith"]),
        ("Al Field", "IN A FIELD, A. FIELD", ["A. FIELD"]),
        ("Ray Pipe", "PIPE R/H, PIPE R. came", ["PIPE R"]),
        ("Ben Rush", "brush_2.jpg, b rush, brush", []),
        ("Smith", "the Smiths, Smith's, smiths", ["Smiths", "Smith"]),
        ("Anna Maria Kowalski", "A. Kowalski, Kowalski Anna", ["A. Kowalski", "Kowalski Anna"]),
        ("山田太郎", "やまだたろうです、ヤマダ・タロウ、ﾔﾏﾀﾞ ﾀﾛｳ", ["やまだたろう", "ヤマダ・タロウ", "ヤマダ タロウ"]),
        ("山田太郎", "yamada_taro_2024.pdf, TARO YAMADA, T. Yamada", ["yamada_taro", "TARO YAMADA", "T. Yamada"]),
        ("佐藤 洋子", "Yohko Satoh, Satou Yoko, SatoYoko", ["Yohko Satoh", "Satou Yoko", "SatoYoko"]),
        ("山田太郎", "yamada-san, Mr. Yamada, Yamadaさん, Yamada pump", ["yamada", "Yamada", "Yamada"]),
        ("ヤマダ タロウ", "山田太郎が確認、Yamada Taro", ["Yamada Taro", "山田太郎"]),
        ("やまだたろう", "本日山田太朗が確認", ["山田太朗"]),
        ("森 太郎", "森さん、青森様、森林", ["森"]),
        ("佐藤", "サトウさん、砂糖、さとう", ["サトウ"]),
        ("佐藤さん", "佐藤が", ["佐藤"]),
        ("もり", "もりさんは行くつもり、おもり", ["もり"]),
    ],
)
def test_a_person_is_found_in_other_forms_of_the_name(name: str, text: str, found: list[str]) -> None:
    assert places([("PERSON", name)], text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ask Bush about it", ["Bush"]),
        ("replace bush and seal", []),
        ("REPLACE BUSH AND SEAL", []),
        ("Replace Bush And Seal", []),
        ("担当はBush", ["Bush"]),
    ],
)
def test_a_guessed_single_word_counts_where_it_is_written_as_a_name(text: str, found: list[str]) -> None:
    watchlist = Watchlist([Known("PERSON", "Bush", is_certain=False)])
    assert [text[match.start : match.end] for match in watchlist.matches(text)] == found


@pytest.mark.parametrize(
    ("kind", "value", "text", "found"),
    [
        ("JP_MY_NUMBER", "123456789018", "番号1234-5678-9018です", ["1234-5678-9018"]),
        ("CREDIT_CARD", "4111-1111-1111-1111", "4111111111111111", ["4111111111111111"]),
        ("IBAN_CODE", "GB82WEST12345698765432", "GB82 WEST 1234 5698 7654 32", ["GB82 WEST 1234 5698 7654 32"]),
        ("EMPLOYEE_ID", "E-104233", "id e104233, 104233", ["e104233"]),
        ("EMPLOYEE_ID", "4123", "4-1-2-3", []),
        ("EMPLOYEE_ID", "104233", "10 42 33", []),
    ],
)
def test_a_code_is_found_in_another_grouping(kind: str, value: str, text: str, found: list[str]) -> None:
    assert places([(kind, value)], text) == found


NAMES = st.sampled_from(["John Smith", "山田太郎", "佐藤 花子", "E-104233", "taro@a.jp", "ヤマダ タロウ", "J. Lee"])


@given(
    st.lists(NAMES, max_size=4),
    st.text(st.sampled_from("JohnSmitLe 山田太郎さんヤマダタロウ@._-1042330\n"), max_size=40),
)
def test_every_match_lies_in_the_text(names: list[str], text: str) -> None:
    folded = fold(text).text
    for match in Watchlist(Known("PERSON", name) for name in names).matches(folded):
        assert 0 <= match.start < match.end <= len(folded)
        assert folded[match.start : match.end].strip()


@given(NAMES, NAMES)
def test_a_value_is_found_where_it_stands_whatever_else_is_known(name: str, other: str) -> None:
    assert name in places([("PERSON", other), ("PERSON", name)], f"x, {name}, y") or name == "J. Lee"


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


def test_what_was_found_for_a_value_finds_nothing_more_as_a_value() -> None:
    names = ["John Smith", "Anna Maria Kowalski", "山田太郎", "佐藤 洋子", "森 太郎", "J. Lee", "もり"]
    text = (
        "J. Smith, Smith J. john_smith_2024.pdf jsmith@x S. John, John's A. Kowalski; やまだたろう T. YAMADA つもり "
        "Mr. Yamada ヤマダさん 佐藤洋子 サトウさん 森さん 森林 もりさん lee j"
    )
    first = places([("PERSON", name) for name in names], text)
    assert len(first) > 12
    assert covered(first, text) <= covered(names, text)


def covered(names: list[str], text: str) -> set[int]:
    matches = Watchlist(Known("PERSON", name) for name in names).matches(text)
    return {at for match in matches for at in range(match.start, match.end)}


@pytest.mark.parametrize("text", ["Checked with O'Rourke, fine", "checked with o'rourke", "O’ROURKE'S truck"])
def test_a_surname_with_an_apostrophe_is_one_word(text: str) -> None:
    watchlist = Watchlist([Known("PERSON", part) for part in name_parts("Declan O'Rourke")])
    (match,) = watchlist.matches(fold(text).text)
    assert fold(text).text[match.start : match.end].casefold().startswith("o")
