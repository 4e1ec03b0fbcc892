"""`appliance reveal`: what a placeholder or surrogate stands for; needs the vault's key, and is logged."""

import hmac
import re
from pathlib import Path

import click

from anonymize.errors import WrongKey
from anonymize.replacing.originals import Original
from anonymize.replacing.vault import Vault
from appliance.commands.options import json_option, workspace_option
from appliance.core.audit_log import AuditLog
from appliance.core.cipher import read_key
from appliance.core.errors import InputError, IntegrityError, SettingsError
from appliance.core.language import say
from appliance.core.sanitising import visible
from appliance.core.store import PSEUDONYMS
from appliance.core.telling import tell, tell_json
from appliance.core.workspace import Workspace

PLACEHOLDER = re.compile(r"<[A-Z][A-Z0-9_]{1,60}>")


@click.command("reveal")
@click.argument("replacement")
@click.option("--reason", required=True, help="Why; it stands in the log for ever.")
@click.option(
    "--key", type=click.Path(path_type=Path, dir_okay=False), help="The vault's key [vault/key of the workspace]."
)
@json_option
@workspace_option
def command(replacement: str, reason: str, key: Path | None, workspace: Workspace, *, as_json: bool) -> None:
    """Show what REPLACEMENT, such as "<PERSON_K7QWX3M2ABCD>" or a surrogate, stands for in the vaults.

    Each use is written to vault/audit.jsonl before anything is shown: who, when, what, why; never the answer.
    """
    if not reason.strip():
        raise SettingsError("a reason must be given", hint="--reason 'the person asked what is kept'")
    secret = read_key(key or workspace.vault / "key")
    log = AuditLog(workspace.audit_log)
    asked = _told(replacement, secret)
    log.append("reveal", {"replacement": asked, "reason": reason})
    found = _search(workspace, replacement, secret)
    log.append("revealed" if found else "not found", {"replacement": asked})
    if found is None:
        raise InputError(
            f"{visible(replacement)}: in no vault of this workspace", hint="copy it as it stands, with < and >"
        )
    if as_json:
        tell_json({"kind": found.kind, "value": found.value, "times": found.count})
    else:
        tell(f"{found.kind}: {found.value}   {say('({count} times)', count=found.count)}")


def _told(replacement: str, secret: bytes) -> str:
    """Somebody may type a real name: only a placeholder stands in the log as it is, anything else as a keyed digest."""
    if PLACEHOLDER.fullmatch(replacement):
        return replacement
    return f"HMAC-SHA256 {hmac.digest(secret, replacement.encode(), 'sha256').hex()}"


def _search(workspace: Workspace, replacement: str, secret: bytes) -> Original | None:
    """Look in the newest vault first."""
    files = sorted(
        (workspace.vault / PSEUDONYMS).glob("*.vault"), key=lambda file: file.stat().st_mtime_ns, reverse=True
    )
    for file in files:
        try:
            found = Vault(file, secret).reveal(replacement)
        except WrongKey as error:
            raise IntegrityError(error.message, hint=error.hint) from error
        if found is not None:
            return found
    return None
