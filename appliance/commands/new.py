"""`appliance new`: the TOML file of a run, from options."""

from pathlib import Path
from typing import Any, get_args

import click

from appliance import service
from appliance.commands.options import json_option
from appliance.core.language import say
from appliance.core.run_file import Answers, ColumnAnswer
from appliance.core.sections import EMBEDDED_MODEL, Profile
from appliance.core.tasks import TaskKind
from appliance.core.telling import tell, tell_json


@click.command("new")
@click.argument("target", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--file", "source", type=click.Path(path_type=Path, exists=True), required=True, help="The source.")
@click.option("--input", "input_column", required=True, help="The column that the model is given.")
@click.option("--output", "output_column", required=True, help="The column that it should answer.")
@click.option("--text", multiple=True, help="A further column that is searched.")
@click.option("--identifier", multiple=True, metavar="COLUMN=KIND", help="A column whose whole value is personal.")
@click.option("--drop", multiple=True, metavar="COLUMN=KIND", help="The same, and the column does not leave.")
@click.option("--label", multiple=True, help="A column that leaves as it is.")
@click.option("--id-column", default="", help="A column whose values leave as the ids of the records.")
@click.option("--review", type=click.Choice(["person", "accept-all"]), default="person", show_default=True)
@click.option("--profile", type=click.Choice(get_args(Profile)), default="balanced", show_default=True)
@click.option(
    "--task", type=click.Choice(get_args(TaskKind)), default="line", show_default=True, help="What is wanted."
)
@click.option("--instruction", default="Answer.", show_default=True, help="Read with every line.")
@click.option("--model", default=EMBEDDED_MODEL, show_default=True, help="The base model.")
@click.option("--licence", default="Apache-2.0", show_default=True, help="The SPDX identifier that you accept.")
@click.option("--source", "model_source", default="", help="Where the base model came from, in your words.")
@json_option
def command(  # noqa: PLR0913 options of a command line
    target: Path, source: Path, input_column: str, output_column: str, *, as_json: bool, text: tuple[str, ...],
    identifier: tuple[str, ...], drop: tuple[str, ...], label: tuple[str, ...], **given: Any,
) -> None:  # fmt: skip
    """Write the settings of a run to TARGET, which must not be there yet; `appliance preview` tells the columns."""
    columns = {name: ColumnAnswer("text") for name in text} | {name: ColumnAnswer("label") for name in label}
    for use, entries in (("identifier", identifier), ("drop", drop)):
        columns |= {name: ColumnAnswer(use, kind) for name, _, kind in (entry.rpartition("=") for entry in entries)}  # type: ignore[arg-type]
    columns |= {input_column: ColumnAnswer("input"), output_column: ColumnAnswer("output")}
    answers = Answers(name=target.stem, file=str(source.absolute()), columns=columns, **given)
    written = service.write_run_file(target, answers)
    if as_json:
        tell_json({"file": str(written), "run": answers.name})
    else:
        tell(say("written: {file}", file=written))
