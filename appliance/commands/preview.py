"""`appliance preview FILE`."""

from pathlib import Path

import click

from appliance import service
from appliance.commands.options import json_option
from appliance.core.telling import safe_json, tell, tell_json


@click.command("preview")
@click.argument("file", type=click.Path(path_type=Path, exists=True))
@click.option("--samples", is_flag=True, help="Print values of each column too: they are not anonymized.")
@json_option
def command(file: Path, *, samples: bool, as_json: bool) -> None:
    """Look at FILE before a run: its encoding, its columns, how many records, which kinds of personal data."""
    for found in service.first_look(file):
        if not samples:
            found.pop("samples", None)
        if as_json:
            tell_json(found)
            continue
        for key, value in found.items():
            tell(f"{key:<12} {safe_json(value)}")
