"""What a factory demands of a bundle besides the signature: that it has come to a stage, and whose word it rests on.

Covers: a bundle of a PoC that is offered for production; with the approver's public key, one whose maker only says
that the approver agreed, to the stage or to a gate that refuses, or takes the decisions of another project.
Does not cover: a maker who puts another model beside decisions that were really taken in the same project: the word to
go on is given before the run of the next stage, on the verdict of the one before it.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec

from appliance.core.errors import GateRefused, IntegrityError
from appliance.core.purpose import Stage
from appliance.release.deciding import STAGES, check_chain, check_open, from_plain
from appliance.release.manifest import MANIFEST_FILE, Override, part_of
from appliance.release.overriding import check_override
from appliance.release.signing import load_public_key
from appliance.release.statement import HINT
from appliance.release.verifying import Verified

DECISIONS, GATES = "reports/decisions.json", "reports/gates.json"
STAGE_VARIABLE, APPROVER_VARIABLE = "APPLIANCE_STAGE", "APPLIANCE_APPROVER_KEY"  # what a factory sets once and for all


@dataclass(frozen=True, slots=True)
class Demand:
    """The stage that a bundle must have reached at least, and who must have agreed to whatever needed a word."""

    stage: Stage | None = None  # None: any, or none
    approver: ec.EllipticCurvePublicKey | None = None  # None: the maker's word suffices


def demanded(stage: Stage | None, approver_key: Path | None) -> Demand | None:
    """Return what a stage and an approver's public key demand; None without either.

    Raises:
        SettingsError: the file is no key.
    """
    approver = load_public_key(approver_key) if approver_key else None
    return Demand(stage, approver) if stage or approver else None


def check_demand(verified: Verified, demand: Demand | None) -> None:
    """Hold a verified bundle against what this factory demands.

    Raises:
        GateRefused: it has not come to the stage, or a gate refuses and nobody overrode it.
        IntegrityError: the approver did not sign what the bundle says of them.
    """
    if demand is None:
        return
    manifest = verified.manifest
    if demand.stage and (manifest.stage is None or STAGES.index(manifest.stage) < STAGES.index(demand.stage)):
        raise GateRefused(
            f"{manifest.name} {manifest.version} is of the stage {manifest.stage or 'that nobody stated'}: "
            f"{demand.stage} is demanded here",
            hint="ask for a bundle of that stage; it needs the approver's word: appliance decide",
        )
    if demand.approver:
        if manifest.stage and manifest.stage != "poc":
            _check_word(verified, manifest.stage, demand.approver)
        _check_verdict(verified, demand.approver)


def _check_verdict(verified: Verified, approver: ec.EllipticCurvePublicKey) -> None:
    """A verdict that refuses must carry the approver's signed word; what the manifest sums up must be that verdict."""
    told = verified.manifest.verdict
    if told is None:
        raise GateRefused(
            f"{verified.manifest.name} {verified.manifest.version} carries no verdict: nothing was judged",
            hint="ask for a bundle that this edition made",
        )
    try:
        judged = json.loads((verified.folder / GATES).read_text(encoding="utf-8"))
        check_override(judged, approver)
        refused = [gate["name"] for gate in judged["gates"] if gate["status"] == "refused"]
        override = part_of(Override, judged["override"]) if judged["override"] else None
        digest = judged["digest"]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise IntegrityError(f"{GATES} cannot be read as a verdict", hint=HINT) from None
    if (told.passed, list(told.refused), told.digest, told.override) != (not refused, refused, digest, override):
        raise IntegrityError(f"{MANIFEST_FILE} tells of another verdict than {GATES}", hint=HINT)


def _check_word(verified: Verified, stage: Stage, approver: ec.EllipticCurvePublicKey) -> None:
    try:
        content = json.loads((verified.folder / DECISIONS).read_text(encoding="utf-8"))
        chain, project = tuple(from_plain(each) for each in content["decisions"]), str(content["project"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise IntegrityError(f"{DECISIONS} cannot be read as decisions", hint=HINT) from None
    if project != verified.manifest.project:
        raise IntegrityError(
            f"the bundle is of the project {verified.manifest.project or '-'}, its decisions of {project}", hint=HINT
        )
    check_chain(chain, approver, project)
    check_open(stage, [each.decision for each in chain])
