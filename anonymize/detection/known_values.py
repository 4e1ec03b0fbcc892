"""What the second round looks for: values of the identifier columns, and values that the first round found."""

from collections.abc import Iterable, Iterator

from anonymize.detection.policy import Policy
from anonymize.detection.scanning import identifiers
from anonymize.kinds import spreads
from anonymize.matching.watchlist import Known, name_parts
from anonymize.records import Finding, Record


class KnownValues:
    """Distinct values, collected while the records stream by; memory grows with them, not with the records."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._known: dict[Known, None] = {}  # a set in the order of the records: the same list on every run

    def __iter__(self) -> Iterator[Known]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)

    def add(self, record: Record, findings: Iterable[Finding]) -> None:
        """Add a record's identifiers and findings.

        A quarantined record comes without findings; its identifiers may stand in another record's text.
        """
        for finding in identifiers(record, self._policy):
            value = _text(record, finding)
            self._known[Known(finding.kind, value)] = None
            if finding.kind == "PERSON":
                self._known.update((Known("PERSON", part), None) for part in name_parts(value))
        for finding in findings:
            if finding.recognizer != "column" and spreads(finding.kind):
                self._known[Known(finding.kind, _text(record, finding), finding.is_certain)] = None


def _text(record: Record, finding: Finding) -> str:
    return record.columns[finding.column][finding.span.start : finding.span.end]
