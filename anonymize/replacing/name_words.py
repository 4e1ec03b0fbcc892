"""The words that replacements are made of; English ones from our own knowledge, Japanese ones of packages (MIT)."""

import csv
import importlib.util
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

GIVEN_NAMES = tuple(
    """
    adam alan alice amanda amelia andrea andrew anna anthony arthur barbara benjamin beth brian carla carol caroline
    catherine charles charlotte christine claire colin connor daniel david deborah dennis diana donald dorothy douglas
    edward eleanor elizabeth ellen emily emma eric ethan evelyn felicity fiona frances frank gareth george gillian
    gordon grace graham hannah harold harriet harry heather helen henry howard hugh ian irene isaac isabel jack jacob
    james jane janet jason jean jennifer jeremy jessica joan joel john jonathan joseph joyce judith julia julian karen
    katherine keith kenneth kevin laura lauren leonard leslie linda lisa louis louise lucy luke malcolm margaret maria
    marion martha martin mary matthew maureen megan melissa michael michelle miles molly monica nancy naomi natalie
    nathan neil nicholas nicola nigel nora oliver olivia oscar owen pamela patricia patrick paul paula penelope peter
    philip phoebe rachel ralph raymond rebecca richard robert robin roger ronald rose rosemary roy russell ruth ryan
    sally samuel sandra sarah scott sean sharon sheila simon sophia sophie stanley stella stephen stuart susan sylvia
    teresa theodore thomas timothy tracy valerie vera veronica victor victoria vincent violet virginia vivian walter
    wendy william yvonne zoe
    """.split()  # noqa: SIM905 - one word a line would fill a screen
)
_SURNAME_HEADS = (  # noqa: SIM905 - as above
    "alder amber arden ash barn beck birch black bramble brook burn cald carl chester clay clif copper corn cran crest "
    "dal dun east elder elm fair fal farn fern field fox glen gold gran green grey had hal hart hawk hazel heath hol "
    "horn kel kirk lang lark lin lock mal maple marl mar mel mill mor moss nether new north oak old pem pen pres quil "
    "raven red rose row sand shel silver stan sten stone sun swan tam thorn til under wal war water wes whit win wood"
).split()
_SURNAME_TAILS = (  # noqa: SIM905 - as above
    "bank beck berry bourne bridge brook burn bury by combe cott croft dale den field ford gate grove ham hurst land "
    "ley low man mere moor more ridge shaw side stead ster stone thorpe ton tree vale wall ward water way well wick "
    "wood worth"
).split()
SURNAMES = tuple(head + tail for head in _SURNAME_HEADS for tail in _SURNAME_TAILS if head != tail)
STREETS = tuple(f"{head}{tail}" for head in _SURNAME_HEADS for tail in ("crest", "field", "gate", "hill", "view"))
TOWNS = tuple(f"{head}{tail}" for head in _SURNAME_HEADS for tail in ("borough", "bury", "haven", "minster", "port"))
COMPANY_HEADS = tuple(f"{head}{tail}" for head in _SURNAME_HEADS for tail in ("ex", "ia", "ion", "ora", "us", "yx"))
JAPANESE_COMPANY_HEADS = tuple(
    first + second
    for first in "旭東西南北中新大日光富栄明和三丸高松福安"
    for second in "央陽進興洋鋼機電海峰泉工和成丘"
)
KATAKANA_COMPANY_HEADS = tuple(
    first + second + third
    for first in ("アル", "エム", "コル", "セン", "タク", "ノル", "フィ", "ミラ", "ラン", "ロク")
    for second in ("カ", "テ", "ビ", "ラ", "ゼ")
    for third in ("ム", "ス", "ック", "ナ", "ード")
)
_LONG_VOWEL = re.compile(r"ou(?![aeiouy])|uu|oo")
MAX_GIVEN_SPELLINGS = 12  # of one reading; the rest are rare


@dataclass(frozen=True, slots=True)
class JapaneseNames:
    """Surnames and given names, each in kanji, hiragana and romaji."""

    surnames: tuple[str, ...]
    given: tuple[str, ...]
    surname_readings: tuple[str, ...]
    given_readings: tuple[str, ...]
    surname_romaji: tuple[str, ...]
    given_romaji: tuple[str, ...]


@lru_cache(maxsize=1)
def japanese_names() -> JapaneseNames:
    """Read the names of the package japanese-personal-name-dataset, in its own order."""
    folder = _package_folder("japanese_personal_name_dataset") / "dataset"
    last = [row for row in _rows(folder / "last_name_org.csv") if len(row) >= 4]
    first = [row for part in ("man", "woman") for row in _rows(folder / f"first_name_{part}_opti.csv") if len(row) > 2]
    spellings = (name for row in first for name in row[2 : 2 + MAX_GIVEN_SPELLINGS])
    return JapaneseNames(
        surnames=_distinct(row[0] for row in last),
        given=_distinct(spellings),
        surname_readings=_distinct(row[2] for row in last),
        given_readings=_distinct(row[0] for row in first),
        surname_romaji=_distinct(_passport(row[3]) for row in last),
        given_romaji=_distinct(_passport(row[1]) for row in first),
    )


def package_file(package: str, name: str) -> Path:
    """Return a data file of an installed package without importing it."""
    return _package_folder(package) / name


def _package_folder(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"the package {package} is not installed", name=package)
    return Path(spec.origin).parent


def _rows(file: Path) -> list[list[str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.reader(lines))


def _passport(romaji: str) -> str:
    """Satou is written Sato in passports and on badges; Inoue stays."""
    return _LONG_VOWEL.sub(lambda vowels: vowels[0][0], romaji.lower())


def _distinct(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for word in words if word))
