import json

from anonymize import records
from anonymize.records import CleanRecord, Decision, Finding, Quarantined, Record, Span

FINDING = Finding("WO-1", "remark", Span(3, 5), "PERSON", 0.85, "ner-ja")


def through_json(plain: dict[str, object]) -> dict[str, object]:
    return json.loads(json.dumps(plain, ensure_ascii=False))


def test_every_value_survives_json() -> None:
    record = Record("WO-1", "t.csv row 2", {"remark": "担当は佐藤さん"})
    clean = CleanRecord("WO-1", {"remark": "担当は<PERSON_1>さん"})
    decision = Decision(FINDING, "reject", "a pump", "reviewer 4")
    quarantined = Quarantined("row-3", "t.csv row 3", "a NUL character")
    assert records.record_from_json(through_json(records.record_to_json(record))) == record
    assert records.clean_record_from_json(through_json(records.clean_record_to_json(clean))) == clean
    assert records.finding_from_json(through_json(records.finding_to_json(FINDING))) == FINDING
    assert records.decision_from_json(through_json(records.decision_to_json(decision))) == decision
    assert records.quarantined_from_json(through_json(records.quarantined_to_json(quarantined))) == quarantined


def test_a_clean_record_is_not_a_record() -> None:
    assert not isinstance(CleanRecord("1", {}), Record)
