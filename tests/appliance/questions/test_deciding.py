"""The end of a stage, decided on a run that has a verdict and a report."""

import json
from dataclasses import replace

import pytest

from appliance import service
from appliance.core.audit_log import AuditLog
from appliance.core.errors import GateRefused, IntegrityError, SettingsError
from appliance.core.run_state import RunState, StepState
from appliance.core.settings import ModelSettings, parse_settings
from appliance.core.workspace import Workspace
from appliance.pipeline import works_of
from appliance.questions.deciding import Word, check_stage, decide
from appliance.release.deciding import read_decisions
from appliance.release.publishing import own_keys
from appliance.release.signing import generate_key, load_public_key

VERDICT = {"passed": True, "override": None, "digest": "a" * 64, "gates": []}
STATE = RunState(
    name="orders",
    status="done",
    steps=(StepState("report", digest="b" * 64),),
    facts={"gates": VERDICT, "report": {"languages": ["ja"]}},
)
REFUSED = replace(STATE, facts={**STATE.facts, "gates": {**VERDICT, "passed": False}})


@pytest.fixture
def project(tmp_path):
    """Return a function: stage, approver's key that the run names -> its settings, its run's folder, the workspace."""
    (tmp_path / "orders.jsonl").write_text(json.dumps({"text": "軸受け", "answer": "bearing"}), encoding="utf-8")
    (tmp_path / "model").mkdir()
    workspace = Workspace(tmp_path / "w")
    own_keys(workspace.keys)
    workspace.vault.mkdir(mode=0o700)

    def make(stage="poc", approver_key=None):
        raw = {
            "run": {"name": "orders"},
            "purpose": {"stage": stage},
            "intake": {"path": "model"},
            "ingest": {"file": "orders.jsonl", "columns": {"text": {"role": "text"}, "answer": {"role": "text"}}},
            "prepare": {"input": "text", "output": "answer"},
            "gates": {"approver_key": str(approver_key)} if approver_key else {},
        }
        settings = parse_settings(raw, where="test", folder=tmp_path)
        run = workspace.run(f"orders-{stage}")
        run.folder.mkdir(parents=True)
        run.settings.write_text(settings.frozen(), encoding="utf-8")
        return settings, run, workspace

    return make


@pytest.fixture
def approver(tmp_path):
    return generate_key(tmp_path / "approver")


@pytest.fixture
def word(approver):
    return Word(approver.private, "佐藤 M.", "the planners want it")


def test_a_decision_names_what_was_seen_and_stands_in_the_audit_log(project, approver, word):
    _, run, workspace = project()
    decision = decide(run, STATE, workspace, "go-on", word).decision
    assert (decision.stage, decision.outcome, decision.verdict, decision.report) == ("poc", "go-on", "a" * 64, "b" * 64)
    kept = read_decisions(workspace.approvals / "orders", load_public_key(approver.public))
    assert [each.decision for each in kept] == [decision]
    (entry,) = AuditLog(workspace.audit_log).entries()
    assert (entry.details["project"], entry.details["number"], entry.details["digest"]) == (
        "orders",
        "1",
        decision.digest,
    )
    assert (entry.action, entry.details["outcome"], entry.details["report"]) == ("decide", "go-on", "b" * 64)


def test_an_evaluation_cannot_be_planned_before_the_poc_ended_well(project, approver, word):
    settings, _, workspace = project("evaluation", approver.public)
    for ask in (service.plan, service.look_ahead):
        with pytest.raises(GateRefused, match="evaluation is not open"):
            ask(settings, workspace)
    decide(project()[1], STATE, workspace, "back", word)
    with pytest.raises(GateRefused, match=r"decision 1 \(poc: back, by 佐藤 M\.\)"):
        check_stage(settings, workspace)
    decide(workspace.run("orders-poc"), STATE, workspace, "go-on", word)
    check_stage(settings, workspace)


def test_a_decision_that_cannot_be_made_is_not_in_the_audit_log(project, approver, word):
    _, run, workspace = project("evaluation", approver.public)
    with pytest.raises(GateRefused, match="evaluation is not open"):
        decide(run, STATE, workspace, "go-on", word)
    with pytest.raises(SettingsError, match="needs a name and a reason"):
        decide(project()[1], STATE, workspace, "go-on", word._replace(reason=" "))
    assert not workspace.audit_log.exists()


def test_a_deleted_last_decision_opens_no_stage_again(project, approver, word):
    settings, run, workspace = project("evaluation", approver.public)
    decide(project()[1], STATE, workspace, "go-on", word)
    decide(run, STATE, workspace, "back", word)
    last = workspace.approvals / "orders" / "decisions" / "0002.json"
    kept = last.read_bytes()
    last.unlink()
    with pytest.raises(IntegrityError, match="orders: 1 decisions are there, and the audit log knows of 2"):
        check_stage(settings, workspace)
    (gates,) = (each.settings for each in works_of(settings, workspace, run) if each.step.name == "gates")
    assert gates.logged_decisions == 2
    last.write_bytes(kept)
    with pytest.raises(GateRefused, match="evaluation is not open"):
        check_stage(settings, workspace)


def test_a_poc_is_planned_without_ceremony(project):
    settings, _, workspace = project()
    check_stage(settings, workspace)


def test_nobody_goes_on_with_what_the_gates_refuse_but_may_send_it_back(project, word):
    _, run, workspace = project()
    with pytest.raises(GateRefused, match="the verdict on orders-poc refuses"):
        decide(run, REFUSED, workspace, "go-on", word)
    assert decide(run, REFUSED, workspace, "back", word).decision.outcome == "back"


def test_what_was_overridden_may_go_on(project, word):
    _, run, workspace = project()
    overridden = replace(STATE, facts={**STATE.facts, "gates": {**VERDICT, "passed": False, "override": {"by": "S"}}})
    assert decide(run, overridden, workspace, "go-on", word).decision.number == 1


def test_without_a_report_there_is_nothing_to_decide_on(project, word):
    _, run, workspace = project()
    with pytest.raises(SettingsError, match="has no report yet"):
        decide(run, replace(STATE, facts={"gates": VERDICT}), workspace, "go-on", word)


def test_the_key_that_signs_bundles_cannot_decide(project):
    _, run, workspace = project()
    with pytest.raises(SettingsError, match="the one that signs bundles"):
        decide(run, STATE, workspace, "go-on", Word(own_keys(workspace.keys)[0], "佐藤", "good"))


def test_another_key_than_the_run_names_cannot_decide(project, word, tmp_path):
    other = generate_key(tmp_path / "other")
    _, run, workspace = project("poc", other.public)
    with pytest.raises(SettingsError, match="another approver's key"):
        decide(run, STATE, workspace, "go-on", word)
    assert not workspace.audit_log.exists()


def test_the_intake_of_a_base_model_has_no_stage(project, word):
    settings, run, workspace = project()
    run.settings.write_text(ModelSettings(run=settings.run, intake=settings.intake).frozen(), encoding="utf-8")
    with pytest.raises(SettingsError, match="intake of a base model"):
        decide(run, STATE, workspace, "go-on", word)


def test_a_run_of_another_edition_is_told_to_run_again(project, word):
    _, run, workspace = project()
    run.settings.write_text(run.settings.read_text(encoding="utf-8").replace('"stage"', '"phase"'), encoding="utf-8")
    with pytest.raises(SettingsError, match="planned by another edition"):
        decide(run, STATE, workspace, "go-on", word)


def test_a_later_stage_without_an_approvers_key_is_refused_by_its_settings(project):
    with pytest.raises(SettingsError, match=r"set gates\.approver_key"):
        project("roll-out")
