"""Settle overlaps of findings, so that every character is replaced once.

Covers: every character of every finding stays covered; two values are never merged.
Does not cover: whether a finding is right.
"""

from collections.abc import Iterable
from dataclasses import replace

from anonymize.records import Finding, Span


def resolve(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return disjoint findings, in order of column and place, that cover the same characters.

    The longest wins, then the highest score; what a loser covers beyond the winner stays covered, as a finding of its
    own. Neighbours are never merged: two values are two placeholders.
    """
    by_column: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        by_column.setdefault((finding.record_id, finding.column), []).append(finding)
    return tuple(kept for column in sorted(by_column) for kept in _disjoint(by_column[column]))


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
