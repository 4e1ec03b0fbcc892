"""Look for known values in text: many values, one pass over the text, the cost independent of their number.

Covers: case, width, spaces, punctuation between words, other groupings of numbers; Latin script by whole words,
Japanese anywhere (it has no spaces); a person's name in its other forms (latin_values.py, japanese_values.py):
reversed, with initials, in file names and addresses, in kana, in Latin transcription.
Does not cover: nicknames and mistyped values; Latin values under 3 and Japanese ones under 2 characters, except a name
of two Latin letters, which is found where it is written Xu (LI is a tag, to is a word), and a surname of one kanji,
which is found before an honorific.
"""

import re
from collections.abc import Iterable, Iterator

from anonymize.matching.folding import canonical, fold
from anonymize.matching.japanese_values import JapaneseValues
from anonymize.matching.known_values import PERSON, Known, Match, has_japanese, is_searchable, without_accents
from anonymize.matching.latin_values import LatinValues, words_of
from anonymize.matching.name_readings import full_name_readings, surname_reading
from anonymize.matching.number_values import Codes, PhoneNumbers
from anonymize.matching.short_names import is_short_name

__all__ = ["Known", "Match", "Watchlist", "has_japanese", "is_searchable", "name_parts"]

_ONE_WORD = re.compile(r"[^\W\d_]{1,3}['’][^\W\d_]{2,30}")  # O'Rourke and D'Angelo are no initial and a name
_PHONE_KINDS = frozenset({"PHONE_NUMBER"})
_MIN_CUT = 3  # characters of a Japanese name that is cut without a space


def name_parts(name: str) -> tuple[str, ...]:
    """Return the surname and given name that may stand alone for a full name.

    A Japanese name without a space is cut after two characters, as most surnames are, or before its last two. A part of
    two Latin letters is returned as it would be written in a text: Xu.
    """
    words = canonical(name).replace("・", " ").replace(",", " ").split()
    if len(words) == 1 and has_japanese(words[0]) and len(words[0]) >= _MIN_CUT:
        whole = words[0]
        words = [whole[:2], whole[2:], whole[-2:], whole[:-2]]
    parts = [word.capitalize() if is_short_name(word.capitalize()) else word for word in words]
    return tuple(dict.fromkeys(part for part in parts if is_searchable(part) or is_short_name(part)))


class Watchlist:
    """A set of known values, and the places where they stand in a text."""

    def __init__(self, known: Iterable[Known]) -> None:
        self._latin = LatinValues()
        self._japanese = JapaneseValues()
        self._phones = PhoneNumbers()
        self._codes = Codes()
        for item in known:
            self._add(item)

    def _add(self, item: Known) -> None:
        name = without_accents(fold(item.value).text.strip())
        if item.kind == PERSON and is_short_name(name):
            self._latin.add_short_name(name)
        value = canonical(item.value)
        if not is_searchable(value):
            return
        if item.kind in _PHONE_KINDS:
            self._phones.add(value, item.kind)
        elif item.kind != PERSON and value.isascii():
            self._codes.add(value, item.kind)
        if has_japanese(value):
            self._add_japanese(value, item.kind)
        else:
            self._add_latin(value, item)

    def _add_japanese(self, value: str, kind: str) -> None:
        self._japanese.add(re.sub(r"\s", "", value), kind)
        if kind == PERSON:
            self._add_readings(value)

    def _add_latin(self, value: str, item: Known) -> None:
        words = words_of(value)
        if words and item.kind == PERSON and "@" not in value:
            self._latin.add_person(words, is_certain=item.is_certain)
        if words and (item.kind != PERSON or "@" in value or _ONE_WORD.fullmatch(value)):
            self._latin.add(words, item.kind)

    def _add_readings(self, name: str) -> None:
        surname, _, given = name.partition(" ")
        if given and len(surname) == 1:
            self._japanese.add_surname(surname)
        listed = surname_reading(surname)
        if listed:
            self._japanese.add_surname(listed[0])
            self._latin.add_transcribed_surname(listed[1])
        for reading in full_name_readings(name):
            self._japanese.add_reading(re.sub(r"[\s・]", "", name), reading)
            self._latin.add_transcription(reading.surname_latin, reading.given_latin)

    def matches(self, text: str) -> Iterator[Match]:
        """Yield the places of known values in folded text, longest at each place; places may overlap."""
        if self._latin:
            yield from self._latin.matches(text)
        if self._japanese and has_japanese(text):
            yield from self._japanese.matches(text)
        if self._phones:
            yield from self._phones.matches(text)
        if self._codes:
            yield from self._codes.matches(text)
