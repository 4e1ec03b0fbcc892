"""Decisions on findings: by a stated batch policy, or read from a reviewer's file."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from anonymize.decisions import Line, Place, decision_lines, standing
from anonymize.errors import DecisionError, OpenFindings
from anonymize.records import Decision, Finding, Span

POLICY_REASON = "batch policy: every finding is accepted"


def accept_all(findings: Iterable[Finding], by: str) -> Iterator[Decision]:
    """Yield the decision of the stated batch policy: every finding is accepted."""
    for finding in findings:
        yield Decision(finding, "accept", POLICY_REASON, by)


def read_decisions(file: Path, findings: Iterable[Finding]) -> tuple[Decision, ...]:
    """Return a decision on every finding, and those on spans that the reviewer added; `decisions.py` tells the format.

    An accepted place without a finding is added with the recognizer "reviewer".

    Raises:
        OpenFindings: some findings have no decision.
        DecisionError: the file cannot be read, a line is wrong, or it rejects what was never found.
    """
    lines = standing(decision_lines(file))
    decided: list[Decision] = []
    missing = 0
    found: set[Place] = set()
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


def _added(file: Path, line: Line) -> Decision:
    if line["verdict"] == "reject":
        raise DecisionError(
            f"{file}: rejects a place of record {line['record_id']} where nothing was found",
            "the findings have changed since the decisions were made: review them again",
        )
    span = Span(line["start"], line["end"])
    finding = Finding(line["record_id"], line["column"], span, line["kind"], 1.0, "reviewer")
    return Decision(finding, "accept", line.get("reason", ""), line["by"])
