"""What is looked for in text, and where it was found."""

import re
import unicodedata
from dataclasses import dataclass

PERSON = "PERSON"
MIN_LATIN = 3
MIN_JAPANESE = 2
HONORIFIC = "さん|様|さま|殿|氏(?!名)|君|くん|先生|主任|係長|課長|次長|部長|班長|組長|職長|工場長|所長|社長"

_JAPANESE = re.compile(r"[々〆ぁ-ゖァ-ヺー一-鿿]")


@dataclass(frozen=True, slots=True)
class Known:
    """A value to look for and its kind."""

    kind: str
    value: str
    is_certain: bool = True  # false for a guess: a single Latin word of it counts only where it is written as a name


@dataclass(frozen=True, slots=True)
class Match:
    """A place in folded text (half-open) where a known value stands."""

    start: int
    end: int
    kind: str


def has_japanese(text: str) -> bool:
    """Say whether the text holds kana or kanji."""
    return _JAPANESE.search(text) is not None


def is_searchable(value: str) -> bool:
    """Say whether a value is long enough to be looked for in any case."""
    if has_japanese(value):
        return len(re.sub(r"\s", "", value)) >= MIN_JAPANESE
    return sum(char.isalnum() for char in value) >= MIN_LATIN


def without_accents(word: str) -> str:
    """Return the word with bare letters: Müller and Muller are one word."""
    if word.isascii():
        return word
    decomposed = unicodedata.normalize("NFD", word)
    return "".join(char for char in decomposed if not unicodedata.combining(char))
