from collections.abc import Callable, Sequence

import pytest

from anonymize.detection.detector import Detector
from anonymize.detection.policy import Policy
from anonymize.recognizers.guesses import Guess
from anonymize.records import Finding, Quarantined, Record

POLICY = Policy(
    identifier_kinds={"reporter": "PERSON", "phone": "PHONE_NUMBER", "email": "EMAIL_ADDRESS"},
    text_columns=("description", "normalised", "remark"),
    vocabulary_column="normalised",
)
Found = list[tuple[str, str]]


class OperatorsOwn:
    """A recognizer of an operator: it fails on one word, and is more or less sure of two others."""

    name = "operators-own"

    def find(self, texts: Sequence[str]) -> list[list[Guess]]:
        if any("poison" in text for text in texts):
            raise ValueError("poison")
        return [[*self._of(text, "faint", 0.39), *self._of(text, "clear", 0.4)] for text in texts]

    def _of(self, text: str, word: str, score: float) -> list[Guess]:
        at = text.find(word)
        return [] if at < 0 else [Guess(at, at + len(word), "PERSON", score, self.name)]


@pytest.fixture(scope="session")
def detector() -> Detector:
    """The models take seconds to load: one detector for all tests."""
    return Detector(POLICY, extra=[OperatorsOwn()])


@pytest.fixture(scope="session")
def found_in(detector: Detector) -> Callable[[str], Found]:
    """Return a function: remark -> (kind, text) of what is found in it."""

    def find(remark: str) -> Found:
        record = Record("1", "t.csv row 2", {"remark": remark})
        (outcome,) = detector.detect([record], lambda done, total: None)
        assert not isinstance(outcome, Quarantined)
        return [(finding.kind, text_of(record, finding)) for finding in outcome[1]]

    return find


def text_of(record: Record, finding: Finding) -> str:
    return record.columns[finding.column][finding.span.start : finding.span.end]
