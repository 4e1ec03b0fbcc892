"""`appliance demo`: the main job on an embedded default."""

from importlib.resources import as_file, files

import click

from appliance.commands.options import json_option, workspace_option
from appliance.commands.run import run_settings
from appliance.core.settings import load_settings
from appliance.core.workspace import Workspace

EXAMPLE = "XH335 REPL A/C COMPRESSOR"  # a held-out line


@click.command("demo")
@json_option
@workspace_option
def command(workspace: Workspace, *, as_json: bool) -> None:
    """Run the whole path on embedded data: real work orders with planted synthetic identities, English and Japanese.

    The base model is SmolLM2-135M-Instruct, installed as a package. Nothing is asked of a network.
    """
    with as_file(files("appliance.demo")) as folder:
        run_settings(load_settings(folder / "demo.toml"), workspace, detach=False, as_json=as_json, example=EXAMPLE)
