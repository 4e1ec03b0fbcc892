"""`appliance plan CONFIG.toml`."""

import json
from dataclasses import asdict
from pathlib import Path

import click

from appliance import service
from appliance.commands.narrating import duration
from appliance.commands.options import json_option, workspace_option
from appliance.core.sanitising import visible
from appliance.core.settings import load_settings
from appliance.core.workspace import Workspace


@click.command("plan")
@click.argument("config", type=click.Path(path_type=Path, dir_okay=False))
@json_option
@workspace_option
def command(config: Path, workspace: Workspace, *, as_json: bool) -> None:
    """Tell what the run of CONFIG will need, whether that is there, and what it reuses; nothing is started."""
    found = service.look_ahead(load_settings(config), workspace)
    if as_json:
        verdicts = {"fits_disk": found.fits_disk, "fits_memory": found.fits_memory}
        click.echo(json.dumps({**asdict(found), **verdicts}))
        return
    took = "not known before a first run" if found.seconds is None else f"{duration(found.seconds)} {found.told_by}"
    lines = (
        f"steps    {' '.join(found.steps)}",
        f"reused   {' '.join(found.reused) or 'nothing'}",
        f"disk     {_gigabytes(found.disk_needed)} of {_gigabytes(found.disk_free)}  {_verdict(found.fits_disk)}",
        f"memory   at least {_gigabytes(found.memory_needed)} of {_gigabytes(found.memory_free)}  "
        f"{_verdict(found.fits_memory)}",
        f"time     {took}",
    )
    for line in lines:
        click.echo(visible(line))


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:.1f} GB"


def _verdict(fits: bool) -> str:
    return "PASS" if fits else "FAIL"
