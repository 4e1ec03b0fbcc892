"""Settle, in text that is folded character by character, what depends on the neighbours; no length changes.

Covers: a Cyrillic, Greek or other letter that stands for the Latin one it looks like (the Unicode consortium's list of
confusables, and small letters that look alike in print), the long vowel mark and its like as a dash between digits,
accents inside of an e-mail address or of a value under stacked marks.
Does not cover: honest words of other scripts and units (Ω, μm), which stay; a name written wholly in look-alikes that
stands alone, which cannot be told from such a word.
"""

import importlib.resources
import json
import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

_DASH_BETWEEN_DIGITS = re.compile(r"(?<=[0-9])[ー─━一](?=[0-9])")  # 090ー1234; elsewhere letters: ポンパー, 第一
_FOREIGN = (
    "\u0250-\u02af\u0370-\u058f\u10a0-\u10ff\u13a0-\u13ff\u1d00-\u1d7f"
    "\u2c80-\u2cff\ua4d0-\ua4ff\ua640-\ua69f\ua730-\ua7ff\uab30-\uabbf"
)
_FOREIGN_LETTER = re.compile(f"[{_FOREIGN}ı]")
_ACCENTED = re.compile("[\u00c0-\u024f\u1e00-\u1eff]")
# white space, kana and kanji and their punctuation end a chunk
_CHUNK = re.compile(r"[^\s\u3000-\u30ff\u3400-\u4dbf一-鿿]+")
_LETTERS = re.compile(rf"[A-Za-z\u00c0-\u024f\u1e00-\u1eff{_FOREIGN}]+")
_LATIN_LETTER = re.compile(r"[A-Za-z\u00c0-\u024f\u1e00-\u1eff]")
# small letters that the list pairs with small capitals only; used beside Latin letters
_IN_PRINT = dict(zip("ктмнвпκτεωηχβ", "ktmhbnktewnxb", strict=True))
_SYMBOLS = frozenset("αγιρσυν")  # alone, and in no address: the quantity (ρ=1.2)
_AS_DIGITS = str.maketrans("OolI", "0011")


def settle(text: str, marked: Sequence[int]) -> str:
    """Return the text with look-alikes, dashes between digits and disguising accents made plain.

    `marked`: places where a combining mark was dropped since its letter does not take it.
    """
    if "ー" in text or "一" in text or "─" in text or "━" in text:
        text = _DASH_BETWEEN_DIGITS.sub("-", text)
    has_foreign = _FOREIGN_LETTER.search(text) is not None
    if not (has_foreign or marked or ("@" in text and _ACCENTED.search(text))):
        return text
    marks = iter(sorted(marked))
    mark = next(marks, None)
    parts: list[str] = []
    done = 0
    for chunk in _CHUNK.finditer(text):
        start, end = chunk.span()
        while mark is not None and mark < start:
            mark = next(marks, None)
        piece = _latin(chunk[0]) if has_foreign else chunk[0]
        if "@" in piece or (mark is not None and mark < end):
            piece = _without_accents(piece)
        parts += (text[done:start], piece)
        done = end
    return "".join((*parts, text[done:]))


def _latin(chunk: str) -> str:
    """Fold the look-alikes of a chunk, if something in it says that it is meant to be Latin."""
    if chunk.isascii():
        return chunk
    has_digit = any(char.isdigit() for char in chunk)
    mixed = _LETTERS.sub(lambda run: _mixed_run(run[0]), chunk)
    if mixed == chunk and not has_digit and "@" not in chunk:
        return chunk
    kept = frozenset() if "@" in chunk else _SYMBOLS
    folded = _LETTERS.sub(lambda run: run[0] if run[0] in kept else _translated(run[0], _table()), mixed)
    if folded != chunk and has_digit and {char for char in folded if char.isalpha()} <= set("OolI"):
        return folded.translate(_AS_DIGITS)  # a number with letters for zeros and ones
    return folded


def _mixed_run(run: str) -> str:
    """sаrаh: Latin letters, and others that all look Latin."""
    return _translated(run, _table() | _IN_PRINT) if _LATIN_LETTER.search(run) else run


def _translated(run: str, table: dict[str, str]) -> str:
    if run.isascii() or not all(char in table or _LATIN_LETTER.match(char) for char in run):
        return run
    return "".join(table.get(char, char) for char in run)


def _without_accents(chunk: str) -> str:
    return "".join(_base(char) if _ACCENTED.match(char) else char for char in chunk)


def _base(char: str) -> str:
    return unicodedata.normalize("NFD", char)[0]


@lru_cache(maxsize=1)
def _table() -> dict[str, str]:
    """Return foreign letter -> ASCII letter or digit, of the same case where the list gives one."""
    listed = json.loads(
        importlib.resources.files("confusable_homoglyphs").joinpath("confusables.json").read_text("utf-8")
    )
    table: dict[str, str] = {}
    for char, twins in listed.items():
        if len(char) == 1 and _FOREIGN_LETTER.match(char) and unicodedata.category(char)[0] == "L":
            plain = [twin["c"] for twin in twins if len(twin["c"]) == 1 and twin["c"].isascii() and twin["c"].isalnum()]
            if plain:
                table[char] = _of_the_same_case(char, plain[0])
    return table


def _of_the_same_case(char: str, plain: str) -> str:
    if char.isupper() and plain == "l":
        return "I"  # the list takes І, Ι and l for one shape
    return plain
