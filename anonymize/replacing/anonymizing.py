"""Replace what was accepted, record by record; the only file that makes a CleanRecord of a Record.

Covers: every character of every accepted finding is treated by the technique of its kind; a record with a kind that is
to be dropped is dropped whole, and said so.
Does not cover: what was not found, what a reviewer rejected, and the record's id, which stays as it is.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from anonymize.errors import CountError, DecisionError
from anonymize.records import CleanRecord, Decision, Finding, Record
from anonymize.replacing.pseudonyms import Pseudonyms
from anonymize.replacing.resolving import resolve


@dataclass(frozen=True, slots=True)
class Dropped:
    """A record that the policy drops because it holds a value of this kind."""

    id: str
    kind: str


@dataclass(slots=True)
class Account:
    """Counts every record that came in until it went out, was quarantined or dropped."""

    records_in: int = 0
    records_out: int = 0
    quarantined: int = 0
    dropped: int = 0

    def check(self) -> None:
        """Raise CountError where the account does not balance."""
        if self.records_in != self.records_out + self.quarantined + self.dropped:
            raise CountError(
                f"{self.records_in} records in, but {self.records_out} out and {self.quarantined} quarantined"
                + (f" and {self.dropped} dropped" if self.dropped else "")
            )


def anonymize(
    reviewed: Iterable[tuple[Record, Sequence[Decision]]], replacements: Pseudonyms
) -> Iterator[CleanRecord | Dropped]:
    """Yield each record with its accepted findings replaced, column by column, or as dropped.

    Raises:
        DecisionError: an accepted finding is of another record, of an unknown column, or outside of the column's text.
    """
    for record, decisions in reviewed:
        findings = accepted(record, decisions)
        dropping = sorted({each.kind for each in findings if replacements.technique(each.kind) == "drop"})
        yield Dropped(record.id, dropping[0]) if dropping else _clean(record, findings, replacements)


def accepted(record: Record, decisions: Sequence[Decision]) -> tuple[Finding, ...]:
    """Return the disjoint accepted findings of a record.

    Raises:
        DecisionError: an accepted finding does not fit the record.
    """
    findings = [decision.finding for decision in decisions if decision.verdict == "accept"]
    for finding in findings:
        _check(record, finding)
    return resolve(findings)


def _clean(record: Record, findings: Iterable[Finding], replacements: Pseudonyms) -> CleanRecord:
    by_column: dict[str, list[Finding]] = {column: [] for column in record.columns}
    for finding in findings:
        by_column[finding.column].append(finding)
    columns = {column: _replaced(text, by_column[column], replacements) for column, text in record.columns.items()}
    return CleanRecord(record.id, columns)


def _check(record: Record, finding: Finding) -> None:
    if finding.record_id != record.id:
        raise DecisionError(f"{record.place}: a finding of record {finding.record_id} was given")
    text = record.columns.get(finding.column)
    if text is None or not 0 <= finding.span.start < finding.span.end <= len(text):
        raise DecisionError(
            f"{record.place}: a finding lies outside of column {finding.column!r}",
            "the source has changed since it was reviewed: review it again",
        )


def _replaced(text: str, findings: Sequence[Finding], replacements: Pseudonyms) -> str:
    pieces: list[str] = []
    end = 0
    for finding in findings:
        written = text[finding.span.start : finding.span.end]
        # a leftover of an overlap may be blank: it holds no value
        pieces += (
            text[end : finding.span.start],
            replacements.of(finding.kind, written) if written.strip() else written,
        )
        end = finding.span.end
    return "".join((*pieces, text[end:]))
