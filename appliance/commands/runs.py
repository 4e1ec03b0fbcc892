"""`appliance runs`."""

import json

import click

from appliance import service
from appliance.commands.options import json_option, workspace_option
from appliance.core.sanitising import visible
from appliance.core.workspace import Workspace

NEXT = {
    "planned": "appliance follow {id}",
    "running": "appliance follow {id}",
    "waiting": "decide, then start it again",
    "stopped": "start it again to go on",
    "interrupted": "start it again to go on",
    "failed": "{hint}",
    "done": "",
}


@click.command("runs")
@json_option
@workspace_option
def command(workspace: Workspace, *, as_json: bool) -> None:
    """List the runs of the workspace, the newest first, and what each one needs next."""
    found = workspace.all_runs()
    if not found:
        click.echo(visible(f"no runs in {workspace.root} yet; try: appliance demo"), err=True)
    for run in found:
        state = service.state_of(run)
        step = f"{state.finished_steps}/{len(state.steps)}" if state.steps else "-"
        following = NEXT[state.status].format(id=run.id, hint=state.hint)
        if as_json:
            facts = {"id": run.id, "status": state.status, "step": state.current, "exit_status": state.exit_status}
            click.echo(json.dumps({**facts, "finished_steps": state.finished_steps, "next": following}))
        else:
            line = f"{run.id:<32} {state.status:<12} {step:>6} {state.current:<10} {following}"
            click.echo(visible(line).rstrip())
