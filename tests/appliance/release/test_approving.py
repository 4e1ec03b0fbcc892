"""The approver's act: who may, and what is left of the key."""

import pytest

from appliance import service
from appliance.core.errors import SettingsError
from appliance.core.workspace import Workspace
from appliance.release.approval import find_approval
from appliance.release.approving import Word
from appliance.release.publishing import own_keys
from appliance.release.signing import generate_key, load_public_key

REFUSED = {
    "passed": False,
    "digest": "c0" * 32,
    "override": None,
    "gates": [
        {"name": "exposure", "status": "refused", "reason": "13 of 16 can be read out"},
        {"name": "gain", "status": "passed", "reason": "+0.2"},
    ],
}


@pytest.fixture
def workspace(tmp_path):
    return Workspace(tmp_path / "w")


@pytest.fixture
def approver(tmp_path):
    return generate_key(tmp_path / "approver")


@pytest.fixture
def refused(make_compared, workspace, approver):
    return make_compared(workspace, {"gates": REFUSED}, gates={"approver_key": str(approver.public)})


def test_the_named_approver_overrides_and_the_key_s_content_goes_nowhere(refused, workspace, approver):
    approval = service.approve(refused, workspace, Word(approver.private, "佐藤", "pilot on one line"))
    found = find_approval(workspace.approvals / "small", "c0" * 32, load_public_key(approver.public))
    assert found.approval == approval
    assert approval.gates == ("exposure",)
    secret = approver.private.read_text().splitlines()[1]
    kept = [file for file in workspace.root.rglob("*") if file.is_file()]
    assert any("pilot on one line" in file.read_text(errors="replace") for file in kept)
    assert not any(secret in file.read_text(errors="replace") for file in kept)


def test_a_stranger_s_key_the_signing_key_and_no_reason_are_refused_before_anything_is_logged(
    refused, workspace, approver, tmp_path
):
    stranger = generate_key(tmp_path / "stranger")
    words = {
        "names as its approver": Word(stranger.private, "佐藤", "why"),
        "signs bundles": Word(own_keys(workspace.keys)[0], "佐藤", "why"),
        "needs a name and a reason": Word(approver.private, "佐藤", " "),
        "not an EC P-256 key": Word(refused.settings, "佐藤", "why"),
    }
    for told, word in words.items():
        with pytest.raises(SettingsError, match=told):
            service.approve(refused, workspace, word)
    assert not workspace.audit_log.exists()
    assert not workspace.approvals.exists()


def test_without_a_named_approver_or_a_refusal_there_is_nothing_to_approve(make_compared, workspace, approver):
    word = Word(approver.private, "佐藤", "why")
    nobody = make_compared(workspace, {"gates": REFUSED}, name="nobody")
    passed = make_compared(workspace, {"gates": {**REFUSED, "gates": []}}, name="passed")
    early = make_compared(workspace, name="early")
    for run, told in ((nobody, "names no approver"), (passed, "no gate"), (early, "no verdict")):
        with pytest.raises(SettingsError, match=told):
            service.approve(run, workspace, word)
