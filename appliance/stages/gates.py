"""Holds every measured figure against its limit: the one verdict that a bundle needs. Clean.

A verdict that refuses can be overridden by the approver, with a second key and a written reason; both stay in it.
What is overridden is the verdict with all that it is about: the digests of every artifact that was judged or ships, and
the settings that say what ships. After a change of any of them the approver is asked anew.
"""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from appliance.core.errors import GateRefused
from appliance.core.reasons import OVERRIDE_HINT, told
from appliance.core.reporting import Facts, Reporter
from appliance.core.sections import GatesSettings
from appliance.core.store import Artifact, Draft
from appliance.evaluation.gates import judge, refused
from appliance.release.approval import check_roles, find_approval, verdict_digest
from appliance.release.deciding import carried, check_open, check_whole, read_decisions
from appliance.release.overriding import override_facts
from appliance.release.signing import load_private_key, load_public_key, public_pem
from appliance.stages import anonymize, evaluate, probe, residual, train, verify

VERDICT, DECISIONS = "gates.json", "decisions.json"
NO_LIMITS = {"approver_key", "signing_key", "approvals", "logged_decisions", "shipping", "stage"}
SOURCES = {  # step -> the sealed file that its facts stand in
    "evaluate": evaluate.SCORES,
    "verify": verify.VERDICT,
    "anonymize": anonymize.REPORT,
    "probe": probe.SAFETY,
    "residual": residual.RESIDUAL,
    "train": train.PRIVACY,  # of a private training only
}


def run(inputs: Mapping[str, Artifact], settings: GatesSettings, draft: Draft, reporter: Reporter) -> Facts:
    """Write the verdict.

    Raises:
        GateRefused: the stage before this one did not end with the approver's word to go on.
        IntegrityError: there is an approval or a decision that the approver's key did not sign.
        SettingsError: the approver's key is the one that signs bundles.
    """
    draft.write_json(DECISIONS, _decisions(settings))
    sources = {step: file for step, file in SOURCES.items() if (inputs[step].folder / file).exists()}
    facts = {step: inputs[step].read_json(file) for step, file in sources.items()}
    if "train" in facts:
        facts["curve"] = inputs["train"].read_json(train.CURVE)
    if "distil" in inputs:
        facts["student"] = inputs["probe"].read_json(probe.STUDENT_SAFETY)
    gates = judge(facts, settings)
    plain = [asdict(gate) for gate in gates]
    for gate in refused(gates):
        for each in gate.reasons:
            reason = told([each], "en")
            reporter.note(f"gate {gate.name} refuses at the limit {gate.limit}: {reason}", "warning")
    limits = settings.model_dump(mode="json", exclude=NO_LIMITS)
    ships = {"artifacts": {step: inputs[step].digest for step in sorted(inputs)}, "settings": settings.shipping}
    digest = verdict_digest(plain, limits, ships)
    override = _override(digest, settings) if refused(gates) else None
    if override:
        reporter.note(f"the refusal is overridden by {override['by']}: {override['reason']}", "warning")
    judged = {"passed": not refused(gates), "gates": plain, "limits": limits, "ships": ships}
    verdict = {**judged, "digest": digest, "override": override}
    draft.write_json(VERDICT, verdict)
    return verdict


def check_verdict(verdict: Mapping[str, Any]) -> None:
    """Let nothing be signed against a verdict.

    Raises:
        GateRefused: it refuses, and nobody who may has overridden it.
    """
    if not verdict["passed"] and verdict["override"] is None:
        reasons = "; ".join(f"{gate['name']}: {told(gate['reasons'], 'en')}" for gate in _refusing(verdict))
        raise GateRefused(f"the adapted model may not ship: {reasons}", hint=OVERRIDE_HINT)


def _refusing(verdict: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [gate for gate in verdict["gates"] if gate["status"] == "refused"]


def _decisions(settings: GatesSettings) -> dict[str, Any]:
    """Return the stage, and the signed decisions that opened it; a PoC needs none."""
    if settings.stage == "poc":
        return {"stage": "poc", "project": None, "approver_key": None, "decisions": []}
    assert settings.approver_key
    assert settings.approvals
    approver = _approver(settings.approver_key, settings)
    chain = read_decisions(settings.approvals, approver)
    check_whole(chain, settings.logged_decisions, settings.approvals.name)
    check_open(settings.stage, [each.decision for each in chain])
    opening = [asdict(each) for each in carried(settings.stage, chain)]
    project = settings.approvals.name
    return {"stage": settings.stage, "project": project, "approver_key": public_pem(approver), "decisions": opening}


def _override(digest: str, settings: GatesSettings) -> dict[str, Any] | None:
    if settings.approver_key is None or settings.approvals is None:
        return None
    approver = _approver(settings.approver_key, settings)
    signed = find_approval(settings.approvals, digest, approver)
    return override_facts(signed, approver) if signed else None


def _approver(file: Path, settings: GatesSettings) -> ec.EllipticCurvePublicKey:
    """Return the approver's key, which is not the one that signs bundles."""
    approver = load_public_key(file)
    assert settings.signing_key
    check_roles(approver, load_private_key(settings.signing_key).public_key())
    return approver
