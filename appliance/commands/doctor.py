"""`appliance doctor`."""

from dataclasses import asdict
from itertools import chain

import click

from appliance import service
from appliance.commands.options import json_option, workspace_option
from appliance.core.errors import ResourceError
from appliance.core.language import say
from appliance.core.telling import padded, tell_hanging, tell_json
from appliance.core.workspace import Workspace
from appliance.core.wrapping import cells
from appliance.questions.doctor import Finding, quick_checks

NAME = 16  # cells


@click.command("doctor")
@json_option
@workspace_option
def command(workspace: Workspace, *, as_json: bool) -> None:
    """Tell what this machine can do, and how to mend what it cannot; exit 5 where something fails.

    GPU, driver, 4-bit layers, disk, memory, clock, network, the models that look for names, names that collide.
    """
    has_failed = False
    tried = (Finding(**line) for line in service.probes() or ())
    for found in chain(quick_checks(workspace), tried):
        has_failed = has_failed or found.result == "fail"
        if as_json:
            tell_json(asdict(found))
            continue
        tell_hanging(f"{found.result.upper():<5} {padded(say(found.name), NAME)} {say(found.found)}", NAME + 7)
        if found.hint:
            tell_hanging(say("      do: {hint}", hint=say(found.hint)), cells(say("      do: {hint}", hint="")))
    if has_failed:
        click.get_current_context().exit(ResourceError.exit_status)
