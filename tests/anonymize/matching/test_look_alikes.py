import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonymize.matching.look_alikes import settle


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("sаrаh", "sarah"),
        ("担当はsаrаhさん", "担当はsarahさん"),
        ("οffice@plant01.local", "office@plant01.local"),
        ("ѕаle@со", "sale@co"),
        ("АВ-1234", "AB-1234"),
        ("насос М-200А", "насос M-200A"),
        ("Іvan Ѕmith", "Ivan Smith"),
        ("O9О-OO12 О1", "090-0012 01"),
        ("josé@plant01.local", "jose@plant01.local"),
        ("090ー1234", "090-1234"),
        ("090一1234", "090-1234"),
    ],
)
def test_a_letter_in_disguise_becomes_the_one_it_looks_like(text: str, plain: str) -> None:
    assert settle(text, ()) == plain


@pytest.mark.parametrize("text", ["оса", "насос", "λόγος", "10 Ω", "μm", "ポンパー", "第一ー", "José", "Łódź"])
def test_honest_words_stay(text: str) -> None:
    assert settle(text, ()) == text


def test_accents_are_dropped_in_a_value_that_lost_a_mark() -> None:
    assert settle("José tár", [6]) == "José tar"


@given(st.text(st.sampled_from("aoаоΑ@1.- éー一山μ"), max_size=30), st.lists(st.integers(0, 29), max_size=3))
def test_no_length_changes(text: str, marked: list[int]) -> None:
    assert len(settle(text, marked)) == len(text)
