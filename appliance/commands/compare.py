"""`appliance compare RUN`: pick the better of two answers without knowing whose they are."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from appliance import service
from appliance.commands.options import program, workspace_option
from appliance.core.errors import SettingsError
from appliance.core.language import message, say
from appliance.core.settings import Settings, thaw
from appliance.core.telling import tell
from appliance.core.workspace import RunFolder, Workspace

KEYS = {"a": "A", "b": "B", "t": "tie"}


@click.command("compare")
@click.argument("run")
@click.option("--by", required=True, help="Who chooses: initials are enough.")
@workspace_option
def command(run: str, by: str, workspace: Workspace) -> None:
    """Show the pairs of RUN that are not chosen yet, and append each choice to the file of compare.choices.

    a or b: the better answer; t: neither; q: stop for now. Start the run again to have them counted.
    """
    found = service.find_run(workspace, run)
    settings = thaw(found.settings.read_text(encoding="utf-8"))
    if not isinstance(settings, Settings) or settings.compare.choices is None:
        raise SettingsError(f"{found.id} names no file for choices", hint='set choices = "choices.jsonl" in [compare]')
    file = settings.compare.choices
    done = _chosen(file)
    pairs = [pair for pair in _pairs(found, workspace) if pair["pair"] not in done]
    for number, pair in enumerate(pairs, start=1):
        tell()
        tell(f"{say('{number} of {count}', number=number, count=len(pairs))}   {pair['prompt']}")
        tell(f"  A  {pair['A']}")
        tell(f"  B  {pair['B']}")
        answer = click.prompt("better", type=click.Choice([*KEYS, "q"]), show_choices=True)
        if answer == "q":
            break
        with file.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps({"pair": pair["pair"], "by": by, "choice": KEYS[answer]}) + "\n")
    told = message("choices are in {file}; to have them counted: {program} run CONFIG.toml")
    tell(say(told, file=file, program=program()))


def _pairs(run: RunFolder, workspace: Workspace) -> Iterator[dict[str, Any]]:
    """Yield the pairs of the sealed compare step of a run."""
    state = service.state_of(run)
    digest = next((step.digest for step in state.steps if step.name == "compare"), "")
    for seal in (workspace.root / "store").glob("compare-*/artifact.json"):
        if digest and json.loads(seal.read_text(encoding="utf-8"))["digest"] == digest:
            for line in (seal.parent / "pairs.jsonl").read_text(encoding="utf-8").split("\n"):
                if line:
                    yield json.loads(line)
            return
    raise SettingsError(f"{run.id} has drawn no pairs yet", hint=f"{program()} follow {run.id}")


def _chosen(file: Path) -> set[str]:
    lines = file.read_text(encoding="utf-8").split("\n") if file.exists() else []
    return {json.loads(line)["pair"] for line in lines if line.strip()}
