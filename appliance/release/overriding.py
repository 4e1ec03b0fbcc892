"""The approver's word that a bundle carries: whether it is theirs, and about the very verdict that lies beside it.

`override` in `reports/gates.json`, the whole of what was signed with its signature:

    {"verdict": "...", "gates": ["gain"], "by": "M. Sato", "reason": "...", "time": "...",
     "key_id": "...", "approver_key": "-----BEGIN PUBLIC KEY-----...", "signature": "..."}

Covers: a maker who claims a word that nobody gave; a name, reason or time that was changed; a word of another key, on
another verdict, on other gates. Does not cover: a maker who rewrites the gates so that none refuses, which
`appliance audit` finds; another model beside a true word, for only `ships` in the verdict names its artifacts.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from appliance.core.errors import GateRefused, IntegrityError
from appliance.release.approval import APPROVAL, NAME, Approval, SignedApproval, verdict_digest
from appliance.release.signing import key_id, open_signature, public_pem
from appliance.release.statement import HINT


def override_facts(signed: SignedApproval, key: ec.EllipticCurvePublicKey) -> dict[str, Any]:
    """Return an override as it is sealed with its verdict."""
    told = asdict(signed.approval)
    return {**told, "key_id": key_id(key), "approver_key": public_pem(key), "signature": signed.signature}


def check_override(judged: Mapping[str, Any], approver: ec.EllipticCurvePublicKey) -> None:
    """Hold the override of a sealed verdict (`gates.json`) against the approver's key; one that passes needs none.

    Raises:
        GateRefused: a gate refuses, and nobody's word lies beside it.
        IntegrityError: the word is another key's, was changed, or is about something else.
    """
    refused = [str(gate["name"]) for gate in judged["gates"] if gate["status"] == "refused"]
    override = judged["override"]
    if not refused and override is None:
        return
    if override is None:
        raise GateRefused(
            f"the gates {', '.join(refused)} refuse, and the bundle carries no word of an approver",
            hint="ask for a bundle that passes, or that the approver has let through: appliance approve",
        )
    approval = _signed(override, approver)
    verdict = verdict_digest(judged["gates"], judged["limits"], judged["ships"])
    if not approval.verdict == verdict == judged["digest"] or list(approval.gates) != refused:
        raise IntegrityError("the approver's word is about another verdict than this one", hint=HINT)


def _signed(override: Mapping[str, Any], approver: ec.EllipticCurvePublicKey) -> Approval:
    """Return what the approver signed, if they did."""
    try:
        told = {name: override[name] for name in Approval.__slots__}
        approval = Approval(**told | {"gates": tuple(told["gates"])})
        signature, named = str(override["signature"]).encode(), override["key_id"]
    except (KeyError, TypeError, AttributeError):
        raise IntegrityError("the override carries no signed word of an approver", hint=HINT) from None
    if named != key_id(approver):
        raise IntegrityError(
            f"the override names the approver's key {named}, which is not {key_id(approver)}", hint=HINT
        )
    try:
        signed = open_signature(signature, approver)
    except IntegrityError:
        signed = None
    if signed is None or signed.name != NAME or signed.digests != {APPROVAL: _digest(approval)}:
        raise IntegrityError("the approver's word was changed since it was signed, or another key signed it", hint=HINT)
    return approval


def _digest(approval: Approval) -> str:
    return hashlib.sha256(approval.content).hexdigest()
