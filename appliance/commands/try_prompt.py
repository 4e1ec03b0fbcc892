"""`appliance try-prompt RUN`: one prompt against what a run has learnt so far."""

from typing import IO

import click

from appliance import service
from appliance.commands.options import json_option, workspace_option
from appliance.core.telling import tell, tell_json
from appliance.core.workspace import Workspace


@click.command("try-prompt")
@click.argument("run_id", metavar="RUN")
@click.option("--file", "source", type=click.File(encoding="utf-8"), default="-", help="The prompt [standard input].")
@json_option
@workspace_option
def command(run_id: str, source: IO[str], workspace: Workspace, *, as_json: bool) -> None:
    """Answer a prompt with the newest checkpoint of RUN, or with its finished adapter; a training goes on meanwhile."""
    with source as stream:
        prompt = stream.read()
    for told in service.try_prompt(service.find_run(workspace, run_id), workspace, prompt):
        tell_json(told) if as_json else tell(told["answer"])
