"""Fold text for matching, so that a pattern meets plain letters, digits and dashes, and find the way back.

Covers: NFKC (full-width, half-width kana, enclosed and mathematical letters), digits of every script, dashes, invisible
and control characters, stacked combining marks, look-alike letters of other scripts inside of a Latin value.
Does not cover: what is encoded or broken in two (views.py), a word written wholly in look-alikes and standing alone,
numbers in kanji.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from anonymize.matching.look_alikes import settle
from anonymize.matching.offsets import Draft, Folded

__all__ = ["Folded", "canonical", "fold"]

# characters that are their own fold; all others, and what is joined to them, take the slow way
_ODD = re.compile(r"[^\t-\r\x1c-~ぁ-ゖァ-ヺー一-鿿々〆、。「」・]+")
MAX_CLUSTER = 31  # a letter and the 30 marks of Unicode's stream-safe format (Standard Annex 15)
_HALF_WIDTH_VOICED = "\uff9e\uff9f"  # ﾊ + ﾟ compose to one パ
_SPECIAL = {
    "〜": "~",  # the full-width tilde ～ is written for it, and NFKC makes a tilde of that
    "\u00b4": "'",  # NFKC would make a space and a mark of an acute accent
    "\u02bc": "'",
    "\u02d7": "-",
    "\u2043": "-",
    "\u2212": "-",
    "\u2028": "\n",
    "\u2029": "\n",
    "\u2800": " ",  # a Braille cell without dots
}
# default-ignorable characters that are not of the category Cf (Unicode, DerivedCoreProperties.txt)
_IGNORABLE = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0000-\U000e0fff]")
# marks that no living script needs beyond what NFKC composes
_GENERIC_MARK = re.compile("[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]")
_LETTERS_IN_SHAPES = (0x1F150, 0x1F170, 0x1F1E6)  # negative circled, negative squared, regional indicators: A to Z


def fold(text: str) -> Folded:
    """Return the text in plain characters, and its offset map."""
    if text.isascii() and (text.isprintable() or not _ODD.search(text)):
        return Folded(text, None, None)
    draft = Draft()
    marked: list[int] = []  # places in the folded text whose mark was dropped
    done = 0
    for odd in _ODD.finditer(text):
        first = odd.start() - (odd.start() > done and _joins_previous(text[odd.start()]))
        draft.keep(text, done, first)
        for start, end in _clusters(text, first, odd.end()):
            part, lost_mark = _fold_cluster(text[start:end])
            if lost_mark:
                marked.append(max(0, len(draft.starts) - (not part)))
            draft.put(part, start, end)
        done = odd.end()
    if done == 0:
        return Folded(settle(text, ()), None, None)
    draft.keep(text, done, len(text))
    return Folded(settle(draft.text(), marked), tuple(draft.starts), tuple(draft.ends))


def canonical(text: str) -> str:
    """Return the form in which two spellings of one value are equal: folded, lower case, single spaces."""
    return " ".join(fold(text).text.casefold().split())


def _clusters(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Cut a stretch of the text so that NFKC never composes across a cut."""
    first = start
    for at in range(start + 1, end):
        # to put a long run of marks in order takes time with the square of its length
        if not _joins_previous(text[at]) or at - first >= MAX_CLUSTER:
            yield first, at
            first = at
    yield first, end


def _joins_previous(char: str) -> bool:
    # vowel and final jamo (U+1160..U+11FF) compose with the letter before them though they are not marks
    return unicodedata.category(char) in {"Mn", "Me"} or char in _HALF_WIDTH_VOICED or "\u1160" <= char <= "\u11ff"


def _fold_cluster(cluster: str) -> tuple[str, bool]:
    """Return the plain characters for a cluster, and whether a mark was dropped that its letter does not take."""
    if len(cluster) == 1:
        return _fold_one(cluster), False
    visible = "".join(char for char in cluster if not _is_invisible(char))
    if len(visible) < 2:
        return _fold_one(visible) if visible else "", False
    composed = unicodedata.normalize("NFKC", "".join(map(_shape, visible)))
    kept = ""
    for char in composed:
        if not _is_stray_mark(char, kept):
            kept += char
    return kept, len(kept) < len(composed)


@lru_cache(maxsize=20_000)
def _fold_one(char: str) -> str:
    if _is_invisible(char):
        return ""
    composed = unicodedata.normalize("NFKC", _shape(char))
    return "" if len(composed) == 1 and _is_stray_mark(composed, "") else composed


def _is_invisible(char: str) -> bool:
    # zero width space, soft hyphen, direction marks, tags; control characters that are no white space
    category = unicodedata.category(char)
    return category == "Cf" or (category == "Cc" and not char.isspace()) or _IGNORABLE.match(char) is not None


def _is_stray_mark(char: str, before: str) -> bool:
    if _GENERIC_MARK.match(char):
        return True
    return unicodedata.category(char) in {"Mn", "Me"} and (not before or before[-1].isascii())


def _shape(char: str) -> str:
    """Return the plain character of one shape: a dash, a digit, a letter in a square."""
    if char in _SPECIAL:
        return _SPECIAL[char]
    if unicodedata.category(char) == "Pd":
        return "-"
    digit = unicodedata.digit(char, None)  # ٣ and ❸ too
    if digit is not None:
        return str(digit)
    for first in _LETTERS_IN_SHAPES:
        if first <= ord(char) < first + 26:
            return chr(ord("A") + ord(char) - first)
    return char
