import json

import pytest

from anonymize.detection.policy import Policy
from anonymize.errors import CountError
from anonymize.proof.report import Basis, report
from anonymize.records import Decision, Finding, Quarantined, Span
from anonymize.replacing.anonymizing import Dropped
from anonymize.replacing.techniques import Techniques

POLICY = Policy({"reporter": "PERSON"}, ("remark",))
FINDING = Finding("1", "remark", Span(0, 2), "PERSON", 0.9, "jp-honorific")
DECISIONS = [Decision(FINDING, "accept", "", "mk"), Decision(FINDING, "reject", "佐藤はポンプ", "mk")]
BROKEN = Quarantined("row-3", "t.csv row 3", "a NUL character")


def test_the_report_counts_by_kind_recognizer_and_reason() -> None:
    plain = report(DECISIONS, records_in=2, records_out=1, quarantined=[BROKEN], policy=POLICY, versions={"spacy": "3"})
    assert plain["records"] == {"in": 2, "out": 1, "quarantined": 1, "dropped": 0}
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


def test_the_report_tells_each_technique_with_the_standards_word_for_it() -> None:
    basis = Basis({}, {"input": "ab" * 32}, Techniques({"PERSON": "surrogate"}), "00ff00ff00ff00ff")
    plain = report(DECISIONS, records_in=1, records_out=1, quarantined=[], policy=POLICY, basis=basis)
    assert plain["findings"] == [{"kind": "PERSON", "technique": "surrogate", "recognizer": "jp-honorific", "count": 1}]
    assert "pseudonymization" in plain["techniques"]["surrogate"]["iso_iec_20889"]
    assert (plain["key_id"], plain["digests"]) == ("00ff00ff00ff00ff", {"input": "ab" * 32})
    assert any("was missed" in limit for limit in plain["does_not_prove"])


def test_a_kind_that_is_kept_is_still_counted() -> None:
    basis = Basis(techniques=Techniques({"PERSON": "keep"}))
    plain = report(DECISIONS, records_in=1, records_out=1, quarantined=[], policy=POLICY, basis=basis)
    assert plain["accepted_by_technique"] == {"keep": 1}


def test_a_dropped_record_balances_the_account_and_is_told_by_its_kind() -> None:
    dropped = [Dropped("2", "JP_MY_NUMBER")]
    plain = report([], records_in=2, records_out=1, quarantined=[], policy=POLICY, dropped=dropped)
    assert plain["records"] == {"in": 2, "out": 1, "quarantined": 0, "dropped": 1}
    assert plain["dropped_by_kind"] == {"JP_MY_NUMBER": 1}
    with pytest.raises(CountError, match="and 1 dropped"):
        report([], records_in=3, records_out=1, quarantined=[], policy=POLICY, dropped=dropped)
