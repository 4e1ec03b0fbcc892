"""The values that pass through this library: records, findings, decisions, clean records."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

Verdict = Literal["accept", "reject"]


@dataclass(frozen=True, slots=True)
class Record:
    """One raw row: personal data may be anywhere in it."""

    id: str
    place: str  # "work_orders.csv row 17"
    columns: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class CleanRecord:
    """One anonymized row: another type than Record, so that raw text cannot take its place; replacing/ builds it."""

    id: str
    columns: Mapping[str, str]


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open range of code points in one column's own text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Finding:
    """A place that seems to hold personal data; it never holds the text itself."""

    record_id: str
    column: str
    span: Span
    kind: str  # PERSON, EMAIL_ADDRESS, PHONE_NUMBER ...
    score: float  # 0..1
    recognizer: str
    is_certain: bool = True  # false for a model's guess: its single words are looked for only where written as names


@dataclass(frozen=True, slots=True)
class Decision:
    """What a reviewer, or a stated policy, says about a finding."""

    finding: Finding
    verdict: Verdict
    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A row that was kept out, and why; the reason never holds text of the row."""

    id: str
    place: str
    reason: str


def record_to_json(record: Record) -> dict[str, Any]:
    """Return the record as a plain dict."""
    return {"id": record.id, "place": record.place, "columns": dict(record.columns)}


def record_from_json(plain: Mapping[str, Any]) -> Record:
    """Return the record that `record_to_json` wrote."""
    return Record(plain["id"], plain["place"], dict(plain["columns"]))


def clean_record_to_json(record: CleanRecord) -> dict[str, Any]:
    """Return the clean record as a plain dict."""
    return {"id": record.id, "columns": dict(record.columns)}


def clean_record_from_json(plain: Mapping[str, Any]) -> CleanRecord:
    """Return the clean record that `clean_record_to_json` wrote."""
    return CleanRecord(plain["id"], dict(plain["columns"]))


def finding_to_json(finding: Finding) -> dict[str, Any]:
    """Return the finding as one flat dict."""
    return {
        "record_id": finding.record_id,
        "column": finding.column,
        "start": finding.span.start,
        "end": finding.span.end,
        "kind": finding.kind,
        "score": finding.score,
        "recognizer": finding.recognizer,
        "is_certain": finding.is_certain,
    }


def finding_from_json(plain: Mapping[str, Any]) -> Finding:
    """Return the finding that `finding_to_json` wrote."""
    span = Span(plain["start"], plain["end"])
    return Finding(
        plain["record_id"],
        plain["column"],
        span,
        plain["kind"],
        plain["score"],
        plain["recognizer"],
        plain.get("is_certain", True),
    )


def decision_to_json(decision: Decision) -> dict[str, Any]:
    """Return the decision as one flat dict: the finding's keys, verdict, reason and by."""
    verdict = {"verdict": decision.verdict, "reason": decision.reason, "by": decision.by}
    return finding_to_json(decision.finding) | verdict


def decision_from_json(plain: Mapping[str, Any]) -> Decision:
    """Return the decision that `decision_to_json` wrote."""
    return Decision(finding_from_json(plain), plain["verdict"], plain["reason"], plain["by"])


def quarantined_to_json(quarantined: Quarantined) -> dict[str, Any]:
    """Return the quarantined row as a plain dict."""
    return asdict(quarantined)


def quarantined_from_json(plain: Mapping[str, Any]) -> Quarantined:
    """Return what `quarantined_to_json` wrote."""
    return Quarantined(plain["id"], plain["place"], plain["reason"])
