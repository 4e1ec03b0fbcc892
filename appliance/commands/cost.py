"""`appliance cost`: what a request costs on this machine, measured with the installed model."""

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import click

from appliance.commands.home import home_option
from appliance.commands.options import json_option
from appliance.core.errors import InputError
from appliance.core.hardware import usable_cores
from appliance.core.language import message, say
from appliance.core.telling import tell, tell_json

if TYPE_CHECKING:
    from appliance.serve.costing import Mean

WHY = {
    "no counter": message("not measured: this machine shows no energy counter"),
    "not readable": message("not measured: its energy counter may be read by root alone"),
}


@click.command("cost")
@click.option(
    "--batch",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help='Requests as they come here, one {"text": "..."} a line; each is answered once.',
)
@click.option("--requests", default=20, type=click.IntRange(min=5), show_default=True, help="How many of them.")
@home_option
@json_option
def command(batch: Path, requests: int, home: Path, *, as_json: bool) -> None:
    """Measure seconds and joules of a request to the installed model, one after the other.

    With --json, write the output to a file and name it as cost.measured in the settings of the run: its report then
    counts with this machine's figures. No request and no answer stands in it.
    """
    from appliance.serve.batch import texts  # noqa: PLC0415 onnxruntime: only this command needs it
    from appliance.serve.costing import measure_requests  # noqa: PLC0415 as above
    from appliance.serve.engine import load  # noqa: PLC0415 as above

    prompts = list(islice(texts(batch), requests))
    if len(prompts) < 5:
        raise InputError(f"{batch}: holds {len(prompts)} requests", hint="5 or more tell something")
    engine = load(home, threads=usable_cores(), seats=1)
    manifest = engine.verified.manifest
    done = measure_requests(engine.answer, prompts, f"{manifest.name} {manifest.version} ({manifest.variant})")
    if as_json:
        tell_json(done.model_dump(mode="json"))
        return
    where = {"model": done.model, "machine": done.machine, "cores": done.cores, "count": done.seconds.samples}
    tell(say("{model} on {machine}, {cores} cores, {count} requests", **where))
    tell(say("seconds a request: {seconds}", seconds=_mean(done.seconds, 3)))
    tell(say("joules a request: {joules}", joules=_mean(done.joules, 2) if done.joules else say(WHY[done.energy])))


def _mean(mean: "Mean", digits: int) -> str:
    return f"{mean.value:.{digits}f} [{mean.low:.{digits}f}, {mean.high:.{digits}f}]"
