import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anonymize.detection.windows import OVERLAP, WINDOW, seen_whole, windows
from anonymize.recognizers.guesses import Guess

LONG = st.integers(WINDOW - 50, 3 * WINDOW)
WORDS = st.sampled_from(["x" * 37 + " ", "点検、", "a b\n", "y" * 500])


def test_a_short_text_is_its_own_and_only_window() -> None:
    (window,) = windows("ポンプ P-922")
    assert (window.start, window.text, window.is_first, window.is_last) == (0, "ポンプ P-922", True, True)


@settings(max_examples=40)
@given(LONG, WORDS)
def test_every_value_up_to_half_the_overlap_lies_whole_in_a_window_that_does_not_cut_it(length: int, word: str) -> None:
    text = (word * length)[:length]
    found = list(windows(text))
    assert all(text[window.start : window.start + len(window.text)] == window.text for window in found)
    assert max(len(window.text) for window in found) <= WINDOW
    for start in range(0, length - OVERLAP // 2, 97):
        end = start + OVERLAP // 2 - 1
        assert any(reported(window, start, end) for window in found), start


def reported(window: object, start: int, end: int) -> bool:
    offset, size = window.start, len(window.text)  # type: ignore[attr-defined]
    if start < offset or end > offset + size:
        return False
    guess = Guess(start - offset, end - offset, "PERSON", 1.0, "test")
    return list(seen_whole(window, [guess])) == [guess]  # type: ignore[arg-type]


@pytest.mark.parametrize("blank", [" ", "\n", "　"])
def test_words_are_not_cut(blank: str) -> None:
    text = ("水漏れ点検" + blank) * 1000
    assert all(window.text.startswith("水漏れ点検") and window.text.endswith(blank) for window in windows(text))


def test_half_a_value_at_a_cut_is_not_reported() -> None:
    first, second, *_ = windows("x" * 3 * WINDOW)
    half = Guess(WINDOW - 5, WINDOW, "PHONE_NUMBER", 0.8, "test")
    assert list(seen_whole(first, [half])) == []
    assert list(seen_whole(second, [Guess(0, 5, "PHONE_NUMBER", 0.8, "test")])) == []
