"""After the review: what was accepted in one place is looked for in every text of every record.

Covers: values of accepted findings and of spans that a reviewer marked, in the spellings that the watchlist knows.
Does not cover: kinds that do not spread (a date, a postal code: equal by chance), and places that a reviewer rejected.
"""

from collections.abc import Iterable, Iterator, Sequence

from anonymize.kinds import spreads
from anonymize.matching.folding import fold
from anonymize.matching.watchlist import Known, Watchlist
from anonymize.records import Decision, Finding, Record, Span
from anonymize.replacing.spelling import parts

RECOGNIZER = "known-value"
REASON = "a value that was accepted elsewhere"
_Reviewed = tuple[Record, Sequence[Decision]]


def accepted_values(reviewed: Iterable[_Reviewed]) -> Iterator[Known]:
    """Yield every different value of accepted findings whose kind spreads; records need not stay in memory."""
    seen: set[Known] = set()
    for record, decisions in reviewed:
        for decision in decisions:
            finding = decision.finding
            if decision.verdict == "reject" or not spreads(finding.kind):
                continue
            text = record.columns.get(finding.column, "")
            value = parts(finding.kind, text[finding.span.start : finding.span.end]).value.strip()
            known = Known(finding.kind, value, finding.is_certain)
            if value and known not in seen:
                seen.add(known)
                yield known


def propagate(
    reviewed: Iterable[_Reviewed], known: Iterable[Known], text_columns: Sequence[str], by: str
) -> Iterator[tuple[Record, tuple[Decision, ...]]]:
    """Yield each record with an accepted decision more for every known value that no decision covers.

    A place that the reviewer rejected exactly stays rejected.
    """
    watchlist = Watchlist(known)
    for record, decisions in reviewed:
        added = [
            Decision(finding, "accept", REASON, by)
            for finding in _standing_in(record, watchlist, text_columns)
            if not any(_settles(decision, finding) for decision in decisions)
        ]
        yield record, (*decisions, *added)


def _standing_in(record: Record, watchlist: Watchlist, text_columns: Sequence[str]) -> Iterator[Finding]:
    for column in text_columns:
        folded = fold(record.columns.get(column, ""))
        spans: dict[Span, str] = {}
        for match in watchlist.matches(folded.text):
            spans.setdefault(folded.original(match.start, match.end), match.kind)
        for span, kind in spans.items():
            yield Finding(record.id, column, span, kind, 1.0, RECOGNIZER)


def _settles(decision: Decision, finding: Finding) -> bool:
    decided = decision.finding
    if decided.column != finding.column:
        return False
    if decision.verdict == "reject":
        return decided.span == finding.span
    return decided.span.start <= finding.span.start and finding.span.end <= decided.span.end
