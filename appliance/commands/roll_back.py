"""`appliance roll-back`."""

from pathlib import Path

import click

from appliance.commands.home import home_option, in_service
from appliance.commands.options import json_option
from appliance.core.language import say
from appliance.core.telling import tell, tell_json
from appliance.release.installing import roll_back


@click.command("roll-back")
@home_option
@json_option
def command(home: Path, *, as_json: bool) -> None:
    """Put the version before this one back into service, after every byte of it was checked.

    The version that was in service is kept: rolling back once more returns to it.
    """
    done = roll_back(home)
    if as_json:
        tell_json(in_service(done))
        return
    manifest = done.verified.manifest
    what = f"{manifest.name} {manifest.version} ({manifest.variant})"
    tell(say("in service: {what} in {folder}", what=what, folder=done.folder))
    tell(say("kept for roll-back: {folder}", folder=done.previous))
