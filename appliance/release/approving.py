"""The approver's act: a verdict that refuses is overridden with a second key and a written reason, and it is logged.

Covers: a key that nobody named, or that signs bundles; a verdict that does not refuse. The key's content goes nowhere
but into the signature: not into the log, an error or an event.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from appliance.core.audit_log import AuditLog
from appliance.core.errors import SettingsError
from appliance.core.settings import Settings, thaw
from appliance.core.workspace import RunFolder, Workspace
from appliance.release.approval import Approval, check_roles, write_approval
from appliance.release.publishing import own_keys
from appliance.release.signing import key_id, load_private_key, load_public_key


class Word(NamedTuple):
    """Who approves or decides, with which private key (a file), and why."""

    key: Path
    by: str
    reason: str


def refusing_gates(run: RunFolder, verdict: Mapping[str, Any] | None) -> list[Mapping[str, Any]]:
    """Return the gates of a verdict that refuse.

    Raises:
        SettingsError: there is no verdict yet, or no gate of it refuses.
    """
    if verdict is None:
        raise SettingsError(f"{run.id} has no verdict yet", hint="start the run and let it come to its gates")
    refusing = [gate for gate in verdict["gates"] if gate["status"] == "refused"]
    if not refusing:
        raise SettingsError(f"no gate of {run.id} refuses", hint="there is nothing to approve")
    return refusing


def approve(run: RunFolder, name: str, verdict: Mapping[str, Any] | None, workspace: Workspace, word: Word) -> Approval:
    """Sign the approver's word on a verdict, and log it first.

    Raises:
        SettingsError: nothing refuses; no name or reason; the run names no approver, or another; the key signs bundles.
    """
    names = tuple(str(gate["name"]) for gate in refusing_gates(run, verdict))
    assert verdict is not None
    if not (word.by.strip() and word.reason.strip()):
        raise SettingsError("an approval needs a name and a reason", hint="--by 'M. Sato' --reason '...'")
    private = load_private_key(word.key)
    check_roles(private.public_key(), load_private_key(own_keys(workspace.keys)[0]).public_key())
    _check_named(run, key_id(private.public_key()))
    time = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    told = {
        "run": run.id,
        "gates": ", ".join(names),
        "by": word.by,
        "reason": word.reason,
        "key_id": key_id(private.public_key()),
    }
    AuditLog(workspace.audit_log).append("approve", {**told, "verdict": verdict["digest"]})
    approval = Approval(verdict["digest"], names, word.by, word.reason, time)
    write_approval(approval, private, workspace.approvals / name)
    return approval


def _check_named(run: RunFolder, approver: str) -> None:
    """An approval that the run would not look at must not seem to be one."""
    settings = thaw(run.settings.read_text(encoding="utf-8"))
    named = settings.gates.approver_key if isinstance(settings, Settings) else None
    if named is None:
        raise SettingsError(
            f"{run.id} names no approver", hint="set approver_key in [gates] to the public key, and run it again"
        )
    if key_id(load_public_key(named)) != approver:
        raise SettingsError(
            f"the key is not the one that {run.id} names as its approver's", hint=f"its public key is {named}"
        )
