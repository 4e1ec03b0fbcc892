"""`appliance roll-back`."""

import json
from pathlib import Path

import click

from appliance.commands.home import home_option, in_service
from appliance.commands.options import json_option
from appliance.core.sanitising import visible
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
        click.echo(json.dumps(in_service(done)))
        return
    manifest = done.verified.manifest
    click.echo(visible(f"in service: {manifest.name} {manifest.version} ({manifest.variant}) in {done.folder}"))
    click.echo(visible(f"kept for roll-back: {done.previous}"))
