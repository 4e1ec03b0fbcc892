import json
from dataclasses import asdict, replace

import pytest

from appliance.core.errors import GateRefused, IntegrityError, SettingsError
from appliance.release.deciding import (
    FOLDER,
    Decision,
    append_decision,
    carried,
    check_open,
    opened,
    parsed,
    read_decisions,
)
from appliance.release.signing import generate_key, load_private_key

SEEN = Decision(
    project="orders",
    stage="poc",
    outcome="go-on",
    run="orders-1a2b3c4d",
    verdict="a" * 64,
    report="b" * 64,
    by="佐藤 M.",
    reason="the planners want it",
    time="2026-11-24T09:00:00Z",
)


def _words(*decided: str) -> list[Decision]:
    """Return unsigned decisions: "poc go-on"."""
    pairs = [each.split() for each in decided]
    return [replace(SEEN, stage=stage, outcome=outcome) for stage, outcome in pairs]


@pytest.fixture
def approver(tmp_path):
    return load_private_key(generate_key(tmp_path / "approver").private)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "approvals").mkdir()
    return tmp_path / "approvals" / "orders"


@pytest.mark.parametrize(
    ("decided", "reached"),
    [
        ([], "poc"),
        (["poc go-on"], "evaluation"),
        (["poc back"], "poc"),
        (["poc go-on", "evaluation go-on"], "roll-out"),
        (["poc go-on", "evaluation back"], "poc"),
        (["poc go-on", "evaluation stop"], "poc"),
        (["poc go-on", "evaluation go-on", "roll-out back"], "evaluation"),
        (["poc go-on", "evaluation go-on", "roll-out go-on"], "roll-out"),
        (["poc go-on", "evaluation go-on", "poc go-on"], "evaluation"),
    ],
)
def test_the_last_decision_says_which_stage_is_open(decided, reached):
    assert opened(_words(*decided)) == reached


def test_a_roll_out_without_the_word_to_go_on_from_the_evaluation_is_refused_with_what_to_do():
    with pytest.raises(GateRefused, match="roll-out is not open: decision 0") as refused:
        check_open("roll-out", _words("poc go-on"))
    assert refused.value.exit_status == 6
    assert 'stage = "evaluation"' in refused.value.hint
    assert "appliance decide RUN go-on --key KEY --by NAME --reason WHY" in refused.value.hint
    with pytest.raises(GateRefused, match="nothing was decided yet"):
        check_open("evaluation", [])


def test_an_earlier_stage_is_always_open():
    check_open("poc", [])
    check_open("evaluation", _words("poc go-on", "evaluation go-on"))


def test_decisions_are_appended_and_read_in_their_order(approver, folder):
    for stage, outcome in (("poc", "go-on"), ("evaluation", "back"), ("poc", "go-on"), ("evaluation", "go-on")):
        append_decision(replace(SEEN, stage=stage, outcome=outcome), approver, folder)
    chain = read_decisions(folder, approver.public_key())
    assert [each.decision.number for each in chain] == [1, 2, 3, 4]
    assert [each.decision.previous for each in chain[1:]] == [each.decision.digest for each in chain[:-1]]
    assert opened([each.decision for each in chain]) == "roll-out"


def test_nobody_decides_on_a_stage_that_is_not_open(approver, folder):
    with pytest.raises(GateRefused, match="evaluation is not open"):
        append_decision(replace(SEEN, stage="evaluation"), approver, folder)
    assert read_decisions(folder, approver.public_key()) == ()


@pytest.mark.parametrize("change", [{"by": " "}, {"reason": ""}])
def test_a_decision_without_a_name_or_a_reason_is_none(approver, folder, change):
    with pytest.raises(SettingsError, match="a name and a reason"):
        append_decision(replace(SEEN, **change), approver, folder)


@pytest.fixture
def decided(approver, folder):
    """Two decisions, and a function that says whether they are still believed."""
    append_decision(replace(SEEN, outcome="back"), approver, folder)
    append_decision(SEEN, approver, folder)
    return folder / FOLDER


@pytest.mark.parametrize(
    "change", [("go-on", "stop"), ("want it", "want"), ("a" * 64, "c" * 64), ('"number":2', '"number":3')]
)
def test_a_changed_decision_is_found(approver, decided, change):
    file = decided / "0002.json"
    text = file.read_text(encoding="utf-8")
    assert change[0] in text
    file.write_text(text.replace(*change, 1), encoding="utf-8")
    with pytest.raises(IntegrityError, match="decision 2"):
        read_decisions(decided.parent, approver.public_key())


def test_a_removed_a_moved_and_a_foreign_decision_are_found(approver, decided, tmp_path):
    second = (decided / "0002.json").read_bytes()
    (decided / "0002.json").unlink()
    (decided / "0001.json").replace(decided / "0003.json")
    (decided / "0001.json").write_bytes(second)
    with pytest.raises(IntegrityError, match="does not follow"):
        read_decisions(decided.parent, approver.public_key())
    (decided / "0003.json").unlink()
    with pytest.raises(IntegrityError, match="does not follow"):
        read_decisions(decided.parent, approver.public_key())
    other = tmp_path / "approvals" / "other" / FOLDER
    other.mkdir(parents=True)
    append_decision(SEEN, approver, tmp_path / "approvals" / "third")
    (other / "0001.json").write_bytes((tmp_path / "approvals" / "third" / FOLDER / "0001.json").read_bytes())
    with pytest.raises(IntegrityError, match="in the project other"):
        read_decisions(other.parent, approver.public_key())


def test_another_key_can_neither_decide_nor_be_believed(decided, tmp_path):
    other = load_private_key(generate_key(tmp_path / "other").private)
    with pytest.raises(IntegrityError, match="trusted key"):
        read_decisions(decided.parent, other.public_key())
    with pytest.raises(IntegrityError, match="trusted key"):
        append_decision(SEEN, other, decided.parent)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"decision": {"number": 1}, "signature": ""}', "[" * 5000])
def test_what_is_no_decision_is_refused(text):
    with pytest.raises(IntegrityError, match="cannot be read"):
        parsed(text)


def test_a_bundle_carries_what_opened_its_stage_and_not_what_was_decided_on_it(approver, folder):
    decided = ("poc go-on", "evaluation back", "poc go-on", "evaluation go-on", "roll-out go-on")
    for word in _words(*decided):
        append_decision(word, approver, folder)
    chain = read_decisions(folder, approver.public_key())
    assert carried("poc", chain) == ()
    assert carried("evaluation", chain) == chain[:3]
    assert carried("roll-out", chain) == chain[:4]


def test_a_signed_decision_survives_being_written_as_json(approver, folder):
    signed = append_decision(SEEN, approver, folder)
    assert parsed(json.dumps(asdict(signed))) == signed
