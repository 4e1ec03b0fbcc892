"""`appliance compare RUN`: pick the better of two answers without knowing whose they are."""

import sys
from typing import Any

import click

from appliance import service
from appliance.commands.options import json_option, program, workspace_option
from appliance.core.errors import SettingsError
from appliance.core.language import say
from appliance.core.telling import tell, tell_json, tell_text
from appliance.core.workspace import Workspace
from appliance.reviewing.choices import CHOICES, Choice
from appliance.reviewing.comparing import Comparison

KEYS: dict[str, Choice] = {"a": "A", "b": "B", "t": "tie"}


@click.command("compare")
@click.argument("run")
@click.option("--by", default="", help="Who chooses: initials are enough [this system's user].")
@click.option("--pair", help="Choose on this pair and end.")
@click.option("--choice", type=click.Choice(CHOICES), help="The better answer of --pair.")
@click.option("--undo", "is_undo", is_flag=True, help="Take back your newest choice and end.")
@json_option
@workspace_option
def command(  # noqa: PLR0913 options of a command line
    run: str, by: str, pair: str | None, choice: Choice | None, workspace: Workspace, *, is_undo: bool, as_json: bool
) -> None:
    """Show the pairs of RUN that are not chosen yet, and write each choice to the disk at once.

    a or b: the better answer; t: neither; u: take the last one back; q: stop for now. With --json nothing is asked: the
    next open pair is printed, or the result where every pair is chosen.
    """
    comparison = service.compare(service.find_run(workspace, run), workspace, by)
    if (pair is None) != (choice is None):
        raise SettingsError("--pair and --choice go together", hint="--pair p7 --choice A")
    if pair is not None and choice is not None:
        comparison.choose(comparison.place_of(pair), choice)
    elif is_undo:
        comparison.undo()
    elif not as_json and comparison.open_pair() is not None:
        if not _can_ask():
            raise SettingsError(
                "nobody can be asked: standard input is no terminal",
                hint="--json prints the next open pair; --pair p7 --choice A chooses",
            )
        _ask(comparison)
    told = _told(comparison)
    if as_json:
        tell_json(told)
    else:
        tell_text(_sentence(told))


def _can_ask() -> bool:
    return sys.stdin.isatty()


def _ask(comparison: Comparison) -> None:
    place = comparison.open_pair()
    while place is not None:
        pair = comparison.pairs[place]
        tell()
        told = say("{number} of {count}", number=comparison.judged + 1, count=len(comparison.pairs))
        tell(f"{told}   {pair.prompt}")
        tell(f"  A  {pair.A}")
        tell(f"  B  {pair.B}")
        answer = click.prompt(say("which is better"), type=click.Choice([*KEYS, "u", "q"]), show_choices=True)
        if answer == "q":
            return
        if answer == "u":
            undone = comparison.undo()
            place = place if undone is None else undone
        else:
            comparison.choose(place, KEYS[answer])
            place = comparison.open_pair(place)


def _told(comparison: Comparison) -> dict[str, Any]:
    place, result = comparison.open_pair(), comparison.result()
    pair = None if place is None else comparison.pairs[place]._asdict()
    return {"pairs": len(comparison.pairs), "judged": comparison.judged, "next": pair, "result": result}


def _sentence(told: dict[str, Any]) -> str:
    counted = say("{judged} of {pairs} pairs are chosen", judged=told["judged"], pairs=told["pairs"])
    result = told["result"]
    if result is None:
        return counted
    rate = result["win_rate"]
    preferred = say(
        "the adapted model over {against}: {rate}, 95 % interval {low} to {high}, n = {samples}, {ties} ties",
        against=result["against"],
        rate=f"{rate['value']:.3f}",
        low=f"{rate['low']:.3f}",
        high=f"{rate['high']:.3f}",
        samples=rate["samples"],
        ties=result["ties"],
    )
    again = say(
        "to have it in the report: {program} run CONFIG.toml; another bundle.version where one was released",
        program=program(),
    )
    return f"{counted}\n{preferred}\n{again}"
