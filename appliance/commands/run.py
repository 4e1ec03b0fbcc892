"""`appliance run CONFIG.toml`."""

from pathlib import Path

import click

from appliance import service
from appliance.commands import narrating
from appliance.commands.options import json_option, program, workspace_option
from appliance.commands.summary import EXAMPLE, summary
from appliance.core.language import say
from appliance.core.settings import Settings, load_settings
from appliance.core.telling import tell, tell_text
from appliance.core.workspace import Workspace


@click.command("run")
@click.argument("config", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--detach", is_flag=True, help="Return at once; the run goes on in the background.")
@json_option
@workspace_option
def command(config: Path, workspace: Workspace, *, detach: bool, as_json: bool) -> None:
    """Run, or go on with, the run that CONFIG describes.

    What is sealed and unchanged is reused. The run lives on when this terminal is closed; Ctrl-C stops it after a
    checkpoint.
    """
    run_settings(load_settings(config), workspace, detach=detach, as_json=as_json)


def run_settings(
    settings: Settings, workspace: Workspace, *, detach: bool, as_json: bool, example: str = EXAMPLE
) -> None:
    """Plan, start and follow one run, and print its summary."""
    run = service.plan(settings, workspace)
    started = service.start(run, workspace)
    tell(f"{say('run')} {run.id}   ({program()} follow {run.id})", err=True)
    if detach:
        tell(run.id)
        return
    state = narrating.stream_events(started) if as_json else narrating.narrate(started)
    if not as_json:
        tell_text(summary(state, workspace, example))
        if "report" in state.facts and "bundle" not in state.facts:
            tell()
            tell(say("report   {folder}   (what was found, and how)", folder=run.report))
    narrating.end(state)
