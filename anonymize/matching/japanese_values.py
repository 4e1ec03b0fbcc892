"""Known values in Japanese script, which has no spaces: they are found anywhere in a run of characters.

Covers: spaces inside, honorifics and particles beside them; for a person's name in kanji its reading in hiragana or
katakana, for a name known in kana the kanji that are read so; a surname of one kanji, or in kana, before an honorific.
Does not cover: kana readings of under five characters, names whose reading is not listed (name_readings.py).
"""

import re
from collections.abc import Iterator

from anonymize.matching.known_values import HONORIFIC, MIN_JAPANESE, PERSON, Match
from anonymize.matching.name_readings import Reading, full_name_readings, katakana, surname_reading

MIN_READING = 5  # kana of a full name: もりけん stands in ordinary words as well
MIN_HIRAGANA = 4  # of a name in hiragana that may stand anywhere: もり is in つもり
MAX_BEFORE_HONORIFIC = 6
MAX_PART = 3  # kanji of a surname, and of a given name

_KATAKANA = re.compile(r"[ァ-ヺー]+")
_HIRAGANA = re.compile(r"[ぁ-ゖー]+")
_KANA = re.compile(r"[ぁ-ゖァ-ヺー・]+")
_KANJI = re.compile(r"[々ヶ一-鿿]")
_KANJI_RUN = re.compile(r"[々ヶ一-鿿]{3,}")
_HONORIFIC = re.compile(HONORIFIC)
_HONORIFIC_AT_END = re.compile(rf"(?:{HONORIFIC})$")


class Phrases:
    """Strings, found by their first two characters: the cost does not grow with their number."""

    def __init__(self) -> None:
        self._kinds: dict[str, str] = {}
        self._lengths: dict[str, tuple[int, ...]] = {}

    def __bool__(self) -> bool:
        return bool(self._kinds)

    def add(self, phrase: str, kind: str) -> None:
        """Look for a phrase of two characters or more."""
        self._kinds.setdefault(phrase, kind)
        lengths = self._lengths.get(phrase[:2], ())
        if len(phrase) not in lengths:
            self._lengths[phrase[:2]] = (*lengths, len(phrase))

    def places(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Yield (start, end, kind) of every phrase in the text."""
        for at in range(len(text) - 1):
            for length in self._lengths.get(text[at : at + 2], ()):
                kind = self._kinds.get(text[at : at + length])
                if kind and at + length <= len(text):
                    yield at, at + length, kind


class JapaneseValues:
    """Known values in Japanese script, and the places where they stand."""

    def __init__(self) -> None:
        self._phrases = Phrases()
        self._readings = Phrases()  # full names in katakana
        self._before_honorific: set[str] = set()
        self._kana_names: set[tuple[str, str]] = set()  # known in kana: the kanji are looked up in the text
        self._kana_surnames: set[str] = set()

    def __bool__(self) -> bool:
        return bool(self._phrases or self._before_honorific)

    def add(self, value: str, kind: str) -> None:
        """Look for a value without spaces."""
        if kind == PERSON and len(value) < MIN_HIRAGANA and _HIRAGANA.fullmatch(value):
            self.add_surname(katakana(value))
            return
        self._phrases.add(value, kind)
        if kind == PERSON:
            bare = _HONORIFIC_AT_END.sub("", value)
            if MIN_JAPANESE <= len(bare) < len(value):
                self._phrases.add(bare, kind)

    def add_surname(self, surname: str) -> None:
        """Look for a surname where an honorific follows it: 森さん."""
        self._before_honorific.add(surname)

    def add_reading(self, name: str, reading: Reading) -> None:
        """Look for a full name's other ways to be written in Japanese."""
        kana = reading.surname_kana + reading.given_kana
        if len(kana) >= MIN_READING:
            self._readings.add(kana, PERSON)
        self._before_honorific.add(reading.surname_kana)
        if _KANA.fullmatch(name):
            self._kana_names.add((reading.surname_kana, reading.given_kana))
            self._kana_surnames.add(reading.surname_kana)

    def matches(self, text: str) -> Iterator[Match]:
        """Yield the places of known values in folded text; places may overlap."""
        places = [at for at, char in enumerate(text) if not char.isspace()]
        squeezed = "".join(text[at] for at in places).lower()
        if len(squeezed) != len(places):  # a letter that has two in lower case: compare as it stands
            squeezed = "".join(text[at] for at in places)
        for start, end, kind in self._all(squeezed):
            yield Match(places[start], places[end - 1] + 1, kind)

    def _all(self, text: str) -> Iterator[tuple[int, int, str]]:
        for start, end, kind in self._phrases.places(text):
            if _stands_alone(text, start, end):
                yield start, end, kind
        if self._readings:
            yield from self._read(text)
        if self._before_honorific:
            yield from self._with_honorific(text)
        if self._kana_names:
            yield from self._in_kanji(text)

    def _read(self, text: str) -> Iterator[tuple[int, int, str]]:
        for run in _KANA.finditer(text):
            # ヤマダ・タロウ: the dot is left out of the comparison
            places = [at for at in range(run.start(), run.end()) if text[at] != "・"]
            kana = katakana("".join(text[at] for at in places))
            for start, end, kind in self._readings.places(kana):
                first, last = places[start], places[end - 1] + 1
                if _stands_alone(text, first, last):
                    yield first, last, kind

    def _with_honorific(self, text: str) -> Iterator[tuple[int, int, str]]:
        for honorific in _HONORIFIC.finditer(text):
            end = honorific.start()
            for length in range(1, min(MAX_BEFORE_HONORIFIC, end) + 1):
                start = end - length
                name = katakana(text[start:end])
                if name in self._before_honorific and not _goes_on(text, start):
                    yield start, end, PERSON

    def _in_kanji(self, text: str) -> Iterator[tuple[int, int, str]]:
        for run in _KANJI_RUN.finditer(text):
            for start in range(run.start(), run.end() - 1):
                for cut in range(start + 1, min(start + MAX_PART, run.end() - 1) + 1):
                    surname = surname_reading(text[start:cut])
                    if surname and surname[0] in self._kana_surnames:
                        yield from self._given_after(text, start, cut, min(cut + MAX_PART, run.end()))

    def _given_after(self, text: str, start: int, cut: int, last: int) -> Iterator[tuple[int, int, str]]:
        for end in range(cut + 1, last + 1):
            for reading in full_name_readings(f"{text[start:cut]} {text[cut:end]}"):
                if (reading.surname_kana, reading.given_kana) in self._kana_names:
                    yield start, end, PERSON


def _stands_alone(text: str, start: int, end: int) -> bool:
    """A katakana value is a word of its own: リン is not in リング."""
    if not _KATAKANA.fullmatch(text[start:end]):
        return True
    before, after = text[start - 1 : start] if start else "", text[end : end + 1]
    return not (_KATAKANA.fullmatch(before) or _KATAKANA.fullmatch(after))


def _goes_on(text: str, start: int) -> bool:
    """The run of characters began earlier: 森 is not in 青森様, モリ not in メモリ様."""
    if not start:
        return False
    both = text[start - 1 : start + 1]
    return all(_KANJI.match(char) for char in both) or _same_kana(both)


def _same_kana(pair: str) -> bool:
    return _KATAKANA.fullmatch(pair) is not None or _HIRAGANA.fullmatch(pair) is not None
