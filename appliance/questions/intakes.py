"""The base models that were taken in, as their reports tell; light, for people to read and to waive what failed."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from appliance.core.errors import SettingsError
from appliance.core.run_state import RunState
from appliance.core.sections import IntakeSettings, WaiverSettings
from appliance.core.settings import thaw
from appliance.core.workspace import RunFolder, Workspace
from appliance.release.publishing import DIGEST_DIGITS, REPORT

NEVER_WAIVED = ("risk.", "reproducibility.", "portability.transformers")  # as base_model/checks.py refuses it


@dataclass(frozen=True, slots=True)
class Intake:
    """One base model as a run took it in."""

    run: RunFolder
    state: RunState
    settings: IntakeSettings
    report: Mapping[str, Any] | None  # None: not there yet

    @property
    def counts(self) -> dict[str, int]:
        """How many checks ended how."""
        checks = self.report["checks"] if self.report else []
        return {result: sum(check["result"] == result for check in checks) for result in ("pass", "fail", "waived")}


def intakes(workspace: Workspace, known: Iterable[tuple[RunFolder, RunState]]) -> Iterator[Intake]:
    """Yield the intake of each run that has one, or is at it; what several runs share comes once."""
    seen: set[str] = set()
    for run, state in known:
        intake = _intake(workspace, run, state)
        key = state.step("intake").digest if intake and intake.report else run.id
        if intake and key not in seen:
            seen.add(key)
            yield intake


def _intake(workspace: Workspace, run: RunFolder, state: RunState) -> Intake | None:
    if not any(step.name == "intake" for step in state.steps):
        return None
    try:
        settings = thaw(run.settings.read_text(encoding="utf-8")).intake
    except (OSError, ValueError):
        return None  # written by another release
    return Intake(run, state, settings, _report(workspace, state))


def _report(workspace: Workspace, state: RunState) -> Mapping[str, Any] | None:
    digest = state.step("intake").digest
    file: Path = workspace.models / f"{state.name}-{digest[:DIGEST_DIGITS]}" / REPORT
    if not digest or not file.exists():
        return None
    report: Mapping[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return report


def waived(settings: IntakeSettings, check: str, by: str, reason: str) -> IntakeSettings:
    """Return the settings with one more waiver.

    Raises:
        SettingsError: the check can never be waived, or name or reason are missing.
    """
    if check.startswith(NEVER_WAIVED):
        raise SettingsError(f"{check} cannot be waived", hint="take another model, or repair this one")
    if not (by.strip() and reason.strip()):
        raise SettingsError("a waiver needs a reason and a name", hint="say who accepts it, and why")
    kept = tuple(waiver for waiver in settings.waivers if waiver.check != check)
    return settings.model_copy(update={"waivers": (*kept, WaiverSettings(check=check, by=by, reason=reason))})
