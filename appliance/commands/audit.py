"""`appliance audit BUNDLE`: recompute what the reports of a bundle say, and tell what cannot be recomputed."""

import json
import subprocess
import sys
from pathlib import Path

import click

from appliance.commands.home import trusted_key_option
from appliance.commands.options import json_option
from appliance.core.errors import ApplianceError, IntegrityError, SettingsError
from appliance.core.extras import require
from appliance.core.telling import padded, tell, tell_json


@click.command("audit")
@click.argument("bundle", type=click.Path(path_type=Path, file_okay=False))
@trusted_key_option
@click.option(
    "--approver-key",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The approver's public key, that must have signed every override and decision.",
)
@json_option
def command(bundle: Path, trusted_key: Path, approver_key: Path | None, *, as_json: bool) -> None:
    """Check BUNDLE and recompute its scores, intervals, gates and pages. A changed number ends with exit status 7."""
    require("studio")
    keys = [str(key) for key in (trusted_key, approver_key) if key]
    done = subprocess.run(
        [sys.executable, "-m", "appliance.children.auditing", str(bundle), *keys],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    try:
        told = json.loads(done.stdout)
    except ValueError:
        raise ApplianceError("the audit ended before it could tell anything", hint="see what stands above") from None
    if "message" in told:
        raise _error(done.returncode)(told["message"], hint=told["hint"])
    if as_json:
        tell_json(told)
    else:
        for finding in told["findings"]:
            detail = f": {finding['detail']}" if finding["detail"] else ""
            tell(f"{padded(finding['result'], 9)}{finding['what']}{detail}")
    if done.returncode:
        raise IntegrityError("a number differs from what it was computed from", hint="do not rely on this report")


def _error(status: int) -> type[ApplianceError]:
    kinds = (SettingsError, IntegrityError)
    return next((kind for kind in kinds if kind.exit_status == status), ApplianceError)
