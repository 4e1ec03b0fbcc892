"""How the time of every pattern grows with the length of hostile text: twice the text, about twice the time.

Every compiled pattern in the modules of recognizers, protection and matching counts, inside of tuples, mappings and
objects too, and those of presidio that the library uses; besides, the functions of matching as a whole. Needs no
folder.
"""

import importlib
import pkgutil
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import regex  # type: ignore[import-untyped]  # ships no types
from anonymize_suites.table import Row

from anonymize.matching.folding import fold
from anonymize.matching.views import views
from anonymize.matching.watchlist import Known, Watchlist
from anonymize.proportions import wilson
from anonymize.recognizers.loading import import_without_torch

PACKAGES = ("anonymize.recognizers", "anonymize.protecting", "anonymize.matching")
PRESIDIO = "anonymize.recognizers.presidio_patterns"
LENGTHS = (4_000, 8_000, 16_000, 32_000)  # characters
MOST = 2.3  # t(2n) / t(n); two and some noise
FLOOR = 0.005  # seconds of CPU; below it the clock's noise decides
REPEATS = 5
CONFIRMED = 3  # times, each apart from the others
DEPTH = 6  # of the walk into objects
MANY = 200  # a longer tuple, or a mapping of more entries, is a word list
_LITERAL = re.compile(r"[^\\\[\](){}|?*+^$.<>=!:,-]+")

HOSTILE = (
    ".", "a.", "1-", "1.", "あ", "(", " ", "0", "a", "A", "Ab ", "aB", "a@", "@a.", "www.", "http://a", "a-", "1 ",
    "1:", "1/", "漢字", "ア", "ー", "\n", "a\n", "A.", "A' ", "%4", "&#", "=", "_", "田中", "〒1", "O'B", "a, ", "年1",
    "\u0301\u0327", "a\u0430", "&#64;", "%41",
)  # fmt: skip
ENDINGS = ("", "\x01")
Run = Callable[[str], object]


def run(data: Path) -> Iterable[Row]:
    """Yield how many patterns, and how many functions, grow faster than in proportion."""
    del data
    patterns = dict(_patterns())
    offenders = [name for name, pattern in patterns.items() if _grows(_search(pattern), _texts(pattern.pattern))]
    yield _row("patterns that grow faster", offenders, len(patterns))
    functions = dict(_functions())
    slow = [name for name, function in functions.items() if _grows(function, _texts(""))]
    yield _row("functions of matching that grow faster", slow, len(functions))


def _row(measure: str, offenders: list[str], samples: int) -> Row:
    low, high = wilson(len(offenders), samples)
    note = ", ".join(offenders)
    return Row("growth", measure, len(offenders), low * samples, high * samples, samples, 0, "<=", note)


def _functions() -> Iterator[tuple[str, Run]]:
    values = ("John Smith", "山田太郎", "ヤマダ タロウ", "田中 一", "a b")
    watchlist = Watchlist(
        [
            *(Known("PERSON", value) for value in values),
            Known("PHONE_NUMBER", "000000"),
            Known("EMPLOYEE_ID", "0000001"),
        ]
    )
    yield "fold", fold
    yield "views", lambda text: list(views(text))
    yield "Watchlist.matches", lambda text: list(watchlist.matches(fold(text).text))


def _search(pattern: Any) -> Run:
    return lambda text: sum(1 for _ in pattern.finditer(text))


def _texts(source: str) -> Iterator[Callable[[int], str]]:
    """Yield makers of text of a given length: common ones, and the pattern's own literals repeated."""
    literals = [literal for literal in dict.fromkeys(_LITERAL.findall(source)) if len(literal) < 30][:4]
    units = dict.fromkeys((*HOSTILE, *literals, "".join(literals), " ".join(literals)))
    for unit in filter(None, units):
        for ending in ENDINGS:
            yield partial(_repeated, "", unit, ending)
    for literal in literals:
        for unit in ("1", "a", " ", "漢", "A"):
            yield partial(_repeated, literal, unit, "\x01")


def _repeated(beginning: str, unit: str, ending: str, length: int) -> str:
    return beginning + (unit * (length // len(unit) + 1))[:length] + ending


def _grows(function: Run, texts: Iterable[Callable[[int], str]]) -> bool:
    return any(_grows_on(function, make) for make in texts)


def _grows_on(function: Run, make: Callable[[int], str]) -> bool:
    before = _seconds(function, make(LENGTHS[0]))
    for length in LENGTHS[1:]:
        taken = _seconds(function, make(length))
        is_suspect = taken >= FLOOR and taken > MOST * before
        if is_suspect and all(_grows_for_sure(function, make, length) for _ in range(CONFIRMED)):
            return True
        if taken * (LENGTHS[-1] / length) ** 2 < FLOOR:
            return False  # even the square of the length would not reach the floor
        before = taken
    return False


def _grows_for_sure(function: Run, make: Callable[[int], str], length: int) -> bool:
    """Other work on the machine makes single times longer: the shortest of several counts, over two doublings."""
    texts = [make(length // 4), make(length // 2), make(length)]
    rounds = [[_seconds(function, text) for text in texts] for _ in range(REPEATS)]
    quarter, half, whole = (float(min(times)) for times in zip(*rounds, strict=True))
    return whole >= FLOOR and whole > MOST * half and whole > MOST * MOST * quarter


def _seconds(function: Run, text: str) -> float:
    started = time.process_time()
    function(text)
    return time.process_time() - started


def _patterns() -> Iterator[tuple[str, Any]]:
    """Yield every pattern once, under the first name that leads to it."""
    seen: dict[tuple[str, int], str] = {}
    for module in _modules():
        for name, value in vars(module).items():
            if not name.startswith("__"):
                yield from _inside(f"{module.__name__.removeprefix('anonymize.')}.{name}", value, DEPTH, seen)
    presidio = import_without_torch(PRESIDIO)
    for recognizer in presidio.of_kinds(presidio.DEFAULT_KINDS):
        for pattern in getattr(recognizer, "patterns", ()):
            compiled = regex.compile(pattern.regex, flags=presidio.FLAGS)
            yield from _inside(f"presidio {pattern.name!r}", compiled, DEPTH, seen)


def _modules() -> Iterator[Any]:
    for package in PACKAGES:
        for found in pkgutil.iter_modules(importlib.import_module(package).__path__, f"{package}."):
            yield import_without_torch(found.name)


def _inside(name: str, value: Any, depth: int, seen: dict[tuple[str, int], str]) -> Iterator[tuple[str, Any]]:
    if isinstance(value, re.Pattern | regex.Pattern):
        if isinstance(value.pattern, str) and seen.setdefault((value.pattern, value.flags), name) == name:
            yield name, value
        return
    for key, part in _parts(value) if depth else ():
        yield from _inside(f"{name}.{key}", part, depth - 1, seen)


def _parts(value: Any) -> Iterable[tuple[object, Any]]:
    if isinstance(value, Mapping):
        return list(value.items()) if len(value) <= MANY else []
    if isinstance(value, tuple | list | set):
        return list(enumerate(value)) if len(value) <= MANY else []
    if type(value).__module__.startswith(("anonymize.", "presidio_analyzer.")):
        names = [*getattr(value, "__dict__", {}), *getattr(type(value), "__slots__", ())]
        return [(name, getattr(value, name, None)) for name in names]
    return []
