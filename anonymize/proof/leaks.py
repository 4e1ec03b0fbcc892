"""Search everything that leaves for what was replaced: the second pass that must find nothing.

Covers: every replaced value, in any case, width and spacing, phone numbers in any grouping, in any column and in the
record's id; a person's name of two Latin letters where it is written Xu.
Does not cover: values that were never found; other originals under 3 Latin or 2 Japanese characters; in ids, numbers of
under 6 digits.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from anonymize.matching.folding import fold
from anonymize.matching.watchlist import Known, Watchlist
from anonymize.records import CleanRecord, Span
from anonymize.replacing.placeholders import Original

ID = "id"  # the column that a leak in the record's own id is reported under
MIN_ID_DIGITS = 6  # the running number 4123 and the extension 4123 are equal by chance


@dataclass(frozen=True, slots=True)
class Leak:
    """A replaced value that stands in a clean record; it never holds the text itself."""

    record_id: str  # "clean record 17", counted from 1, where the id itself holds a replaced value
    column: str
    span: Span
    kind: str


def leaks(clean: Iterable[CleanRecord], originals: Sequence[Original]) -> Iterator[Leak]:
    """Yield every place where a replaced value survived; the text of placeholders is none.

    A value that a reviewer accepted in one place and rejected in another is a leak: the decisions contradict.
    """
    watchlist = Watchlist(Known(original.kind, original.value) for original in originals)
    placeholders = frozenset(original.placeholder for original in originals)
    for number, record in enumerate(clean, start=1):
        in_id = [
            found for found in _survivors(record.id, watchlist, placeholders) if not _by_chance(record.id, found[0])
        ]
        name = f"clean record {number}" if in_id else record.id
        for span, kind in in_id:
            yield Leak(name, ID, span, kind)
        for column, text in record.columns.items():
            for span, kind in _survivors(text, watchlist, placeholders):
                yield Leak(name, column, span, kind)


def _survivors(text: str, watchlist: Watchlist, placeholders: frozenset[str]) -> Iterator[tuple[Span, str]]:
    folded = fold(text)
    issued = list(_placeholder_spans(folded.text, placeholders))
    for match in watchlist.matches(folded.text):
        if not any(start <= match.start and match.end <= end for start, end in issued):
            yield folded.original(match.start, match.end), match.kind


def _by_chance(record_id: str, span: Span) -> bool:
    return span.end - span.start < MIN_ID_DIGITS and record_id[span.start : span.end].isdecimal()


def _placeholder_spans(text: str, placeholders: frozenset[str]) -> Iterator[tuple[int, int]]:
    start = text.find("<")
    while start >= 0:
        end = text.find(">", start) + 1
        if end and text[start:end] in placeholders:
            yield start, end
        start = text.find("<", start + 1)
