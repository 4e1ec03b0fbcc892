"""`appliance decide RUN go-on|back|stop`: the approver ends a stage, with a key and a reason of their own."""

from dataclasses import asdict
from pathlib import Path
from typing import get_args

import click

from appliance import service
from appliance.commands.options import json_option, workspace_option
from appliance.core.language import message, say
from appliance.core.telling import tell, tell_json
from appliance.core.workspace import Workspace
from appliance.release.approving import Word
from appliance.release.deciding import Outcome, opened

FOLLOWING = {
    "go-on": message('the stage {stage} is open: set stage = "{stage}" in [purpose]'),
    "back": message("the project is back in the stage {stage}"),
    "stop": message("the project ends here; a new PoC may begin, the stage {stage}"),
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
    found = service.find_run(workspace, run)
    signed = service.decide(found, workspace, outcome, Word(key, by, reason))
    decision = signed.decision
    following = opened([decision])
    if as_json:
        tell_json({**asdict(decision), "digest": decision.digest, "opened": following})
        return
    told = {"number": decision.number, "run": decision.run, "stage": decision.stage, "outcome": outcome}
    tell(say("decision {number} on {run}, {stage}: {outcome}, by {by}: {reason}", **told, by=by, reason=reason))
    seen = {"verdict": decision.verdict[:12], "report": decision.report[:12], "folder": found.report}
    tell(say("on the verdict {verdict} and the report {report} in {folder}", **seen))
    tell(say(FOLLOWING[outcome], stage=following))
