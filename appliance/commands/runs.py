"""`appliance runs`."""

import click

from appliance import service
from appliance.commands.options import json_option, workspace_option
from appliance.core.language import message, say
from appliance.core.telling import padded, tell, tell_json
from appliance.core.workspace import Workspace

NEXT = {
    "planned": "appliance follow {id}",
    "running": "appliance follow {id}",
    "waiting": message("decide, then start it again"),
    "stopped": message("start it again to go on"),
    "interrupted": message("start it again to go on"),
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
        tell(say("no runs in {folder} yet; try: appliance demo", folder=workspace.root), err=True)
    for run in found:
        state = service.state_of(run)
        step = f"{state.finished_steps}/{len(state.steps)}" if state.steps else "-"
        following = NEXT[state.status].format(id=run.id, hint=state.hint)
        if as_json:
            facts = {"id": run.id, "status": state.status, "step": state.current, "exit_status": state.exit_status}
            tell_json({**facts, "finished_steps": state.finished_steps, "next": following})
        else:
            status = padded(say(state.status), 12)
            tell(f"{run.id:<32} {status} {step:>6} {state.current:<10} {say(following)}".rstrip())
