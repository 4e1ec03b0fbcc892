"""Text that may be sent: whatever the pieces, they join to the answer up to its first stop text."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from appliance.serve.writing import Writer


@pytest.fixture(scope="module")
def tokenizer(tiny_folder: Path) -> Tokenizer:
    return Tokenizer.from_file(str(tiny_folder / "tokenizer.json"))


def written(tokenizer: Tokenizer, ids: list[int], stop: tuple[str, ...]) -> tuple[str, bool, list[str]]:
    writer, pieces = Writer(tokenizer, stop), []
    for token in ids:
        pieces.append(writer.write(token))
        if writer.has_stopped:
            break
    pieces.append(writer.finish())
    return "".join(pieces), writer.has_stopped, pieces


@given(text=st.text("abポン🔧 \n", max_size=30), stop=st.lists(st.text("abポン🔧", min_size=1, max_size=3), max_size=3))
def test_an_answer_ends_before_its_first_stop_text(tokenizer: Tokenizer, text: str, stop: list[str]) -> None:
    said, has_stopped, _ = written(tokenizer, tokenizer.encode(text, add_special_tokens=False).ids, tuple(stop))
    # a stop text ends the answer as soon as it is whole: the one that ends first, of those the one that begins first
    ends = [place + len(word) for word in stop if (place := text.find(word)) >= 0]
    assert has_stopped == bool(ends)
    if not ends:
        assert said == text
    else:
        places = [text.find(word) for word in stop if 0 <= text.find(word) <= min(ends) - len(word)]
        assert said == text[: min(places)]


@given(ids=st.lists(st.integers(3, 258), max_size=20))
def test_any_tokens_become_what_the_tokenizer_says_of_all_of_them(tokenizer: Tokenizer, ids: list[int]) -> None:
    assert written(tokenizer, ids, ())[0] == tokenizer.decode(ids, skip_special_tokens=True)


def test_half_a_character_is_never_sent(tokenizer: Tokenizer) -> None:
    ids = tokenizer.encode("漏れ", add_special_tokens=False).ids
    _, _, pieces = written(tokenizer, ids, ())
    assert [piece for piece in pieces if piece] == ["漏", "れ"]
