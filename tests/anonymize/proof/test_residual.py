import json

import pytest

from anonymize.errors import DecisionError
from anonymize.proof.residual import Audited, Drawn, read_audit, residual_risk

DRAWN = [Drawn(str(number), f"d{number}", {"PERSON": 2, "PHONE_NUMBER": 1}) for number in range(100)]
CLEAN = [Audited(record.id, "mk", {}) for record in DRAWN]


def _line(**changes):
    return json.dumps({"record_id": "7", "digest": "d7", "by": "佐", "missed": {"PERSON": 1}} | changes)


def test_nothing_missed_in_100_records_bounds_what_remains_to_3_percent():
    found = residual_risk(DRAWN, CLEAN)
    assert found.share_at_most == pytest.approx(0.0295, abs=1e-4)
    assert [(kind.kind, kind.recall) for kind in found.kinds] == [("PERSON", 1.0), ("PHONE_NUMBER", 1.0)]
    assert found.kinds[0].recall_at_least == pytest.approx(0.05 ** (1 / 200))


def test_what_was_missed_lowers_the_recall_of_its_kind_only():
    found = residual_risk(DRAWN, [*CLEAN[:-1], Audited("99", "mk", {"PERSON": 3})])
    persons, phones = found.kinds
    assert persons.recall == pytest.approx(200 / 203)
    assert persons.recall_at_least < persons.recall
    assert phones.recall == 1.0
    assert (found.records_with_misses, found.share_at_most) == (1, pytest.approx(0.0466, abs=1e-4))


def test_a_kind_that_was_never_replaced_and_missed_has_no_recall():
    found = residual_risk(DRAWN, [*CLEAN[:-1], Audited("99", "mk", {"AGE": 1})])
    assert found.kinds[0].recall == 0.0
    assert found.kinds[0].recall_at_least == 0.0


def test_a_sample_that_was_read_in_part_bounds_nothing():
    assert residual_risk(DRAWN, CLEAN[:-1]).share_at_most == 1.0
    assert residual_risk([], []).share_at_most == 1.0


def test_the_later_line_on_a_record_holds(tmp_path):
    file = tmp_path / "audit.jsonl"
    file.write_text(_line() + "\n\n" + _line(missed={}) + "\n", encoding="utf-8")
    assert read_audit(file, DRAWN) == (Audited("7", "佐", {}),)


def test_before_there_is_an_audit_nothing_is_read(tmp_path):
    assert read_audit(tmp_path / "none.jsonl", DRAWN) == ()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (_line(record_id="200"), "not drawn"),
        (_line(digest="d8"), "another clean text"),
        (_line(by=" "), "by whom"),
        (_line(missed={"Tanaka Kenji": 1}), "kinds with counts"),
        (_line(missed={"PERSON": -1}), "kinds with counts"),
        (_line(missed={"PERSON": True}), "kinds with counts"),
        ("[]", "by whom"),
        ("{Tanaka", "not JSON"),
        ("[" * 100_000, "not JSON"),
        (f'{{"missed": {"9" * 5_000}}}', "not JSON"),
    ],
)
def test_a_wrong_line_is_refused_without_its_text(tmp_path, line, words):
    file = tmp_path / "audit.jsonl"
    file.write_text(line, encoding="utf-8")
    with pytest.raises(DecisionError, match=words) as caught:
        read_audit(file, DRAWN)
    assert "line 1" in str(caught.value)
    assert "Tanaka" not in str(caught.value)
