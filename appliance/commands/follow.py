"""`appliance follow RUN`."""

import click

from appliance import service
from appliance.commands import narrating
from appliance.commands.options import json_option, workspace_option
from appliance.commands.summary import summary
from appliance.core.telling import tell_text
from appliance.core.workspace import Workspace


@click.command("follow")
@click.argument("run_id", metavar="RUN")
@json_option
@workspace_option
def command(run_id: str, workspace: Workspace, *, as_json: bool) -> None:
    """Follow a run to its end; RUN is the beginning of its id. Closing this harms nothing; Ctrl-C stops the run."""
    started = service.attach(service.find_run(workspace, run_id))
    state = narrating.stream_events(started) if as_json else narrating.narrate(started)
    if not as_json:
        tell_text(summary(state, workspace))
    narrating.end(state)
