"""Wrapping by cells, and marks that stay on their characters."""

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tui.widgets.page import Writer, rows

TEXTS = st.text(alphabet="ab 漢字ｶﾞ①か\u3099\n\x1b\u202e", max_size=60)


@given(TEXTS, st.integers(2, 20))
def test_rows_hold_every_character_once_and_fit(text: str, width: int) -> None:
    found = rows(text, width)
    assert "".join(text[start:end] for start, end in found) == text.replace("\n", "")
    assert all(cell_len(text[start:end]) <= width for start, end in found)


@given(TEXTS, TEXTS)
def test_a_page_keeps_offsets_and_shows_nothing_that_steers_a_terminal(before: str, marked: str) -> None:
    writer = Writer()
    writer.write(before)
    writer.write(marked, "open")
    page = writer.page()
    assert len(page.text) == len(before) + len(marked)
    assert [(run.start, run.end) for run in page.runs] == ([(len(before), len(page.text))] if marked else [])
    assert not set(page.text) & set("\x1b\u202e")


def test_latin_words_stay_whole_and_japanese_fills_the_row() -> None:
    text = "replace the bearing now"
    assert [text[a:b] for a, b in rows(text, 12)] == ["replace the ", "bearing now"]
    text = "軸受けを交換した"
    assert [text[a:b] for a, b in rows(text, 9)] == ["軸受けを", "交換した"]
