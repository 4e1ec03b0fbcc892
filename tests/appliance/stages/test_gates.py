import json
from dataclasses import asdict, replace

import pytest

from appliance.core.errors import GateRefused, IntegrityError
from appliance.core.events import EventLog
from appliance.core.language import spoken
from appliance.core.reasons import reason
from appliance.core.reporting import Reporter
from appliance.core.sections import GatesSettings
from appliance.core.settings import load_settings
from appliance.core.store import Artifact, Draft, Strongroom
from appliance.evaluation.scores import wilson
from appliance.pipeline import PATH, works
from appliance.release.approval import Approval, write_approval
from appliance.release.deciding import Decision, append_decision
from appliance.release.signing import generate_key, load_private_key
from appliance.stages import gates
from appliance.stages.gates import check_verdict

READ_OUT = reason("canaries", planted=32, trained=32, value=12.5, low=11.0, high=13.3, samples=16, bits=13.3, first=13)
MEMORISED = {"name": "exposure", "status": "refused", "reasons": [READ_OUT]}
OVERRIDE = {"by": "M. Sato", "reason": "for a week"}
SHIPPING = {"verify": {"max_score_loss": 0.02}, "bundle": {"index_columns": []}}
SCORE = asdict(wilson(1, 100))
ATTACK = {"attack": "loss", "auc": SCORE, "tpr": SCORE, "others": 127}
FACTS = {
    "evaluate": {"gate": {"passed": False, "value": -0.1, "limit": 0.0, "reasons": [reason("holds-zero")]}},
    "verify": {"chosen": "int4", "variants": {"int4": {"reasons": [], "regression": SCORE}}},
    "anonymize": {"accepted_by_technique": {}},
    "residual": {"legal_class": "kamei-kakou", "share_at_most": 1.0, "read": 0, "drawn": 0},
    "probe": {
        "canaries": None,
        "membership": [ATTACK],
        "extraction": {"excess": SCORE},
        "originals": {"said": 0, "watched": 9, "answers": 9},
    },
}


def test_a_model_that_memorises_is_refused_with_exit_status_6_and_a_plain_reason():
    with pytest.raises(GateRefused, match=r"exposure: canaries planted 32 times.*13 of 16 can be read out") as caught:
        check_verdict({"passed": False, "gates": [MEMORISED], "override": None})
    assert caught.value.exit_status == 6
    assert "appliance approve" in caught.value.hint


def test_what_passed_and_what_was_overridden_may_be_signed():
    check_verdict({"passed": True, "gates": [], "override": None})
    check_verdict({"passed": False, "gates": [MEMORISED], "override": OVERRIDE})


@pytest.fixture
def judged(tmp_path):
    """Return a function: artifacts and settings with some of them changed -> the verdict."""
    approver, signer = (generate_key(tmp_path / name) for name in ("approver", "signer"))
    settings = GatesSettings(
        approver_key=approver.public,
        signing_key=signer.private,
        approvals=tmp_path / "approvals",
        shipping=SHIPPING,
    )
    inputs = {}
    for name in set(next(step for step in PATH if step.name == "gates").inputs) - {"distil"}:  # of a run without one
        (tmp_path / name).mkdir()
        if name in FACTS:
            (tmp_path / name / gates.SOURCES[name]).write_text(json.dumps(FACTS[name]), encoding="utf-8")
        inputs[name] = Artifact(name, "", f"digest of {name}", "clean", tmp_path / name, {}, None)
    draft = Draft(tmp_path, tmp_path, None, Strongroom(tmp_path / "none", b""))
    reporter = Reporter(EventLog(tmp_path / "events.jsonl"), "gates", lambda: False)

    def judge(other: str = "", **changes: object) -> dict:
        changed = {other: replace(inputs[other], digest="another")} if other else {}
        return gates.run({**inputs, **changed}, settings.model_copy(update=changes), draft, reporter)

    def approve(verdict: dict) -> None:
        approval = Approval(verdict["digest"], ("gain",), "M. Sato", "for a week", "2026-01-01T00:00:00Z")
        write_approval(approval, load_private_key(approver.private), tmp_path / "approvals")

    verdict = judge()
    assert verdict["override"] is None
    approve(verdict)
    return judge


