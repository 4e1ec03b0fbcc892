"""`appliance approve RUN`: the approver overrides a verdict that refuses, with a key and a reason of their own."""

from datetime import UTC, datetime
from pathlib import Path

import click

from appliance import service
from appliance.commands.options import program, workspace_option
from appliance.core.audit_log import AuditLog
from appliance.core.errors import SettingsError
from appliance.core.languages import language_code
from appliance.core.reasons import told
from appliance.core.sanitising import visible
from appliance.core.workspace import Workspace
from appliance.release.approval import Approval, check_roles, write_approval
from appliance.release.publishing import own_keys
from appliance.release.signing import key_id, load_private_key


@click.command("approve")
@click.argument("run")
@click.option(
    "--key", required=True, type=click.Path(path_type=Path, dir_okay=False), help="The approver's private key."
)
@click.option("--by", required=True, help="Who approves.")
@click.option("--reason", required=True, help="Why; it stands in the bundle and in the log for ever.")
@workspace_option
def command(run: str, key: Path, by: str, reason: str, workspace: Workspace) -> None:
    """Override the refusing gates of RUN; then run it again.

    The run's settings name the approver's public key as gates.approver_key. Only the verdict as it is now is approved.
    """
    found = service.find_run(workspace, run)
    state = service.state_of(found)
    verdict = state.facts.get("gates")
    if verdict is None:
        raise SettingsError(f"{found.id} has no verdict yet", hint=f"{program()} runs")
    refusing = [gate for gate in verdict["gates"] if gate["status"] == "refused"]
    if not refusing:
        raise SettingsError(f"no gate of {found.id} refuses", hint="there is nothing to approve")
    private = load_private_key(key)
    check_roles(private.public_key(), load_private_key(own_keys(workspace.keys)[0]).public_key())
    names = tuple(gate["name"] for gate in refusing)
    time = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    approved = {
        "run": found.id,
        "gates": ", ".join(names),
        "by": by,
        "reason": reason,
        "key_id": key_id(private.public_key()),
    }
    AuditLog(workspace.audit_log).append("approve", {**approved, "verdict": verdict["digest"]})
    write_approval(Approval(verdict["digest"], names, by, reason, time), private, workspace.approvals / state.name)
    for gate in refusing:
        click.echo(visible(f"{gate['name']}: {told(gate['reasons'], language_code())}"))
    click.echo(visible(f"overridden by {by}: {reason}"))
    click.echo(f"now run it again: {program()} run CONFIG.toml")
