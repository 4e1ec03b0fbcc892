"""`appliance install BUNDLE`."""

from pathlib import Path

import click

from appliance.commands.home import demand_options, home_option, in_service, trusted_key_option
from appliance.commands.options import json_option, program
from appliance.core.language import say
from appliance.core.purpose import Stage
from appliance.core.telling import tell, tell_json
from appliance.release.demanding import demanded
from appliance.release.installing import install


@click.command("install")
@click.argument("bundle", type=click.Path(path_type=Path, file_okay=False))
@trusted_key_option
@home_option
@demand_options
@json_option
def command(  # noqa: PLR0913 one parameter an option
    bundle: Path, trusted_key: Path, home: Path, stage: Stage | None, approver_key: Path | None, *, as_json: bool
) -> None:
    """Check BUNDLE against the trusted key, copy it, check the copy, and put it into service.

    The version before it is kept. Nothing of the bundle is opened before its signature holds.
    """
    done = install(bundle, trusted_key, home, demanded(stage, approver_key))
    if as_json:
        tell_json(in_service(done))
        return
    manifest = done.verified.manifest
    what = f"{manifest.name} {manifest.version} ({manifest.variant})"
    tell(say("installed {what} in {folder}", what=what, folder=done.folder))
    told = {"stage": manifest.stage or "-", "project": manifest.project or "-"}
    tell(say("stage: {stage}, of the project {project}", **told))
    if done.previous:
        tell(say("kept for roll-back: {folder}", folder=done.previous))
    tell(say("try: {program} generate 'your text'", program=program()))
