"""Search everything that leaves for what was replaced: the second pass that must find nothing.

Covers: every replaced value, in any case, width and spacing, phone numbers in any grouping, in any column.
Does not cover: values that were never found; originals under 3 Latin or 2 Japanese characters.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from anonymize.folding import fold
from anonymize.records import CleanRecord, Span
from anonymize.replacing import Original
from anonymize.watchlist import Known, Watchlist


@dataclass(frozen=True, slots=True)
class Leak:
    """A replaced value that stands in a clean record; it never holds the text itself."""

    record_id: str
    column: str
    span: Span
    kind: str


def leaks(clean: Iterable[CleanRecord], originals: Sequence[Original]) -> Iterator[Leak]:
    """Yield every place where a replaced value survived; the text of placeholders is none.

    A value that a reviewer accepted in one place and rejected in another is a leak: the decisions contradict.
    """
    watchlist = Watchlist(Known(original.kind, original.value) for original in originals)
    placeholders = frozenset(original.placeholder for original in originals)
    for record in clean:
        for column, text in record.columns.items():
            folded = fold(text)
            issued = list(_placeholder_spans(folded.text, placeholders))
            for match in watchlist.matches(folded.text):
                if not any(start <= match.start and match.end <= end for start, end in issued):
                    yield Leak(record.id, column, folded.original(match.start, match.end), match.kind)


def _placeholder_spans(text: str, placeholders: frozenset[str]) -> Iterator[tuple[int, int]]:
    start = text.find("<")
    while start >= 0:
        end = text.find(">", start) + 1
        if end and text[start:end] in placeholders:
            yield start, end
        start = text.find("<", start + 1)
