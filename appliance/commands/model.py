"""`appliance model add FOLDER|FILE`: the intake of a base model, alone."""

import json
from pathlib import Path
from typing import Any

import click

from appliance import service
from appliance.commands import narrating
from appliance.commands.options import json_option, workspace_option
from appliance.core.errors import SettingsError
from appliance.core.language import say
from appliance.core.sanitising import visible
from appliance.core.sections import IntakeSettings, WaiverSettings
from appliance.core.telling import padded, tell, tell_json, tell_text
from appliance.core.workspace import Workspace
from appliance.release.publishing import DIGEST_DIGITS, REPORT

WORDS = {"pass": "PASS", "fail": "FAIL", "waived": "WAIVED", "told": ""}
INPUT_FILE = click.Path(path_type=Path, dir_okay=False, exists=True, resolve_path=True)


@click.group("model")
def command() -> None:
    """Take a base model in, and see what was found."""


@command.command("list")
@json_option
@workspace_option
def listing(workspace: Workspace, *, as_json: bool) -> None:
    """List the base models that were taken in, and how their checks ended."""
    for intake in service.models(workspace):
        told = {"run": intake.run.id, "path": intake.settings.path, "status": intake.state.status, **intake.counts}
        tell_json(told) if as_json else tell("  ".join(map(str, told.values())))


@command.command("add")
@click.argument("place")
@click.option("--name", default="", help="What to call it [the name of the folder or file].")
@click.option("--licence", default="Apache-2.0", show_default=True, help="The SPDX identifier that you accept.")
@click.option("--use", type=click.Choice(["commercial", "research"]), default="commercial", show_default=True)
@click.option("--source", default="", help="Where it came from, in your words.")
@click.option("--sha256", default="", help="Of the weights file, from the maker.")
@click.option("--sha256-list", type=INPUT_FILE, help="Of every file, as sha256sum writes it.")
@click.option("--trusted-key", type=INPUT_FILE, help="The maker's public key (PEM), for a model.sig in the folder.")
@click.option("--trusted-certificates", type=INPUT_FILE, help="Whom you trust (PEM), for a model.sig by certificate.")
@click.option("--card", type=INPUT_FILE, help="Your model card, a JSON object.")
@click.option("--claims", type=INPUT_FILE, help="What the maker claims, a JSON object; measured here.")
@click.option("--plain-template", is_flag=True, help="Of a model without a chat template: plain turns.")
@click.option("--convert-pickles", is_flag=True, help="Read .bin and .pt as tensors only, in a limited process.")
@click.option("--waive", multiple=True, metavar="CHECK=REASON", help="Accept a failed check; needs --by.")
@click.option("--by", default="", help="Who waives.")
@json_option
@workspace_option
def add(  # noqa: PLR0913 options of a command line
    place: str, name: str, workspace: Workspace, *, as_json: bool, waive: tuple[str, ...], by: str, **given: Any
) -> None:
    """Check a base model: risk, provenance, licence, reproducibility, portability and claims.

    PLACE is a folder, a .gguf file, or package:NAME for weights installed as a package. Everything happens offline; the
    signed report lies in the workspace under models/. A run whose [intake] says the same reuses the result.
    """
    path = place if place.startswith("package:") else str(Path(place).absolute())
    intake = IntakeSettings(path=path, waivers=_waivers(waive, by), **given)
    started = service.add_model(intake, name or service.model_name(place), workspace)
    state = narrating.stream_events(started) if as_json else narrating.narrate(started)
    if not as_json and "intake" in state.facts:
        digest = state.step("intake").digest[:DIGEST_DIGITS]
        report = workspace.models / f"{state.name}-{digest}" / REPORT
        tell_text(_table(json.loads(report.read_text(encoding="utf-8"))))
        tell(f"{padded(say('report'), 8)} {report}")
    narrating.end(state)


def _table(report: dict[str, Any]) -> str:
    lines = [f"{WORDS[check['result']]:<7} {check['name']:<28} {say(check['found'])}" for check in report["checks"]]
    waived = [
        say("        waived by {who}: {why}", who=check["waived_by"], why=check["because"])
        for check in report["checks"]
        if check["waived_by"]
    ]
    missing = report["missing_card_fields"]
    card = say("complete")
    if missing:
        card = say("{count} fields are missing: {names}", count=len(missing), names=", ".join(missing))
    return "\n".join(visible(line) for line in (*lines, *waived, f"{padded(say('card'), 8)} {card}"))


def _waivers(waive: tuple[str, ...], by: str) -> tuple[WaiverSettings, ...]:
    waivers = []
    for entry in waive:
        check, _, reason = entry.partition("=")
        if not (reason and by):
            raise SettingsError(
                "a waiver needs a reason and a name", hint="--waive licence.text='...' --by 'your name'"
            )
        waivers.append(WaiverSettings(check=check, by=by, reason=reason))
    return tuple(waivers)
