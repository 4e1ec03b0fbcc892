"""`appliance roll-back`."""

from pathlib import Path

import click

from appliance.commands.home import demand_options, home_option, in_service
from appliance.commands.options import json_option
from appliance.core.language import say
from appliance.core.purpose import Stage
from appliance.core.telling import tell, tell_json
from appliance.release.demanding import demanded
from appliance.release.installing import roll_back


@click.command("roll-back")
@home_option
@demand_options
@json_option
def command(home: Path, stage: Stage | None, approver_key: Path | None, *, as_json: bool) -> None:
    """Put the version before this one back into service, after every byte of it was checked.

    The version that was in service is kept: rolling back once more returns to it.
    """
    done = roll_back(home, demanded(stage, approver_key))
    if as_json:
        tell_json(in_service(done))
        return
    manifest = done.verified.manifest
    what = f"{manifest.name} {manifest.version} ({manifest.variant})"
    tell(say("in service: {what} in {folder}", what=what, folder=done.folder))
    tell(say("kept for roll-back: {folder}", folder=done.previous))
