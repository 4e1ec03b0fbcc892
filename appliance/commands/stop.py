"""`appliance stop RUN`."""

import click

from appliance import service
from appliance.commands.options import json_option, workspace_option
from appliance.core.language import say
from appliance.core.telling import tell, tell_json
from appliance.core.workspace import Workspace


@click.command("stop")
@click.argument("run_id", metavar="RUN")
@click.option("--now", "is_now", is_flag=True, help="At once; what came after the last checkpoint is lost.")
@json_option
@workspace_option
def command(run_id: str, workspace: Workspace, *, is_now: bool, as_json: bool) -> None:
    """Ask a run to stop after its next checkpoint; starting it again goes on from there."""
    run = service.find_run(workspace, run_id)
    asked = service.stop_now(run) if is_now else service.stop(run)
    if as_json:
        tell_json({"id": run.id, "asked": asked})
        return
    stopped = say("was ended at once") if is_now else say("asked to stop after its next checkpoint")
    said = stopped if asked else say("is not running")
    tell(f"{run.id}: {said}", err=True)
