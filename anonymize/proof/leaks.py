"""Search everything that leaves for what was replaced: the second pass that must find nothing.

Covers: every replaced value, in any case, width and spacing, phone numbers in any grouping, in any column, in the
columns' names and in the record's id; a person's name of two Latin letters where it is written Xu. One pass, one record
in memory at a time.
Does not cover: values that were never found; other originals under 3 Latin or 2 Japanese characters; in ids and names
of columns, numbers of under 6 digits; kinds that are neither direct nor spread (an age, a quantity, a plain date: equal
elsewhere by chance); a date that equals another date after the shift of all dates; an original inside of a longer
issued replacement (the surname in another full name), which says nothing about its place.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from anonymize.escapes import unescaped
from anonymize.kinds import KINDS
from anonymize.matching.folding import fold
from anonymize.matching.watchlist import Known, Match, Watchlist
from anonymize.records import CleanRecord, Span
from anonymize.replacing.originals import Original
from anonymize.replacing.spelling import comparable, comparable_sign
from anonymize.replacing.surrogates import DATE_KINDS

ID = "id"  # the column that a leak in the record's own id is reported under
MIN_ID_DIGITS = 6  # the running number 4123 and the extension 4123 are equal by chance
MAX_SURROGATE = 60  # characters; a longer replacement around an original is reported, which is the safe side


_PLACEHOLDER = re.compile(r"<[A-Z][A-Z0-9_]{1,60}>")
_EQUAL_BY_CHANCE = frozenset(kind.name for kind in KINDS if not (kind.direct or kind.spreads))


@dataclass(frozen=True, slots=True)
class Leak:
    """A replaced value that stands in a clean record; it never holds the text itself."""

    record_id: str  # "clean record 17", counted from 1, where the id itself holds a replaced value
    column: str  # "column 3", counted from 1, where the column's name itself holds one
    span: Span
    kind: str


def leaks(clean: Iterable[CleanRecord], originals: Iterable[Original]) -> Iterator[Leak]:
    """Yield every place where a replaced value survived; the text of an issued replacement is none.

    A value that a reviewer accepted in one place and rejected in another is a leak: the decisions contradict.
    """
    search = _Search(originals)
    names: dict[str, str] = {}  # column -> how it may be called in a leak
    for number, record in enumerate(clean, start=1):
        in_id = list(search.in_name(record.id))
        called = f"clean record {number}" if in_id else record.id
        for span, kind in in_id:
            yield Leak(called, ID, span, kind)
        for at, (column, text) in enumerate(record.columns.items(), start=1):
            if column not in names:
                in_column = list(search.in_name(column))
                names[column] = f"column {at}" if in_column else column
                for span, kind in in_column:
                    yield Leak(called, names[column], span, kind)
            for span, kind in search.in_text(text):
                yield Leak(called, names[column], span, kind)


class _Search:
    """The originals to look for, and the replacements that are no leak."""

    def __init__(self, originals: Iterable[Original]) -> None:
        known: list[Known] = []
        self._placeholders: set[str] = set()
        self._issued: dict[str, str] = {}  # comparable form -> the kind whose originals it may equal, or ""
        for original in originals:
            if original.kind not in _EQUAL_BY_CHANCE:
                known.append(Known(original.kind, original.value, original.is_certain))
            if original.placeholder.startswith("<") and original.technique == "placeholder":
                self._placeholders.add(original.placeholder)
            elif original.placeholder:
                may_equal = original.technique == "generalise" or original.kind in DATE_KINDS
                self._issued[comparable(original.placeholder)] = original.kind if may_equal else ""
        self._watchlist = Watchlist(known)

    def in_text(self, text: str) -> Iterator[tuple[Span, str]]:
        yield from self._as_it_stands(text)
        if (read := unescaped(text)) != text and (found := next(self._as_it_stands(read), None)):
            yield Span(0, len(text)), found[1]  # escaped letters have no place of their own in what they stand for

    def _as_it_stands(self, text: str) -> Iterator[tuple[Span, str]]:
        folded = fold(text)
        issued = list(self._placeholder_spans(folded.text))
        for match in self._watchlist.matches(folded.text):
            if any(start <= match.start and match.end <= end for start, end in issued):
                continue
            if not (self._issued and self._is_inside_of_issued(folded.text, match)):
                yield folded.original(match.start, match.end), match.kind

    def in_name(self, name: str) -> Iterator[tuple[Span, str]]:
        return ((span, kind) for span, kind in self.in_text(name) if not _by_chance(name, span))

    def _placeholder_spans(self, text: str) -> Iterator[tuple[int, int]]:
        return (match.span() for match in _PLACEHOLDER.finditer(text) if match[0] in self._placeholders)

    def _is_inside_of_issued(self, text: str, match: Match) -> bool:
        """Say whether the place is part of a longer issued replacement, or equal to one that may equal an original."""
        start, end = match.start, match.end
        first, last = max(0, end - MAX_SURROGATE), min(len(text), start + MAX_SURROGATE)
        places = [at for at in range(first, last) if comparable_sign(text[at])]
        plain = "".join(comparable_sign(text[at]) for at in places)
        begin, until = bisect_left(places, start), bisect_left(places, end)
        for left in range(begin, -1, -1):
            for right in range(until, len(plain) + 1):
                may_equal = self._issued.get(plain[left:right])
                if may_equal is not None and ((left, right) != (begin, until) or may_equal == match.kind):
                    return True
        return False


def _by_chance(record_id: str, span: Span) -> bool:
    return span.end - span.start < MIN_ID_DIGITS and record_id[span.start : span.end].isdecimal()
