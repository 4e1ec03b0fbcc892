"""`appliance stop RUN`."""

import click

from appliance import service
from appliance.commands.options import workspace_option
from appliance.core.workspace import Workspace


@click.command("stop")
@click.argument("run_id", metavar="RUN")
@workspace_option
def command(run_id: str, workspace: Workspace) -> None:
    """Ask a run to stop after its next checkpoint; starting it again goes on from there."""
    run = service.find_run(workspace, run_id)
    asked = service.stop(run)
    click.echo(f"{run.id}: {'asked to stop after its next checkpoint' if asked else 'is not running'}", err=True)
