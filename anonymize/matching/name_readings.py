"""How Japanese names are read: kanji to kana and to Latin letters.

Source: japanese-personal-name-dataset 0.4.0 (MIT), 2,000 surnames and 9,500 readings of given names.
Does not cover: names that the data set does not list, a second reading of a surname (it has one each).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from japanese_personal_name_dataset import load_dataset

MAX_READINGS = 8  # of one given name: 大翔 has 20, and the rare ones match by chance
_TO_KATAKANA = {code: code + 0x60 for code in range(ord("ぁ"), ord("ゖ") + 1)}
# other ways to transcribe lead to one key: shi si, tsu tu, ji zi, Gotoh Gotou Goto, Shimpei Shinpei
_ONE_SPELLING = (
    (re.compile(r"tch"), "tty"),
    (re.compile(r"sh"), "sy"),
    (re.compile(r"ch"), "ty"),
    (re.compile(r"ts"), "t"),
    (re.compile(r"j"), "zy"),
    (re.compile(r"(?<=[stz])yi"), "i"),
    (re.compile(r"(?<=[stz])yy"), "y"),
    (re.compile(r"f"), "h"),
    (re.compile(r"m(?=[bpm])"), "n"),
    (re.compile(r"oh(?![aiueoy])"), "o"),
    (re.compile(r"o[ou]"), "o"),
    (re.compile(r"uu"), "u"),
)


@dataclass(frozen=True, slots=True)
class Reading:
    """A full name as it is read: kana in katakana, Latin letters as keys of `latin_key`."""

    surname_kana: str
    given_kana: str
    surname_latin: str
    given_latin: str


@lru_cache(maxsize=65_536)
def latin_key(word: str) -> str:
    """Return one spelling for all usual transcriptions of a Japanese name in small ASCII letters."""
    for pattern, plain in _ONE_SPELLING:
        word = pattern.sub(plain, word)
    return word


def katakana(text: str) -> str:
    """Return the text with katakana for hiragana."""
    return text.translate(_TO_KATAKANA)


def surname_reading(surname: str) -> tuple[str, str] | None:
    """Return a surname's katakana and Latin key, or None where it is not listed."""
    return _surnames().get(surname)


def full_name_readings(name: str) -> Iterator[Reading]:
    """Yield how a name in kanji or kana, with a space or without, may be read."""
    for surname, given in _splits(name):
        listed = _surnames().get(surname) or _kana_surnames().get(katakana(surname))
        for kana, latin in _given_names().get(given, ()) if listed else ():
            assert listed
            yield Reading(listed[0], kana, listed[1], latin)


def _splits(name: str) -> Iterator[tuple[str, str]]:
    surname, _, given = name.replace("・", " ").partition(" ")
    if given:
        yield surname, _as_listed(given)
        return
    yield from ((name[:at], _as_listed(name[at:])) for at in range(1, min(len(name), 6)))


def _as_listed(given: str) -> str:
    """A given name in kana is listed under its katakana."""
    return katakana(given)


@lru_cache(maxsize=1)
def _surnames() -> dict[str, tuple[str, str]]:
    _, _, surnames = load_dataset("opti", include_last_names=True)
    return {surname: (katakana(entry["reading"]), latin_key(entry["en"])) for surname, entry in surnames.items()}


@lru_cache(maxsize=1)
def _kana_surnames() -> dict[str, tuple[str, str]]:
    return {kana: (kana, latin) for kana, latin in _surnames().values()}


@lru_cache(maxsize=1)
def _given_names() -> dict[str, tuple[tuple[str, str], ...]]:
    """Return spelling -> readings; the popular spellings come first, so that they are kept."""
    found: dict[str, tuple[tuple[str, str], ...]] = {}
    for names in (*load_dataset("opti"), *load_dataset("org")):
        for reading, entry in names.items():
            pair = (katakana(reading), latin_key(entry["en"]))
            for spelling in (katakana(reading), *map(katakana, entry["kanji"])):
                readings = found.get(spelling, ())
                if pair not in readings and len(readings) < MAX_READINGS:
                    found[spelling] = (*readings, pair)
    return found
