"""Text from outside cannot steer the terminal."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.sanitising import INVISIBLE, visible


@given(st.text())
def test_every_character_becomes_exactly_one_that_can_be_seen(text: str) -> None:
    shown = visible(text)
    assert len(shown) == len(text)
    assert not {unicodedata.category(character) for character in shown} & INVISIBLE


@given(st.text(alphabet=st.characters(categories=["L", "N", "P"])))
def test_text_that_is_already_visible_is_shown_again_as_it_is(text: str) -> None:
    assert visible(visible(text)) == visible(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("軸受け温度 ８５℃", "軸受け温度 ８５℃"),
        ("が", "が"),  # a combining dakuten belongs to its letter
        ("\x1b]0;title\x07", "␛]0;title␇"),
        ("a\x7fb\x9bc", "a␡b�c"),
        ("safe\u202egpj.exe", "safe�gpj.exe"),
        ("zero\u200bwidth", "zero�width"),
        ("line\nbreak\ttab", "line␊break␉tab"),
        ("half \ud800", "half �"),
    ],
)
def test_known_tricks_are_shown_and_honest_text_stays(text: str, shown: str) -> None:
    assert visible(text) == shown
