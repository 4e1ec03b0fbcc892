"""Look for known values in text: many values, one pass over the text, the cost independent of their number.

Covers: case, width, spaces, punctuation between words, other spellings of a phone number; Latin script by whole
words, Japanese anywhere (it has no spaces).
Does not cover: inflected, abbreviated or mistyped values; Latin values under 3 and Japanese ones under 2 characters,
except a person's name of two letters, which is found where it is written Xu (LI is a tag, to is a word).
"""

import itertools
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from anonymize.matching.folding import canonical, fold
from anonymize.matching.short_names import is_short_name

MIN_LATIN = 3
MIN_JAPANESE = 2
MIN_PHONE_DIGITS = 6
PHONE_KEY_DIGITS = 9  # the end of a number is the same with +81 and with 0 before it
MAX_PREFIX_DIGITS = 4  # +81, 0061: what may stand before the key

_JAPANESE = re.compile(r"[々〆ぁ-ゖァ-ヺー一-鿿]")
_KATAKANA = re.compile(r"[ァ-ヺー]+")
_WORD = re.compile(r"[^\W_々〆ぁ-ゖァ-ヺー一-鿿]+")
_PHONE_RUN = re.compile(r"[+(]?[0-9](?:[-() ./]{0,2}[0-9]){5,40}")
_PERSON = "PERSON"
_PHONE_KINDS = frozenset({"PHONE_NUMBER"})


@dataclass(frozen=True, slots=True)
class Known:
    """A value to look for and its kind."""

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class Match:
    """A place in folded text (half-open) where a known value stands."""

    start: int
    end: int
    kind: str


def has_japanese(text: str) -> bool:
    """Say whether the text holds kana or kanji."""
    return _JAPANESE.search(text) is not None


def name_parts(name: str) -> tuple[str, ...]:
    """Return the surname and given name that may stand alone for a full name.

    A Japanese name without a space is cut after two characters, as most surnames are, or before its last two. A part of
    two Latin letters is returned as it would be written in a text: Xu.
    """
    words = canonical(name).replace("・", " ").replace(",", " ").split()
    if len(words) == 1 and has_japanese(words[0]) and len(words[0]) > MIN_JAPANESE:
        whole = words[0]
        words = [whole[:2], whole[2:], whole[-2:], whole[:-2]]
    parts = [word.capitalize() if is_short_name(word.capitalize()) else word for word in words]
    return tuple(dict.fromkeys(part for part in parts if is_searchable(part) or is_short_name(part)))


def is_searchable(value: str) -> bool:
    """Say whether a value is long enough to be looked for in any case."""
    if has_japanese(value):
        return len(re.sub(r"\s", "", value)) >= MIN_JAPANESE
    return sum(char.isalnum() for char in value) >= MIN_LATIN


class Watchlist:
    """A set of known values, and the places where they stand in a text."""

    def __init__(self, known: Iterable[Known]) -> None:
        self._latin: dict[str, dict[tuple[str, ...], str]] = defaultdict(dict)
        self._japanese: dict[str, dict[str, str]] = defaultdict(dict)
        self._short_names: set[str] = set()
        self._phones: dict[str, str] = {}
        for item in known:
            self._add(item)

    def _add(self, item: Known) -> None:
        name = _plain(fold(item.value).text.strip())
        if item.kind == _PERSON and is_short_name(name):
            self._short_names.add(name)
        value = canonical(item.value)
        if not is_searchable(value):
            return
        if item.kind in _PHONE_KINDS:
            digits = re.sub(r"\D", "", value)
            if len(digits) >= MIN_PHONE_DIGITS:
                self._phones.setdefault(_phone_key(digits), item.kind)
        if has_japanese(value):
            squeezed = re.sub(r"\s", "", value)
            self._japanese[squeezed[:2]].setdefault(squeezed, item.kind)
            return
        words = tuple(_plain(match[0]) for match in _WORD.finditer(value))
        if words:
            self._latin[words[0]].setdefault(words, item.kind)

    def matches(self, text: str) -> Iterator[Match]:
        """Yield the places of known values in folded text, longest at each place; places may overlap."""
        if self._latin or self._short_names:
            yield from self._latin_matches(text)
        if self._japanese and has_japanese(text):
            yield from self._japanese_matches(text)
        if self._phones:
            yield from self._phone_matches(text)

    def _latin_matches(self, text: str) -> Iterator[Match]:
        found = list(_WORD.finditer(text))
        words = [_plain(match[0].casefold()) for match in found]
        for at, word in enumerate(words):
            entries = self._latin.get(word, {})
            for length in sorted({len(entry) for entry in entries}, reverse=True):
                kind = entries.get(tuple(words[at : at + length]))
                if kind and at + length <= len(words) and _close_together(found[at : at + length]):
                    yield Match(found[at].start(), found[at + length - 1].end(), kind)
                    break
            else:
                if _plain(found[at][0]) in self._short_names:
                    yield Match(*found[at].span(), _PERSON)

    def _japanese_matches(self, text: str) -> Iterator[Match]:
        places = [at for at, char in enumerate(text) if not char.isspace()]
        squeezed = "".join(text[at] for at in places).lower()
        if len(squeezed) != len(places):  # a letter that has two in lower case: compare as it stands
            squeezed = "".join(text[at] for at in places)
        for at in range(len(squeezed) - 1):
            for value, kind in self._japanese.get(squeezed[at : at + 2], {}).items():
                if squeezed.startswith(value, at) and _stands_alone(squeezed, at, at + len(value)):
                    yield Match(places[at], places[at + len(value) - 1] + 1, kind)

    def _phone_matches(self, text: str) -> Iterator[Match]:
        for run in _PHONE_RUN.finditer(text):
            places = [at for at in range(run.start(), run.end()) if text[at] in "0123456789"]
            digits = "".join(text[at] for at in places)
            for start in range(len(digits) - MIN_PHONE_DIGITS + 1):
                for length in range(MIN_PHONE_DIGITS, PHONE_KEY_DIGITS + 1):
                    kind = self._phones.get(digits[start : start + length])
                    if kind and start + length <= len(digits):
                        first = places[0] if start <= MAX_PREFIX_DIGITS else places[start]
                        first -= 1 if first and text[first - 1] in "+(" else 0
                        yield Match(first, places[start + length - 1] + 1, kind)


def _phone_key(digits: str) -> str:
    return digits.lstrip("0")[-PHONE_KEY_DIGITS:] or digits


def _plain(word: str) -> str:
    """Müller and Muller are one word."""
    if word.isascii():
        return word
    decomposed = unicodedata.normalize("NFD", word)
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def _close_together(words: list[re.Match[str]]) -> bool:
    """A value's words follow each other: no line of text lies between them."""
    return all(second.start() - first.end() <= 3 for first, second in itertools.pairwise(words))


def _stands_alone(text: str, start: int, end: int) -> bool:
    """A katakana value is a word of its own: リン is not in リング."""
    if not _KATAKANA.fullmatch(text[start:end]):
        return True
    before, after = text[start - 1 : start], text[end : end + 1]
    return not (_KATAKANA.fullmatch(before) or _KATAKANA.fullmatch(after))
