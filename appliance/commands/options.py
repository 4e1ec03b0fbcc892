"""Options that several commands share."""

import os
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar

import click

from appliance.core.workspace import WORKSPACE_VARIABLE, Workspace, default_root

Command = TypeVar("Command", bound=Callable[..., Any])


def _workspace(ctx: click.Context, parameter: click.Parameter, value: Path | None) -> Workspace:  # noqa: ARG001 click's
    return Workspace((value or default_root()).absolute())


def program() -> str:
    """Return how this program was called, so that a command that is shown can be typed as it stands."""
    if "UV_RUN_RECURSION_DEPTH" not in os.environ:
        return "appliance"
    # on a factory server uv must not fetch the studio before it runs the command
    return "uv run appliance" if find_spec("torch") else "uv run --no-sync appliance"


def workspace_option(command: Command) -> Command:
    """Add --workspace, which becomes a Workspace."""
    return click.option(
        "--workspace",
        type=click.Path(path_type=Path, file_okay=False),
        callback=_workspace,
        help=f"Folder of all runs and artifacts [${WORKSPACE_VARIABLE}, else ./workspace].",
    )(command)


def json_option(command: Command) -> Command:
    """Add --json, which prints data for programs on standard output."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")(command)
