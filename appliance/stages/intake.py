"""Checks the base model as it was received and converts it to one canonical folder. Clean."""

import time
from collections.abc import Mapping
from pathlib import Path

from appliance.base_model.intake import receive
from appliance.core.reporting import Facts, Reporter
from appliance.core.sections import IntakeSettings
from appliance.core.store import Artifact, Draft

MODEL = "model"
REPORT = "intake_report.json"


def run(inputs: Mapping[str, Artifact], settings: IntakeSettings, draft: Draft, reporter: Reporter) -> Facts:
    """Write the canonical model folder and the intake report."""
    del inputs  # the base model comes from outside of the store
    started = time.monotonic()
    model = draft.folder / MODEL
    report = receive(settings.path, settings, model, lambda doing: reporter.note(f"intake: {doing}"))
    draft.write_json(REPORT, report)
    differing = [claim["claim"] for claim in report["claims"] if not claim["agree"]]
    if differing:
        reporter.note(f"the base model's claims differ from what was measured: {', '.join(differing)}", "warning")
    return {
        "parameters": report["measured"]["parameters"],
        "grid": report["grid"]["note"],
        "licence": report["licence"]["accepted"],
        "missing_card_fields": report["missing_card_fields"],
        "seconds": round(time.monotonic() - started, 1),
    }


def model_folder(intake: Artifact) -> Path:
    """Return the canonical model of an intake."""
    return intake.folder / MODEL