def test_an_approval_overrides_the_verdict_that_was_seen(judged):
    assert judged()["override"]["by"] == "M. Sato"


@pytest.mark.parametrize("other", ["intake", "anonymize", "prepare", "train", "export", "verify"])
def test_another_model_with_the_same_figures_needs_another_approval(judged, other):
    assert judged(other)["override"] is None


@pytest.mark.parametrize("section", ["verify", "bundle"])
def test_other_settings_of_what_ships_need_another_approval(judged, section):
    changed = {**SHIPPING, section: {"index_columns": ["remark"]}}
    assert judged(shipping=changed)["override"] is None


def test_what_a_run_says_of_what_ships_reaches_the_verdict(make_small, tmp_path):
    settings = load_settings(make_small(tmp_path).config)
    gates_work = next(work for work in works(settings, tmp_path / "s", tmp_path / "p") if work.step.name == "gates")
    shipping = gates_work.settings.shipping
    assert shipping["bundle"]["index_columns"] == ["description", "remark"]
    assert shipping["verify"]["max_score_loss"] == 1
    assert str(tmp_path) not in json.dumps(shipping)


def _decide(folder, key, *stages):
    folder.parent.mkdir(exist_ok=True)
    seen = Decision("overridden", "poc", "go-on", "run-1", "a" * 64, "b" * 64, "佐藤", "良い", "2026-11-24T09:00:00Z")
    for stage in stages:
        append_decision(replace(seen, stage=stage), load_private_key(key), folder)


def test_each_reason_of_a_gate_that_refuses_is_a_note_of_its_own_and_can_be_said_in_japanese(judged, tmp_path):
    judged()
    lines = (tmp_path / "events.jsonl").read_text(encoding="utf-8").splitlines()
    notes = [event["message"] for event in map(json.loads, lines) if event["kind"] == "note"]
    assert "gate gain refuses at the limit 0.0: the interval holds zero, so this is not called a gain" in notes
    assert "ゲート gain が拒否（限度 0.0）：区間が 0 を含むため、向上とは呼ばない" in map(spoken("ja").say, notes)


def test_a_poc_carries_no_decision(judged, tmp_path):
    judged()
    carried = json.loads((tmp_path / gates.DECISIONS).read_text(encoding="utf-8"))
    assert carried == {"stage": "poc", "project": None, "approver_key": None, "decisions": []}


def test_a_roll_out_carries_the_words_that_opened_it_and_without_them_nothing_is_judged(judged, tmp_path):
    approver = tmp_path / "approver" / "signing-key.pem"
    _decide(tmp_path / "approvals", approver, "poc")
    (tmp_path / gates.VERDICT).unlink()
    with pytest.raises(GateRefused, match="roll-out is not open"):
        judged(stage="roll-out")
    assert not (tmp_path / gates.VERDICT).exists()
    _decide(tmp_path / "approvals", approver, "evaluation", "roll-out")
    assert judged(stage="roll-out")["gates"]
    carried = json.loads((tmp_path / gates.DECISIONS).read_text(encoding="utf-8"))
    assert [each["decision"]["stage"] for each in carried["decisions"]] == ["poc", "evaluation"]


def test_the_gates_refuse_where_the_audit_log_knows_of_more_decisions(judged, tmp_path):
    _decide(tmp_path / "approvals", tmp_path / "approver" / "signing-key.pem", "poc", "evaluation")
    assert judged(stage="roll-out", logged_decisions=2)["gates"]
    with pytest.raises(IntegrityError, match="the audit log knows of 3"):
        judged(stage="roll-out", logged_decisions=3)
