"""Where installed models live on a factory server, and what is in service there."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from appliance.core.purpose import Stage
from appliance.release.deciding import STAGES
from appliance.release.demanding import Demand
from appliance.release.installing import HOME_VARIABLE, Installed, default_home
from appliance.release.signing import load_public_key

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
        envvar="APPLIANCE_STAGE",
        help="Refuse a bundle that has not come to this stage [$APPLIANCE_STAGE].",
    )
    approver = click.option(
        "--approver-key",
        type=click.Path(path_type=Path, dir_okay=False),
        envvar="APPLIANCE_APPROVER_KEY",
        help="The approver's public key, that must have signed every override and decision [$APPLIANCE_APPROVER_KEY].",
    )
    return stage(approver(command))


def demanded(stage: Stage | None, approver_key: Path | None) -> Demand | None:
    """Return what the two options demand; None without either.

    Raises:
        SettingsError: the file is no key.
    """
    approver = load_public_key(approver_key) if approver_key else None
    return Demand(stage, approver) if stage or approver else None


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
