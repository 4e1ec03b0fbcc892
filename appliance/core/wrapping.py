"""Breaks a line for a terminal by cells, with an indent: Japanese between any two letters, all else at blanks."""

import re
from collections.abc import Iterator
from unicodedata import east_asian_width

OPENING = "（「『【〔〈《［"  # never at the end of a line
CLOSING = "、。，．）」』】〕〉》］：；？！ー…・々"  # never at the beginning of one
_PART = re.compile(rf" +|[{OPENING}]*(?:[!-~]+|[^ ])[{CLOSING}]*")  # blanks, a word, or a letter of another script


def cells(text: str) -> int:
    """Return the width of a text on a terminal; a full-width letter takes two cells."""
    return sum(1 + (east_asian_width(letter) in "FW") for letter in text)


def wrapped(text: str, width: int, indent: int = 0) -> Iterator[str]:
    """Yield the lines of a text, none wider than `width` cells; each after the first begins with `indent` blanks.

    A word that is wider than a line is broken anywhere, as a long path is.
    """
    width, line, used = max(width, indent + 2), "", 0
    for found in _PART.finditer(text):
        part, wide = found[0], cells(found[0])
        if used + wide <= width:
            line, used = line + part, used + wide
            continue
        if line.strip():
            yield line.rstrip()
            line, used = " " * indent, indent
        part = part.lstrip(" ")
        while used + cells(part) > width:
            fitting = _fitting(part, width - used)
            yield line + part[:fitting]
            line, used, part = " " * indent, indent, part[fitting:]
        line, used = line + part, used + cells(part)
    if line.strip() or not text:
        yield line.rstrip()


def _fitting(text: str, width: int) -> int:
    """Return how many letters fit; one at least, so that it comes to an end."""
    count = used = 0
    for letter in text:
        used += cells(letter)
        if used > width:
            break
        count += 1
    return max(1, count)
