"""The process behind `appliance audit`: `python -m appliance.children.auditing BUNDLE TRUSTED_KEY [APPROVER_KEY]`.

It checks the signature and every digest first, then recomputes what the reports say; JSON findings on standard output.
"""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from appliance.core.errors import ApplianceError, IntegrityError
from appliance.evidence.approved import Key
from appliance.evidence.auditing import Finding, audit
from appliance.evidence.dossier import CARD, DECISIONS, FILES, GATES, OPTIONAL, Dossier
from appliance.release.manifest import BundleManifest, Override, StageDecision, part_of
from appliance.release.signing import load_public_key
from appliance.release.verifying import verify

BILL = "report/bom.cdx.json"


def findings(folder: Path, manifest: BundleManifest, approver: Key | None = None) -> list[Finding]:
    """Return what the audit of a bundle's folder gave; without the approver's key its words are taken as they stand.

    Raises:
        IntegrityError: a report is missing, or cannot be read as one.
    """
    try:
        there = [name for name in OPTIONAL if (folder / name).exists()]
        dossier = Dossier.read({name: folder / name for name in (*FILES, *there)})
        bill: dict[str, Any] = json.loads((folder / BILL).read_text(encoding="utf-8"))
        report = sorted((folder / "report").iterdir())
        texts = {f"report/{file.name}": file.read_text(encoding="utf-8") for file in report if file.suffix != ".json"}
        return [*audit(dossier, texts, bill, approver), _manifest(manifest, dossier)]
    except FileNotFoundError as error:
        hint = "it was made by an edition without evidence, or is no bundle"
        raise IntegrityError(f"{error.filename}: the bundle lacks this report", hint=hint) from None
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise IntegrityError(
            f"a report cannot be read as one: {type(error).__name__}",
            hint="do not rely on it: it was changed, or another edition made it",
        ) from None


def _manifest(manifest: BundleManifest, dossier: Dossier) -> Finding:
    """Hold what the manifest says of verdict, stage and decisions against the reports that it sums up."""
    gates, decided = dossier.files[GATES], dossier.files[DECISIONS]
    decisions = tuple(part_of(StageDecision, each["decision"]) for each in decided["decisions"])
    override = gates["override"]
    pairs = {
        "passed": (manifest.verdict and manifest.verdict.passed, gates["passed"]),
        "digest": (manifest.verdict and manifest.verdict.digest, gates["digest"]),
        "override": (manifest.verdict and manifest.verdict.override, override and part_of(Override, override)),
        "stage": (manifest.stage, decided["stage"]),
        "project": (manifest.project, dossier.get(CARD, "name")),
        "decisions": (manifest.decisions, decisions),
    }
    differing = [name for name, (said, found) in pairs.items() if said != found]
    return Finding("manifest", "DIFFERS" if differing else "same", ", ".join(differing))


def main(arguments: list[str]) -> int:
    """Audit one bundle; return the exit status: 7 where something differs."""
    folder = Path(arguments[0])
    try:
        verified = verify(folder, load_public_key(Path(arguments[1])))
        approver = load_public_key(Path(arguments[2])) if len(arguments) > 2 else None
        found = findings(folder, verified.manifest, approver)
    except ApplianceError as error:
        sys.stdout.write(json.dumps({"message": error.message, "hint": error.hint}) + "\n")
        return error.exit_status
    told = {"digest": verified.digest, "findings": [asdict(each) for each in found]}
    sys.stdout.write(json.dumps(told, ensure_ascii=False) + "\n")
    return IntegrityError.exit_status if any(each.result == "DIFFERS" for each in found) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
