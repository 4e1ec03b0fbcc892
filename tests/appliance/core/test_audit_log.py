"""A log of acts that shows when it was changed."""

import json
from pathlib import Path

import pytest

from appliance.core.audit_log import AuditLog
from appliance.core.errors import IntegrityError


@pytest.fixture
def file(tmp_path: Path) -> Path:
    log = AuditLog(tmp_path / "audit.jsonl")
    for reason in ("退職者の照会", "wrong part", "court order"):
        log.append("reveal", {"reason": reason})
    return tmp_path / "audit.jsonl"


def test_entries_are_numbered_and_read_back_in_order(file: Path) -> None:
    assert [(entry.number, entry.details["reason"]) for entry in AuditLog(file).entries()] == [
        (1, "退職者の照会"),
        (2, "wrong part"),
        (3, "court order"),
    ]


def test_only_the_owner_may_read_the_log(file: Path) -> None:
    assert file.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_changed_entry_is_found_by_its_number(file: Path, number: int) -> None:
    lines = file.read_text(encoding="utf-8").splitlines()
    plain = json.loads(lines[number])
    lines[number] = json.dumps({**plain, "who": "nobody"})
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with pytest.raises(IntegrityError, match=f"entry {number + 1} "):
        list(AuditLog(file).entries())


@pytest.mark.parametrize("order", [(1, 2), (0, 2), (1, 0, 2), (0, 0, 1, 2)])
def test_removed_reordered_and_doubled_entries_are_found(file: Path, order: tuple[int, ...]) -> None:
    lines = file.read_text(encoding="utf-8").splitlines()
    file.write_text("".join(lines[number] + "\n" for number in order), encoding="utf-8")
    with pytest.raises(IntegrityError):
        list(AuditLog(file).entries())


def test_nothing_is_added_to_a_log_that_was_changed(file: Path) -> None:
    file.write_text("{}\n", encoding="utf-8")
    with pytest.raises(IntegrityError):
        AuditLog(file).append("reveal", {})
    assert file.read_text(encoding="utf-8") == "{}\n"


def test_an_entry_that_was_not_written_to_its_end_is_told_apart_from_a_change(file: Path) -> None:
    with file.open("a", encoding="utf-8") as log:
        log.write('{"number": 4, "ti')
    with pytest.raises(IntegrityError, match="not written to its end"):
        list(AuditLog(file).entries())


def test_a_user_without_a_name_has_a_number(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def nameless() -> str:
        raise KeyError("no such user")

    monkeypatch.setattr("getpass.getuser", nameless)
    assert AuditLog(file).append("reveal", {}).who.startswith("uid:")
