"""`appliance reveal` and `appliance learn-ids`."""

import json

import pytest

from anonymize.replacing.originals import Original
from anonymize.replacing.vault import write_vault
from appliance.core.audit_log import AuditLog
from appliance.core.store import Store

NAME = "<PERSON_K7QWX3M2ABCD>"


@pytest.fixture
def workspace(tmp_path):
    """A workspace whose vault holds one name."""
    Store(tmp_path)
    key = (tmp_path / "vault" / "key").read_bytes()
    write_vault(tmp_path / "vault" / "pseudonyms" / "a.vault", key, [Original(NAME, "PERSON", "佐藤 健一", count=3)])
    return tmp_path


def test_a_placeholder_is_revealed_and_the_log_tells_who_and_why_but_not_what(call, workspace):
    done = call("reveal", NAME, "--reason", "本人からの照会", "--workspace", workspace)
    assert "佐藤 健一" in done.out
    entries = list(AuditLog(workspace / "vault" / "audit.jsonl").entries())
    assert [entry.action for entry in entries] == ["reveal", "revealed"]
    assert entries[0].details["reason"] == "本人からの照会"
    assert "佐藤" not in (workspace / "vault" / "audit.jsonl").read_text(encoding="utf-8")


def test_an_unknown_placeholder_is_told_and_logged(call, workspace):
    done = call("reveal", "<PERSON_X>", "--reason", "test", "--workspace", workspace)
    assert done.status == 3
    assert [entry.action for entry in AuditLog(workspace / "vault" / "audit.jsonl").entries()][-1] == "not found"


def test_without_the_key_nothing_is_revealed(call, workspace, tmp_path):
    other = tmp_path / "other-key"
    other.write_bytes(bytes(64))
    other.chmod(0o600)
    wrong = call("reveal", NAME, "--reason", "test", "--key", other, "--workspace", workspace)
    (workspace / "vault" / "key").unlink()
    missing = call("reveal", NAME, "--reason", "test", "--workspace", workspace)
    assert (wrong.status, missing.status) == (7, 4)
    assert "佐藤" not in wrong.out + missing.out


def test_a_name_that_somebody_types_does_not_stand_in_the_log(call, workspace):
    call("reveal", "Orla Quimby", "--reason", "test", "--workspace", workspace)
    assert "Quimby" not in (workspace / "vault" / "audit.jsonl").read_text(encoding="utf-8")


def test_a_blank_reason_is_none(call, workspace):
    assert call("reveal", NAME, "--reason", " ", "--workspace", workspace).status == 2


def test_a_reason_must_be_given(call, workspace):
    assert call("reveal", NAME, "--workspace", workspace).status == 2


@pytest.mark.parametrize(
    ("examples", "kind", "described"),
    [
        (("12345/02", "9876/99", "40001/10"), "CASE_NUMBER", "digits"),
        (("社員番号 A-10293", "社員番号 A-20034", "社員番号 A-99001"), "EMPLOYEE_ID", "A-"),
    ],
)
def test_a_form_is_learnt_written_and_told(call, tmp_path, examples, kind, described):
    out = tmp_path / "forms.json"
    done = call("learn-ids", *examples, "--kind", kind, "--out", out)
    assert described in done.out
    assert "id_forms" in done.err
    assert ("own_kinds" in done.err) == (kind == "CASE_NUMBER")
    call("learn-ids", *examples, "--kind", kind, "--out", out)
    (form,) = json.loads(out.read_text(encoding="utf-8"))
    assert form["kind"] == kind
    assert "10293" not in out.read_text(encoding="utf-8")


def test_two_examples_are_too_few(call):
    assert call("learn-ids", "12/3", "45/6").status == 2


def test_a_form_that_matches_tag_numbers_is_told(call, tmp_path):
    (tmp_path / "tags.txt").write_text("P-922\nV-645\nE487\n", encoding="utf-8")
    done = call("learn-ids", "A-123", "B-456", "C-789", "--technical", tmp_path / "tags.txt")
    assert "2 of 3 technical tokens" in done.err
