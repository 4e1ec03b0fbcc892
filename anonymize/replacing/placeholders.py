"""Put a numbered placeholder in the place of every accepted finding; the only file that makes a CleanRecord.

Covers: every character of every accepted finding is gone; equal values get equal placeholders within a run.
Does not cover: what was not found, what a reviewer rejected, and the record's id, which stays as it is.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from anonymize.errors import DecisionError
from anonymize.matching.folding import canonical
from anonymize.records import CleanRecord, Decision, Finding, Record, Span

_KIND = re.compile(r"[A-Z][A-Z0-9_]*")


@dataclass(frozen=True, slots=True)
class Original:
    """What a placeholder stands for; it belongs into the encrypted vault."""

    placeholder: str
    kind: str
    value: str  # as it was first seen


def resolve(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return disjoint findings, in order of column and place, that cover the same characters.

    The longest wins, then the highest score; what a loser covers beyond the winner stays covered, as a finding of its
    own. Neighbours are never merged: two values are two placeholders.
    """
    by_column: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        by_column.setdefault((finding.record_id, finding.column), []).append(finding)
    return tuple(kept for column in sorted(by_column) for kept in _disjoint(by_column[column]))


class Placeholders:
    """The placeholders of one run, numbered by first appearance within a kind."""

    def __init__(self) -> None:
        self._by_value: dict[tuple[str, str], Original] = {}
        self._counts: dict[str, int] = {}

    def of(self, kind: str, value: str) -> str:
        """Return the placeholder of a value; equal after folding, lower-casing and joining spaces means equal."""
        key = (kind, canonical(value))
        if key not in self._by_value:
            if not _KIND.fullmatch(kind):
                raise DecisionError(f"the kind {kind!r} is not written in capitals", "use for instance PERSON")
            self._counts[kind] = self._counts.get(kind, 0) + 1
            self._by_value[key] = Original(f"<{kind}_{self._counts[kind]}>", kind, value)
        return self._by_value[key].placeholder

    def originals(self) -> tuple[Original, ...]:
        """Return everything that was replaced, for the vault and for the leak check."""
        return tuple(self._by_value.values())


def anonymize(
    records_with_decisions: Iterable[tuple[Record, Sequence[Decision]]], placeholders: Placeholders
) -> Iterator[CleanRecord]:
    """Yield each record with its accepted findings replaced, column by column.

    Raises:
        DecisionError: an accepted finding is of another record, of an unknown column, or outside of the column's text.
    """
    for record, decisions in records_with_decisions:
        accepted = [decision.finding for decision in decisions if decision.verdict == "accept"]
        for finding in accepted:
            _check(record, finding)
        by_column: dict[str, list[Finding]] = {column: [] for column in record.columns}
        for finding in resolve(accepted):
            by_column[finding.column].append(finding)
        columns = {column: _replaced(text, by_column[column], placeholders) for column, text in record.columns.items()}
        yield CleanRecord(record.id, columns)


def _disjoint(findings: list[Finding]) -> list[Finding]:
    """Take findings from the strongest to the weakest, each without what is taken already."""
    taken: list[Finding] = []
    for finding in sorted(findings, key=_rank):
        gaps = [finding.span]
        for other in taken:
            gaps = [rest for gap in gaps for rest in _without(gap, other.span)]
        taken.extend(finding if gap == finding.span else replace(finding, span=gap) for gap in gaps)
    return sorted(taken, key=lambda finding: finding.span)


def _rank(finding: Finding) -> tuple[int, float, Span, str, str]:
    length = finding.span.end - finding.span.start
    return -length, -finding.score, finding.span, finding.kind, finding.recognizer


def _without(span: Span, taken: Span) -> list[Span]:
    parts = (Span(span.start, min(span.end, taken.start)), Span(max(span.start, taken.end), span.end))
    return [part for part in parts if part.start < part.end]


def _check(record: Record, finding: Finding) -> None:
    if finding.record_id != record.id:
        raise DecisionError(f"{record.place}: a finding of record {finding.record_id} was given")
    text = record.columns.get(finding.column)
    if text is None or not 0 <= finding.span.start < finding.span.end <= len(text):
        raise DecisionError(
            f"{record.place}: a finding lies outside of column {finding.column!r}",
            "the source has changed since it was reviewed: review it again",
        )


def _replaced(text: str, findings: Sequence[Finding], placeholders: Placeholders) -> str:
    parts: list[str] = []
    end = 0
    for finding in findings:
        parts.append(text[end : finding.span.start])
        parts.append(_replacement(finding.kind, text[finding.span.start : finding.span.end], placeholders))
        end = finding.span.end
    return "".join((*parts, text[end:]))


def _replacement(kind: str, value: str, placeholders: Placeholders) -> str:
    """A leftover of an overlap may be blank: it holds no value and needs no number."""
    return placeholders.of(kind, value) if value.strip() else value
