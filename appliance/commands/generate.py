"""`appliance generate TEXT`."""

import json
import sys
from pathlib import Path

import click

from appliance.commands.home import home_option
from appliance.commands.options import json_option
from appliance.core.errors import SettingsError
from appliance.core.hardware import usable_cores
from appliance.core.sanitising import visible


@click.command("generate")
@click.argument("text", required=False)
@click.option("--threads", type=click.IntRange(min=1), help="Cores to use [all of them].")
@home_option
@json_option
def command(text: str | None, threads: int | None, home: Path, *, as_json: bool) -> None:
    """Answer TEXT with the installed model; without TEXT, answer every line of standard input.

    Every file of the model is checked against its signature before it is loaded. Nothing is asked of a network.
    """
    from appliance.serve.engine import load  # noqa: PLC0415 onnxruntime: only this command needs it

    if text is None and sys.stdin.isatty():
        raise SettingsError("no text is given", hint='appliance generate "..." or one line each on standard input')
    engine = load(home, threads=threads or usable_cores())
    for line in [text] if text is not None else (line.strip() for line in sys.stdin):
        if not line:
            click.echo("")
            continue
        answer = engine.answer(line)
        if as_json:
            facts = {"prompt_tokens": answer.prompt_tokens, "new_tokens": answer.new_tokens}
            said = {"text": answer.text, **facts, "seconds": round(answer.seconds, 3)}
            click.echo(json.dumps(said))  # pure ASCII: nothing in it can steer a terminal
        else:
            click.echo(safe_lines(answer.text))


def safe_lines(text: str) -> str:
    """Return a model's answer for a terminal: its line ends are kept, what else is invisible is shown."""
    return "\n".join(visible(line) for line in text.split("\n"))
