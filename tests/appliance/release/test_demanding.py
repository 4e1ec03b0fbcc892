import json
from dataclasses import asdict, replace

import pytest

from appliance.core.errors import GateRefused, IntegrityError
from appliance.release.approval import verdict_digest
from appliance.release.building import build
from appliance.release.deciding import Decision, append_decision
from appliance.release.demanding import DECISIONS, GATES, Demand
from appliance.release.installing import install
from appliance.release.manifest import Verdict
from appliance.release.signing import generate_key, load_private_key, load_public_key

WORD = Decision("orders", "poc", "go-on", "orders-1", "a" * 64, "b" * 64, "佐藤", "良い", "2026-11-24T09:00:00Z")


PASSED = {"gates": [], "limits": {}, "ships": {}, "digest": verdict_digest([], {}, {}), "override": None}


@pytest.fixture
def approver(tmp_path):
    return generate_key(tmp_path / "approver")


@pytest.fixture
def make_staged(tmp_path, keys, facts, parts, approver):
    """Return a function: stage, number of decisions that are carried, its project -> a signed bundle."""

    def make(stage: str, carried: int = 2, project: str = "orders"):
        key, folder = load_private_key(approver.private), tmp_path / "approvals" / "orders"
        folder.parent.mkdir(exist_ok=True)
        words = [WORD, replace(WORD, stage="evaluation")][:carried]
        signed = [asdict(append_decision(word, key, folder)) for word in words]
        (tmp_path / "decisions.json").write_text(json.dumps({"project": "orders", "decisions": signed}), "utf-8")
        bundle = tmp_path / "staged"
        bundle.mkdir()
        (tmp_path / "gates.json").write_text(json.dumps(PASSED), encoding="utf-8")
        every = {**parts, DECISIONS: tmp_path / "decisions.json", GATES: tmp_path / "gates.json"}
        verdict = Verdict(passed=True, digest=PASSED["digest"])
        stated = facts.model_copy(update={"stage": stage, "project": project, "verdict": verdict})
        build(bundle, every, stated, load_private_key(keys.private))
        return bundle

    return make


def test_a_bundle_of_a_poc_is_refused_where_a_roll_out_is_demanded(make_staged, keys, tmp_path):
    with pytest.raises(GateRefused, match="is of the stage poc: roll-out is demanded here") as refused:
        install(make_staged("poc"), keys.public, tmp_path / "home", Demand("roll-out"))
    assert "appliance decide" in refused.value.hint
    assert not (tmp_path / "home").exists()


def test_a_bundle_that_states_no_stage_is_refused_where_one_is_demanded(bundle, keys, tmp_path):
    install(bundle, keys.public, tmp_path / "home")
    with pytest.raises(GateRefused, match="that nobody stated"):
        install(bundle, keys.public, tmp_path / "home", Demand("poc"))


def test_a_later_stage_than_demanded_is_taken(make_staged, keys, tmp_path):
    assert install(make_staged("roll-out"), keys.public, tmp_path / "home", Demand("evaluation")).previous is None


def test_a_roll_out_with_the_approvers_word_is_taken(make_staged, keys, approver, tmp_path):
    demand = Demand("roll-out", load_public_key(approver.public))
    assert (
        install(make_staged("roll-out"), keys.public, tmp_path / "home", demand).verified.manifest.stage == "roll-out"
    )


def test_a_roll_out_that_only_its_maker_calls_so_is_refused(make_staged, keys, approver, tmp_path):
    demand = Demand("roll-out", load_public_key(approver.public))
    with pytest.raises(GateRefused, match="roll-out is not open"):
        install(make_staged("roll-out", carried=1), keys.public, tmp_path / "home", demand)


def test_a_word_of_another_approver_is_refused(make_staged, keys, tmp_path):
    other = generate_key(tmp_path / "other")
    with pytest.raises(IntegrityError, match="trusted key"):
        install(
            make_staged("roll-out"), keys.public, tmp_path / "home", Demand("roll-out", load_public_key(other.public))
        )


def test_the_word_on_another_project_is_refused(make_staged, keys, approver, tmp_path):
    demand = Demand("roll-out", load_public_key(approver.public))
    with pytest.raises(IntegrityError, match="is of the project pumps, its decisions of orders"):
        install(make_staged("roll-out", project="pumps"), keys.public, tmp_path / "home", demand)
    assert not (tmp_path / "home").exists()


def test_a_bundle_without_decisions_is_refused_where_a_word_is_demanded(tmp_path, keys, facts, parts, approver):
    (tmp_path / "bare").mkdir()
    build(tmp_path / "bare", parts, facts.model_copy(update={"stage": "roll-out"}), load_private_key(keys.private))
    with pytest.raises(IntegrityError, match="cannot be read as decisions"):
        demand = Demand("roll-out", load_public_key(approver.public))
        install(tmp_path / "bare", keys.public, tmp_path / "home", demand)
