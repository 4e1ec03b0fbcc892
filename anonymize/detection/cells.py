"""Cut the cell of an identifier column into its values: two people are two placeholders, and each is looked for.

Covers: values between ; / | 、 , & and line ends. Does not cover: two values with a space alone between them, and kinds
that hold such signs themselves (addresses, web addresses, secrets).
"""

import re
from collections.abc import Iterator

_WHOLE = frozenset(
    {"ADDRESS", "LOCATION", "ORGANIZATION", "URL", "SECRET", "DATE_TIME", "BIRTH_DATE", "JP_BANK_ACCOUNT"}
)
_BETWEEN = re.compile(r"[;；|｜、，,&＆\n\r\t]+|\s[/／]\s|[/／](?=\D)")
_WORD = r"[^\W\d_]{1,30}"
_REVERSED = re.compile(rf"{_WORD}(?:[-'’ ]{_WORD})?, ?{_WORD}\.?(?: {_WORD}\.?){{0,2}}")  # Smith, John A.


def values_in(kind: str, cell: str) -> Iterator[tuple[int, int]]:
    """Yield where the values of a cell stand; blanks around them and empty ones are left out."""
    is_one = kind in _WHOLE or (kind == "PERSON" and cell.isascii() and _REVERSED.fullmatch(cell.strip()))
    start = 0
    for end, after in [(len(cell), len(cell))] if is_one else _cuts(cell):
        first, last = _stripped(cell, start, end)
        if first < last:
            yield first, last
        start = after


def _cuts(cell: str) -> Iterator[tuple[int, int]]:
    yield from (match.span() for match in _BETWEEN.finditer(cell))
    yield len(cell), len(cell)


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    return start, end
