"""Draw another name of the same form: script, number of words, initials, order of surname and given name.

Covers: Japanese names in kanji, hiragana, katakana and romaji; Latin names, with initials and hyphens.
Does not cover: gender, rarity, and the tie between a full name and its surname alone: each value is drawn for itself,
so that the frequency of a surname does not give it away.
"""

import re
from functools import lru_cache

from anonymize.matching.watchlist import has_japanese
from anonymize.replacing.keys import Draw
from anonymize.replacing.name_words import GIVEN_NAMES, SURNAMES, JapaneseNames, japanese_names

MAX_SURNAME_CHARACTERS = 9  # in kana; in kanji they have up to 5
_HIRAGANA = re.compile("[ぁ-ゖー]+")
_KATAKANA = re.compile("[ァ-ヺー]+")
_LATIN_WORD = re.compile(r"[^\W\d_]+")
_TO_KATAKANA = {code: chr(code + 0x60) for code in range(ord("ぁ"), ord("ゖ") + 1)}
_TO_HIRAGANA = {code: chr(code - 0x60) for code in range(ord("ァ"), ord("ヶ") + 1)}
_Form = tuple[bool, bool]  # has a surname, has a given name


def other_name(value: str, draw: Draw, attempt: int) -> str:
    """Return a drawn name in lower case, its Japanese parts apart by a space; later attempts make longer names."""
    if not has_japanese(value):
        return _latin(value, draw, attempt)
    names = japanese_names()
    if _HIRAGANA.fullmatch(value):
        return _kana(value, draw, attempt)
    if _KATAKANA.fullmatch(value):
        return _kana(value.translate(_TO_HIRAGANA), draw, attempt).translate(_TO_KATAKANA)
    surname, given = _form(value, "surnames", "given")
    return _joined(draw, attempt, names.surnames if surname else (), names.given if given else ())


def _kana(value: str, draw: Draw, attempt: int) -> str:
    names = japanese_names()
    surname, given = _form(value, "surname_readings", "given_readings")
    return _joined(draw, attempt, names.surname_readings if surname else (), names.given_readings if given else ())


def _joined(draw: Draw, attempt: int, surnames: tuple[str, ...], given: tuple[str, ...]) -> str:
    """Later attempts join two surnames or given names: 佐々木原 is as good a name as another."""
    surname = draw.of(surnames) if surnames else ""
    name = draw.of(given) if given else ""
    if attempt >= 3:
        surname += draw.of(surnames) if surnames else ""
        name += draw.of(given) if given and not surnames else ""
    if attempt >= 6:
        name += draw.of(given or japanese_names().given)
    return f"{surname} {name}".strip()


def _form(value: str, surnames: str, given: str) -> _Form:
    known_surnames, known_given = _known(surnames), _known(given)
    if value in known_surnames:
        return True, False
    if value in known_given:
        return False, True
    for cut in range(min(MAX_SURNAME_CHARACTERS, len(value) - 1), 0, -1):
        if value[:cut] in known_surnames and value[cut:] in known_given:
            return True, True
    return True, len(value) > 2


@lru_cache(maxsize=8)
def _known(names: str) -> frozenset[str]:
    return frozenset(getattr(japanese_names(), names))


def _latin(value: str, draw: Draw, attempt: int) -> str:
    words = _LATIN_WORD.findall(value)
    names = japanese_names()
    surnames, given = _latin_lists(words, names)
    full = [word for word in words if len(word) > 1]
    is_surname_first = ", " in value or (
        surnames is not SURNAMES
        and len(full) > 1
        and full[0] in _known("surname_romaji")
        and full[-1] not in _known("surname_romaji")
    )
    surname_at = words.index(full[0] if is_surname_first else full[-1]) if full else -1
    if full and not is_surname_first:
        surname_at = len(words) - 1 - words[::-1].index(full[-1])
    drawn = [
        draw.of("abcdefghijklmnoprstw") if len(word) == 1 else draw.of(surnames if at == surname_at else given)
        for at, word in enumerate(words)
    ]
    if attempt >= 2 and full:
        drawn[surname_at] = _extended(drawn[surname_at], draw, attempt, (surnames, given), is_alone=len(words) == 1)
    rest = iter(drawn)
    return _LATIN_WORD.sub(lambda _: next(rest), value)


def _latin_lists(words: list[str], names: JapaneseNames) -> tuple[tuple[str, ...], tuple[str, ...]]:
    is_romaji = any(word in _known("surname_romaji") or word in _known("given_romaji") for word in words)
    return (names.surname_romaji, names.given_romaji) if is_romaji else (SURNAMES, GIVEN_NAMES)


def _extended(
    surname: str, draw: Draw, attempt: int, lists: tuple[tuple[str, ...], tuple[str, ...]], *, is_alone: bool
) -> str:
    """A list is smaller than the values: a middle initial, then a second given name; a second surname if alone."""
    surnames, given = lists
    if is_alone:
        return f"{surname}-{draw.of(surnames)}" + (f"-{draw.of(given)}" if attempt >= 5 else "")
    initial = draw.of("abcdefghijklmnoprstw")
    return f"{initial}. {surname}" if attempt < 4 else f"{draw.of(given)} {initial}. {surname}"
