"""`appliance hand-over BUNDLE FOLDER`."""

from pathlib import Path

import click

from appliance.commands.options import json_option, workspace_option
from appliance.core.language import say
from appliance.core.telling import tell, tell_json
from appliance.core.workspace import Workspace
from appliance.release.handing_over import hand_over
from appliance.release.publishing import own_keys


@click.command("hand-over")
@click.argument("bundle", type=click.Path(path_type=Path, file_okay=False))
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--trusted-key", type=click.Path(path_type=Path, dir_okay=False), help="[the workspace's own key]")
@json_option
@workspace_option
def command(bundle: Path, folder: Path, trusted_key: Path | None, workspace: Workspace, *, as_json: bool) -> None:
    """Write BUNDLE into FOLDER, for instance a stick, and verify it from there."""
    verified = hand_over(bundle, trusted_key or own_keys(workspace.keys)[1], folder)
    told = {"folder": str(verified.folder), "digest": verified.digest, "key_id": verified.key_id}
    if as_json:
        tell_json(told)
    else:
        digest = verified.digest[:12]
        tell(say("written and read back: {folder}, digest {digest}", folder=verified.folder, digest=digest))
