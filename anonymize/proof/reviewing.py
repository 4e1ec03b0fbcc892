"""Decisions on findings: by a stated batch policy, or read from a reviewer's file."""

import json
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from anonymize.errors import DecisionError, OpenFindings
from anonymize.records import Decision, Finding, Span

POLICY_REASON = "batch policy: every finding is accepted"
_KEYS = {"record_id": str, "column": str, "start": int, "end": int, "kind": str, "verdict": str, "by": str}

_Place = tuple[str, str, int, int, str]  # record, column, start, end, kind


def accept_all(findings: Iterable[Finding], by: str) -> Iterator[Decision]:
    """Yield the decision of the stated batch policy: every finding is accepted."""
    for finding in findings:
        yield Decision(finding, "accept", POLICY_REASON, by)


def read_decisions(file: Path, findings: Iterable[Finding]) -> tuple[Decision, ...]:
    """Return a decision on every finding, from JSON lines, and those on spans that the reviewer added.

    A line is {"record_id", "column", "start", "end", "kind", "verdict", "by", "reason"}. It decides on every finding at
    that place and of that kind; a later line replaces an earlier one. An accepted place without a finding is added
    with the recognizer "reviewer".

    Raises:
        OpenFindings: some findings have no decision.
        DecisionError: the file cannot be read, a line is wrong, or it rejects what was never found.
    """
    lines = {_place_of(line): line for line in _lines(file)}
    decided: list[Decision] = []
    missing = 0
    found: set[_Place] = set()
    for finding in findings:
        place = (finding.record_id, finding.column, finding.span.start, finding.span.end, finding.kind)
        found.add(place)
        line = lines.get(place)
        if line is None:
            missing += 1
            continue
        decided.append(Decision(finding, line["verdict"], line.get("reason", ""), line["by"]))
    if missing:
        raise OpenFindings(missing, f"decide on them in {file}")
    added = [line for place, line in lines.items() if place not in found]
    return (*decided, *(_added(file, line) for line in added))


def audit_sample(record_ids: Sequence[str], size: int, seed: int) -> tuple[str, ...]:
    """Return `size` ids (or all, if there are fewer), drawn uniformly without replacement, in the order of the records.

    The draw depends on the set of the ids and the seed only, not on their order.
    """
    ordered = sorted(record_ids)
    chosen = set(random.Random(seed).sample(ordered, min(size, len(ordered))))  # noqa: S311 - a sample, not a secret
    return tuple(record_id for record_id in record_ids if record_id in chosen)


def _lines(file: Path) -> Iterator[Mapping[str, Any]]:
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise DecisionError(
            f"{file}: no such file", "export the findings, decide, and save the decisions here"
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise DecisionError(f"{file}: cannot be read as UTF-8") from error
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield _parsed(file, number, line)


def _parsed(file: Path, number: int, line: str) -> Mapping[str, Any]:
    try:
        plain = json.loads(line)
    except json.JSONDecodeError:
        # without "from": the parser's error holds the line, and a reviewer may have written a name into the reason
        raise DecisionError(f"{file}: line {number} is not JSON") from None
    if not isinstance(plain, dict):
        raise DecisionError(f"{file}: line {number} is not an object")
    for key, kind in _KEYS.items():
        if type(plain.get(key)) is not kind:
            raise DecisionError(f"{file}: line {number}: {key!r} is missing or not of type {kind.__name__}")
    if plain["verdict"] not in ("accept", "reject"):
        raise DecisionError(f"{file}: line {number}: the verdict is neither accept nor reject")
    if not 0 <= plain["start"] < plain["end"]:
        raise DecisionError(f"{file}: line {number}: start and end are not a span")
    if not isinstance(plain.get("reason", ""), str) or not plain["by"].strip():
        raise DecisionError(f"{file}: line {number}: say who decided (by), and the reason as text")
    return plain


def _place_of(line: Mapping[str, Any]) -> _Place:
    return line["record_id"], line["column"], line["start"], line["end"], line["kind"]


def _added(file: Path, line: Mapping[str, Any]) -> Decision:
    if line["verdict"] == "reject":
        raise DecisionError(
            f"{file}: rejects a place of record {line['record_id']} where nothing was found",
            "the findings have changed since the decisions were made: review them again",
        )
    span = Span(line["start"], line["end"])
    finding = Finding(line["record_id"], line["column"], span, line["kind"], 1.0, "reviewer")
    return Decision(finding, "accept", line.get("reason", ""), line["by"])
