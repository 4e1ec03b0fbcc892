import json

import pytest

from anonymize.detection.policy import Policy
from anonymize.errors import CountError
from anonymize.proof.report import report
from anonymize.records import Decision, Finding, Quarantined, Span

POLICY = Policy({"reporter": "PERSON"}, ("remark",))
FINDING = Finding("1", "remark", Span(0, 2), "PERSON", 0.9, "jp-honorific")
DECISIONS = [Decision(FINDING, "accept", "", "mk"), Decision(FINDING, "reject", "佐藤はポンプ", "mk")]
BROKEN = Quarantined("row-3", "t.csv row 3", "a NUL character")


def test_the_report_counts_by_kind_recognizer_and_reason() -> None:
    plain = report(DECISIONS, records_in=2, records_out=1, quarantined=[BROKEN], policy=POLICY, versions={"spacy": "3"})
    assert plain["records"] == {"in": 2, "out": 1, "quarantined": 1}
    assert plain["accepted_by_kind"] == {"PERSON": 1}
    assert plain["accepted_by_recognizer"] == {"jp-honorific": 1}
    assert (plain["accepted"], plain["rejected"]) == (1, 1)
    assert plain["quarantine_reasons"] == {"a NUL character": 1}
    assert plain["policy"]["threshold"] == 0.4


def test_the_report_holds_no_text_of_a_record() -> None:
    plain = report(DECISIONS, records_in=1, records_out=1, quarantined=[], policy=POLICY, versions={})
    assert "佐藤" not in json.dumps(plain, ensure_ascii=False)


def test_a_record_that_got_lost_is_an_error() -> None:
    with pytest.raises(CountError, match="3 records in, but 1 out and 1 quarantined"):
        report([], records_in=3, records_out=1, quarantined=[BROKEN], policy=POLICY, versions={})
