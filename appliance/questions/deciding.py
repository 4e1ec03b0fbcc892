"""The end of a stage: the approver's signed decision on a run's verdict and report."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from pydantic import ValidationError

from appliance.core.audit_log import AuditLog
from appliance.core.errors import GateRefused, SettingsError
from appliance.core.run_state import RunState
from appliance.core.settings import Settings, thaw
from appliance.core.workspace import RunFolder, Workspace
from appliance.release.approval import check_roles
from appliance.release.approving import Word
from appliance.release.deciding import (
    ACTION,
    Decision,
    Outcome,
    Signed,
    append_decision,
    check_open,
    check_whole,
    logged_decisions,
    read_decisions,
)
from appliance.release.publishing import own_keys
from appliance.release.signing import key_id, load_private_key, load_public_key


def decide(run: RunFolder, state: RunState, workspace: Workspace, outcome: Outcome, word: Word) -> Signed:
    """Record the decision at the end of the stage that a run is in; the audit log tells of it first.

    Raises:
        GateRefused: the verdict refuses, not overridden, and the word is to go on; or the stage is not open.
        IntegrityError: the decisions so far do not follow from each other.
        SettingsError: the run has no report yet; one key for both roles; another approver's key than the run names.
    """
    settings, verdict = _run_settings(run), state.facts.get("gates")
    if verdict is None or "report" not in state.facts:
        raise SettingsError(f"{run.id} has no report yet", hint="run it to its end; a decision is on what was seen")
    if outcome == "go-on" and not verdict["passed"] and verdict["override"] is None:
        raise GateRefused(
            f"the verdict on {run.id} refuses: nobody can go on with it",
            hint="override it first, with a reason: appliance approve; or decide back or stop",
        )
    key = load_private_key(word.key)
    _check_key(key.public_key(), settings, workspace)
    decision = Decision(
        project=state.name,
        stage=settings.purpose.stage,
        outcome=outcome,
        run=run.id,
        verdict=verdict["digest"],
        report=state.step("report").digest,
        by=word.by,
        reason=word.reason,
        time=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    )
    log = AuditLog(workspace.audit_log)
    return append_decision(
        decision, key, workspace.approvals / state.name, lambda made: log.append(ACTION, _told(made))
    )


def _told(decision: Decision) -> dict[str, str]:
    plain = {name: str(value) for name, value in asdict(decision).items() if name not in {"time", "previous"}}
    return {**plain, "digest": decision.digest}


def check_stage(settings: Settings, workspace: Workspace) -> None:
    """Refuse a run whose stage is not open, before hours are spent on it; the gates look again.

    Raises:
        GateRefused: the stage before it did not end with the word to go on.
        IntegrityError: the decisions do not follow from each other, another key signed them, or the last one is gone.
    """
    if settings.purpose.stage == "poc":
        return
    assert settings.gates.approver_key  # the settings see to it
    folder = workspace.approvals / settings.run.name
    chain = read_decisions(folder, load_public_key(settings.gates.approver_key))
    check_whole(chain, logged_decisions(workspace.audit_log, settings.run.name), settings.run.name)
    check_open(settings.purpose.stage, [each.decision for each in chain])


def _run_settings(run: RunFolder) -> Settings:
    try:
        settings: Any = thaw(run.settings.read_text(encoding="utf-8"))
    except ValidationError:
        hint = "run it again with this one, then decide"
        raise SettingsError(f"{run.id} was planned by another edition", hint=hint) from None
    if not isinstance(settings, Settings):
        raise SettingsError(f"{run.id} is the intake of a base model", hint="a decision is on a run of the whole path")
    return settings


def _check_key(key: ec.EllipticCurvePublicKey, settings: Settings, workspace: Workspace) -> None:
    check_roles(key, load_private_key(own_keys(workspace.keys)[0]).public_key())
    named = settings.gates.approver_key
    if named and key_id(load_public_key(named)) != key_id(key):
        raise SettingsError(
            f"{named} is another approver's key", hint="decide with the key that gates.approver_key names"
        )
