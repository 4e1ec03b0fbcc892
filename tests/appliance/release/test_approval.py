from dataclasses import replace

import pytest

from appliance.core.errors import IntegrityError, SettingsError
from appliance.release.approval import APPROVAL, Approval, check_roles, find_approval, write_approval
from appliance.release.signing import generate_key, load_private_key

WORD = Approval("a" * 64, ("gain",), "佐藤 M.", "pilot on one line only", "2026-11-24T09:00:00Z")


@pytest.fixture
def approver(tmp_path):
    return load_private_key(generate_key(tmp_path / "approver").private)


def test_an_approval_is_found_for_its_verdict_and_for_no_other(approver, tmp_path):
    write_approval(WORD, approver, tmp_path)
    assert find_approval(tmp_path, WORD.verdict, approver.public_key()).approval == WORD
    assert find_approval(tmp_path, "b" * 64, approver.public_key()) is None
    assert find_approval(tmp_path, "a" * 63 + "b", approver.public_key()) is None


@pytest.mark.parametrize("change", [("pilot", "Pilot"), ("gain", "Gain"), ("a" * 8, "b" * 8)])
def test_a_changed_approval_is_refused(approver, tmp_path, change):
    file = write_approval(WORD, approver, tmp_path) / APPROVAL
    file.write_text(file.read_text(encoding="utf-8").replace(*change), encoding="utf-8")
    with pytest.raises(IntegrityError, match="changed"):
        find_approval(tmp_path, WORD.verdict, approver.public_key())


def test_another_key_cannot_approve(approver, tmp_path):
    other = load_private_key(generate_key(tmp_path / "other").private)
    write_approval(WORD, other, tmp_path)
    with pytest.raises(IntegrityError, match="trusted key"):
        find_approval(tmp_path, WORD.verdict, approver.public_key())


@pytest.mark.parametrize("change", [{"reason": " "}, {"by": ""}])
def test_an_approval_without_a_name_or_a_reason_is_none(approver, tmp_path, change):
    with pytest.raises(SettingsError, match="a name and a reason"):
        write_approval(replace(WORD, **change), approver, tmp_path)


def test_one_key_cannot_have_both_roles(approver, tmp_path):
    check_roles(approver.public_key(), load_private_key(generate_key(tmp_path / "signer").private).public_key())
    with pytest.raises(SettingsError, match="the one that signs"):
        check_roles(approver.public_key(), approver.public_key())
