"""The end of a stage: the approver's signed decision on a run's verdict and report."""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from pydantic import ValidationError

from appliance.core.audit_log import AuditLog
from appliance.core.errors import GateRefused, SettingsError
from appliance.core.purpose import PurposeSettings, Stage
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
    opened,
    read_decisions,
    read_unchecked,
)
from appliance.release.publishing import own_keys
from appliance.release.signing import key_id, load_private_key, load_public_key


@dataclass(frozen=True, slots=True)
class Seen:
    """What a decision is on: the digests of the verdict and of the report."""

    verdict: str
    report: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a project stands, for the person who decides."""

    purpose: PurposeSettings
    seen: Seen | None  # None: the run has no report yet
    decisions: tuple[Decision, ...]  # the oldest first
    is_checked: bool  # their signatures; False where the run names no approver's key to check them with

    @property
    def opened(self) -> Stage:
        """The stage that the project has reached."""
        return opened(self.decisions)


def standing(run: RunFolder, state: RunState, workspace: Workspace) -> Standing:
    """Return what a run is for, what was seen of it, and what was decided so far.

    Raises:
        IntegrityError: the decisions do not follow from each other, another key signed them, or the last one is gone.
        SettingsError: the run is no run of the whole path, or another edition planned it.
    """
    settings = _run_settings(run)
    named, folder = settings.gates.approver_key, workspace.approvals / state.name
    chain = read_decisions(folder, load_public_key(named)) if named else read_unchecked(folder)
    check_whole(chain, logged_decisions(workspace.audit_log, state.name), state.name)
    decisions = tuple(each.decision for each in chain)
    return Standing(settings.purpose, _seen(state), decisions, is_checked=named is not None)


def _seen(state: RunState) -> Seen | None:
    verdict = state.facts.get("gates")
    if verdict is None or "report" not in state.facts:
        return None
    return Seen(verdict["digest"], state.step("report").digest)


def check_decidable(run: RunFolder, state: RunState, outcome: Outcome) -> Seen:
    """Return what a decision would be on; whoever asks for a key asks this first.

    Raises:
        GateRefused: the verdict refuses, not overridden, and the word is to go on.
        SettingsError: the run has no report yet.
    """
    seen = _seen(state)
    if seen is None:
        raise SettingsError(f"{run.id} has no report yet", hint="run it to its end; a decision is on what was seen")
    verdict = state.facts["gates"]
    if outcome == "go-on" and not verdict["passed"] and verdict["override"] is None:
        raise GateRefused(
            f"the verdict on {run.id} refuses: nobody can go on with it",
            hint="override it first, with a reason: appliance approve; or decide back or stop",
        )
    return seen


def decide(  # noqa: PLR0913, PLR0917 a decision is on a run, by somebody, on what was shown
    run: RunFolder, state: RunState, workspace: Workspace, outcome: Outcome, word: Word, shown: Seen | None = None
) -> Signed:
    """Record the decision at the end of the stage that a run is in; the audit log tells of it first.

    Args:
        shown: what a screen showed to whoever decides; None where the words are about the run as it is now.

    Raises:
        GateRefused: the verdict refuses, not overridden, and the word is to go on; or the stage is not open.
        IntegrityError: the decisions so far do not follow from each other.
        SettingsError: the run has no report yet, or another than was shown; one key for both roles; another approver's
            key than the run names.
    """
    settings, seen = _run_settings(run), check_decidable(run, state, outcome)
    if shown not in {None, seen}:
        raise SettingsError(
            f"{run.id} has another verdict or report than the one that was shown", hint="look at it, and decide again"
        )
    key = load_private_key(word.key)
    _check_key(key.public_key(), settings, workspace)
    decision = Decision(
        project=state.name,
        stage=settings.purpose.stage,
        outcome=outcome,
        run=run.id,
        verdict=seen.verdict,
        report=seen.report,
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
