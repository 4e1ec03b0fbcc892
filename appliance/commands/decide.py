"""`appliance decide RUN go-on|back|stop`: the approver ends a stage, with a key and a reason of their own."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import get_args

import click

from appliance import service
from appliance.commands.options import json_option, workspace_option
from appliance.core.sanitising import visible
from appliance.core.workspace import Workspace
from appliance.release.approving import Word
from appliance.release.deciding import Outcome, opened

FOLLOWING = {
    "go-on": 'the stage {stage} is open: set stage = "{stage}" in [purpose]',
    "back": "the project is back in the stage {stage}",
    "stop": "the project ends here; a new PoC may begin",
}


@click.command("decide")
@click.argument("run")
@click.argument("outcome", type=click.Choice(get_args(Outcome)))
@click.option(
    "--key", required=True, type=click.Path(path_type=Path, dir_okay=False), help="The approver's private key."
)
@click.option("--by", required=True, help="Who decides.")
@click.option("--reason", required=True, help="Why; it stands in every later bundle for ever.")
@json_option
@workspace_option
def command(  # noqa: PLR0913, PLR0917 one parameter an option
    run: str, outcome: Outcome, key: Path, by: str, reason: str, workspace: Workspace, *, as_json: bool
) -> None:
    """End the stage of RUN (PoC, evaluation, roll-out) with a signed decision on its verdict and report.

    go-on opens the next stage, back returns to the one before, stop ends the project.
    """
    signed = service.decide(service.find_run(workspace, run), workspace, outcome, Word(key, by, reason))
    decision = signed.decision
    following = opened([decision])
    if as_json:
        click.echo(json.dumps({**asdict(decision), "digest": decision.digest, "opened": following}, ensure_ascii=False))
        return
    click.echo(visible(f"decision {decision.number} on {decision.run}, {decision.stage}: {outcome}, by {by}: {reason}"))
    click.echo(f"on the verdict {decision.verdict[:12]} and the report {decision.report[:12]}")
    click.echo(f"{FOLLOWING[outcome].format(stage=following)}")
