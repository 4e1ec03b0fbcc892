"""Where installed models live on a factory server, and what is in service there."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from appliance.release.deciding import STAGES
from appliance.release.demanding import APPROVER_VARIABLE, STAGE_VARIABLE
from appliance.release.installing import HOME_VARIABLE, Installed, default_home

Command = TypeVar("Command", bound=Callable[..., Any])


def home_option(command: Command) -> Command:
    """Add --home."""
    return click.option(
        "--home",
        type=click.Path(path_type=Path, file_okay=False),
        default=default_home,
        help=f"Folder of the installed models [${HOME_VARIABLE}, else ~/.local/share/appliance].",
    )(command)


def trusted_key_option(command: Command) -> Command:
    """Add --trusted-key."""
    return click.option(
        "--trusted-key",
        type=click.Path(path_type=Path, dir_okay=False),
        required=True,
        help="The maker's public key as PEM; it must come by another way than the bundle.",
    )(command)


def demand_options(command: Command) -> Command:
    """Add --stage and --approver-key: what a factory demands besides the signature."""
    stage = click.option(
        "--stage",
        type=click.Choice(STAGES),
        envvar=STAGE_VARIABLE,
        help=f"Refuse a bundle that has not come to this stage [${STAGE_VARIABLE}].",
    )
    approver = click.option(
        "--approver-key",
        type=click.Path(path_type=Path, dir_okay=False),
        envvar=APPROVER_VARIABLE,
        help=f"The approver's public key, that must have signed every override and decision [${APPROVER_VARIABLE}].",
    )
    return stage(approver(command))


def in_service(done: Installed) -> dict[str, str | None]:
    """Return what programs are told of the version in service; `previous` is None where none can come back."""
    verified = done.verified
    return {
        "name": verified.manifest.name,
        "version": verified.manifest.version,
        "variant": verified.manifest.variant,
        "digest": verified.digest,
        "key_id": verified.key_id,
        "folder": str(done.folder),
        "previous": done.previous,
    }
