"""Lines are broken by cells, at blanks or between Japanese letters, and what follows is indented."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.wrapping import cells, wrapped


def test_words_stay_whole_and_what_follows_is_indented() -> None:
    assert list(wrapped("      do: free some space, or move it", 24, 10)) == [
        "      do: free some",
        "          space, or move",
        "          it",
    ]


def test_japanese_is_broken_between_letters_and_no_line_begins_with_a_closing_mark() -> None:
    assert list(wrapped("対処：空きを作るか、workspace を移して", 18, 6)) == [
        "対処：空きを作る",
        "      か、",
        "      workspace を",
        "      移して",
    ]


def test_a_long_path_is_broken_anywhere() -> None:
    assert list(wrapped("chmod 700 /data/workspace/vault", 12, 2)) == [
        "chmod 700",
        "  /data/work",
        "  space/vaul",
        "  t",
    ]


@pytest.mark.parametrize(("text", "lines"), [("", [""]), ("a", ["a"]), ("a b", ["a b"])])
def test_a_short_text_is_one_line(text: str, lines: list[str]) -> None:
    assert list(wrapped(text, 10, 2)) == lines


def test_a_full_width_letter_takes_two_cells() -> None:
    assert cells("a軸") == 3


@given(st.text("a、軸 。b", max_size=60), st.integers(4, 30), st.integers(0, 8))
def test_nothing_is_lost_and_no_line_is_too_wide(text: str, width: int, indent: int) -> None:
    lines = list(wrapped(text, width, indent))
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(cells(line) <= max(width, indent + 2) for line in lines)
    assert all(line.startswith(" " * indent) for line in lines[1:])
