"""`appliance approve RUN`: the approver overrides a verdict that refuses, with a key and a reason of their own."""

from pathlib import Path

import click

from appliance import service
from appliance.commands.options import json_option, program, workspace_option
from appliance.core.language import say
from appliance.core.languages import language_code
from appliance.core.reasons import reasons_of, told
from appliance.core.telling import tell, tell_json
from appliance.core.workspace import Workspace
from appliance.release.approving import Word, refusing_gates


@click.command("approve")
@click.argument("run")
@click.option(
    "--key", required=True, type=click.Path(path_type=Path, dir_okay=False), help="The approver's private key."
)
@click.option("--by", required=True, help="Who approves.")
@click.option("--reason", required=True, help="Why; it stands in the bundle and in the log for ever.")
@json_option
@workspace_option
def command(*, run: str, key: Path, by: str, reason: str, workspace: Workspace, as_json: bool) -> None:  # noqa: PLR0913 options
    """Override the refusing gates of RUN; then run it again.

    The run's settings name the approver's public key as gates.approver_key. Only the verdict as it is now is approved.
    """
    found = service.find_run(workspace, run)
    refusing = refusing_gates(found, service.state_of(found).facts.get("gates"))
    approval = service.approve(found, workspace, Word(key, by, reason))
    if as_json:
        tell_json({"overridden": approval.gates, "by": by, "reason": reason, "verdict": approval.verdict})
        return
    for gate in refusing:
        tell(f"{gate['name']}: {told(reasons_of(gate), language_code())}")
    tell(say("overridden by {by}: {reason}", by=by, reason=reason))
    tell(say("now run it again: {program} run CONFIG.toml", program=program()))
