import dataclasses
import importlib
import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from anonymize.detection.detector import FEW, Detector
from anonymize.detection.known_values import KnownValues
from anonymize.detection.policy import Policy
from anonymize.matching.watchlist import Known, Watchlist
from anonymize.protecting.technical import Vocabulary
from anonymize.records import Finding, Quarantined, Record, Span

POLICY = Policy(identifier_kinds={"reporter": "PERSON"}, text_columns=("remark",), profile="fast")
NO_WORDS = Vocabulary(frozenset())
TEXTS = (
    "Mr Ozturk called about P-922",
    "担当：佐藤　電話は０９０－１２３４－５６７８",
    "card 4111111111111111",
    "pump 3 ok",
)


def endless() -> Iterator[Record]:
    """Records without end: a reader that held them all would never be done."""
    return (Record(str(number), f"row {number}", {"remark": TEXTS[number % 4]}) for number in itertools.count())


@pytest.mark.slow
def test_many_records_are_streamed_through_processes_with_the_findings_of_a_single_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.syspath_prepend(Path(__file__).parent)
    watch = importlib.import_module("pool_jobs").TorchWatch()
    many = Detector(dataclasses.replace(POLICY, workers=2), extra=[watch])
    stream = many.first_round(endless(), NO_WORDS)
    streamed = list(itertools.islice(stream, FEW + 100))
    stream.close()  # type: ignore[attr-defined]
    here = list(Detector(POLICY).first_round(itertools.islice(endless(), FEW), NO_WORDS))
    assert streamed[:FEW] == here
    assert [outcome for outcome in streamed if isinstance(outcome, Quarantined)] == []


def test_known_values_hold_each_value_once_and_those_of_quarantined_records_too() -> None:
    known = KnownValues(POLICY)
    record = Record("1", "", {"reporter": "前田 光一", "remark": "Ozturk and 8/9"})
    findings = (
        Finding("1", "remark", Span(0, 6), "PERSON", 0.9, "title"),
        Finding("1", "remark", Span(11, 14), "DATE_TIME", 0.9, "date"),
    )
    known.add(record, ())
    known.add(record, findings)
    assert {Known("PERSON", "前田 光一"), Known("PERSON", "光一"), Known("PERSON", "Ozturk")} <= set(known)
    assert len(list(known)) == len(set(known)) == len(known)
    assert not any(value.kind == "DATE_TIME" for value in known)


def test_the_second_round_passes_on_what_is_quarantined_and_adds_to_the_rest() -> None:
    quarantined = Quarantined("1", "row 1", "too long")
    record = Record("2", "row 2", {"remark": "gave OZTURK the key, 田中へ"})
    first = Finding("2", "remark", Span(5, 11), "PERSON", 0.6, "cue")
    watchlist = Watchlist([Known("PERSON", "Ozturk"), Known("PERSON", "田中")])
    found = list(Detector(POLICY).second_round([quarantined, (record, (first,))], watchlist))
    added = Finding("2", "remark", Span(21, 23), "PERSON", 1.0, "known-value")
    assert found == [quarantined, (record, (first, added))]


class Broken(Watchlist):
    """A watchlist that fails."""

    def matches(self, text: str) -> Iterator[None]:  # type: ignore[override]
        raise RecursionError(text)


def test_a_record_that_the_second_round_cannot_search_is_quarantined() -> None:
    record = Record("2", "row 2", {"remark": "山田"})
    (outcome,) = Detector(POLICY).second_round([(record, ())], Broken([]))
    assert outcome == Quarantined("2", "row 2", "known values failed with RecursionError")
