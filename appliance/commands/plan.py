"""`appliance plan CONFIG.toml`."""

from dataclasses import asdict
from pathlib import Path

import click

from appliance import service
from appliance.commands.narrating import duration
from appliance.commands.options import json_option, workspace_option
from appliance.core.language import say
from appliance.core.settings import load_settings
from appliance.core.telling import padded, tell, tell_json
from appliance.core.workspace import Workspace

LABEL = 8  # cells


@click.command("plan")
@click.argument("config", type=click.Path(path_type=Path, dir_okay=False))
@json_option
@workspace_option
def command(config: Path, workspace: Workspace, *, as_json: bool) -> None:
    """Tell what the run of CONFIG will need, whether that is there, and what it reuses; nothing is started."""
    found = service.look_ahead(load_settings(config), workspace)
    if as_json:
        verdicts = {"fits_disk": found.fits_disk, "fits_memory": found.fits_memory}
        tell_json({**asdict(found), **verdicts})
        return
    took = (
        f"{duration(found.seconds)} {found.told_by}"
        if found.seconds is not None
        else say("not known before a first run")
    )
    disk = {"needed": _gigabytes(found.disk_needed), "free": _gigabytes(found.disk_free)}
    memory = {"needed": _gigabytes(found.memory_needed), "free": _gigabytes(found.memory_free)}
    lines = (
        (say("steps"), " ".join(found.steps)),
        (say("reused"), " ".join(found.reused) or say("nothing")),
        (say("disk"), f"{say('{needed} of {free}', **disk)}  {_verdict(found.fits_disk)}"),
        (say("memory"), f"{say('at least {needed} of {free}', **memory)}  {_verdict(found.fits_memory)}"),
        (say("time"), took),
    )
    for label, told in lines:
        tell(f"{padded(label, LABEL)} {told}")


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:.1f} GB"


def _verdict(fits: bool) -> str:
    return "PASS" if fits else "FAIL"
