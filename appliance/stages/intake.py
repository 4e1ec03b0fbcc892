"""Checks the base model as it was received and converts it to one canonical folder. Clean.

The report is sealed in any case; the runner refuses to go on from a result that says `refused`.
"""

import time
from collections import Counter
from collections.abc import Mapping

from appliance.base_model.intake import receive
from appliance.base_model.locating import MODEL
from appliance.core.reporting import Facts, Reporter
from appliance.core.sections import IntakeSettings
from appliance.core.store import Artifact, Draft
from appliance.release.publishing import REPORT
from appliance.stages.export_probe import probe


def run(inputs: Mapping[str, Artifact], settings: IntakeSettings, draft: Draft, reporter: Reporter) -> Facts:
    """Write the canonical model folder and the intake report; a refused model leaves its report alone."""
    del inputs  # the base model comes from outside of the store
    started = time.monotonic()
    model = draft.folder / MODEL
    model.mkdir()
    outcome = receive(settings, model, lambda doing: reporter.note(f"intake: {doing}"), probe)
    report = outcome.report
    draft.write_json(REPORT, report)
    for check in report["checks"]:
        if check["result"] in ("fail", "waived"):
            reporter.note(f"intake: {check['name']} {check['result']}: {check['found']}", "warning")
    return {
        "parameters": report.get("measured", {}).get("parameters"),
        "grid": report["grid"]["note"],
        "licence": report["licence"]["accepted"],
        "checks": dict(sorted(Counter(check["result"] for check in report["checks"]).items())),
        "missing_card_fields": report["missing_card_fields"],
        "seconds": round(time.monotonic() - started, 1),
        **({"refused": list(outcome.refused)} if outcome.refused else {}),
    }
