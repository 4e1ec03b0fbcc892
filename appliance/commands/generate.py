"""`appliance generate TEXT` and `appliance generate --batch IN OUT`."""

import sys
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from appliance.commands.home import home_option
from appliance.commands.narrating import duration
from appliance.commands.options import json_option
from appliance.core.errors import SettingsError
from appliance.core.hardware import usable_cores
from appliance.core.telling import tell, tell_json, tell_live, tell_text

if TYPE_CHECKING:
    from appliance.serve.batch import Progress
    from appliance.serve.engine import Engine

WINDOW = 30.0  # seconds that the rate is taken from
TELL_EVERY = {True: 0.5, False: 10.0}  # seconds, on a terminal and in a log


@click.command("generate")
@click.argument("text", required=False)
@click.option(
    "--batch",
    type=(click.Path(path_type=Path, dir_okay=False), click.Path(path_type=Path, dir_okay=False)),
    metavar="IN OUT",
    help='Answer every line {"text": "..."} of IN, into OUT; the same command goes on after an interruption.',
)
@click.option("--threads", type=click.IntRange(min=1), help="Cores to use [all of them].")
@home_option
@json_option
def command(
    text: str | None, batch: tuple[Path, Path] | None, threads: int | None, home: Path, *, as_json: bool
) -> None:
    """Answer TEXT with the installed model; without TEXT, answer every line of standard input.

    Every file of the model is checked against its signature before it is loaded. Nothing is asked of a network.
    """
    from appliance.serve.engine import load  # noqa: PLC0415 onnxruntime: only this command needs it

    if batch is not None and text is not None:
        raise SettingsError("TEXT and --batch exclude each other", hint="give one of them")
    if batch is None and text is None and sys.stdin.isatty():
        raise SettingsError("no text is given", hint='appliance generate "..." or one line each on standard input')
    engine = load(home, threads=threads or usable_cores(), seats=16 if batch else 1)
    if batch is not None:
        _answer_batch(engine, *batch)
        return
    for line in [text] if text is not None else (line.strip() for line in sys.stdin):
        _answer(engine, line, as_json=as_json)


def _answer(engine: "Engine", line: str, *, as_json: bool) -> None:
    if not line:
        tell()
        return
    answer = engine.answer(line)
    if as_json:
        facts = {"prompt_tokens": answer.prompt_tokens, "new_tokens": answer.new_tokens}
        said = {"text": answer.text, **facts, "seconds": round(answer.seconds, 3)}
        tell_json(said)
    else:
        tell_text(answer.text)


def _answer_batch(engine: "Engine", source: Path, target: Path) -> None:
    from appliance.serve.batch import run_batch  # noqa: PLC0415 as above

    is_live = sys.stderr.isatty()
    for line in progress_lines(run_batch(engine, source, target), every=TELL_EVERY[is_live]):
        if is_live:
            tell_live(line)
        else:
            tell(line, err=True)
    if is_live:
        tell(err=True)


def progress_lines(progress: Iterator["Progress"], *, every: float) -> Iterator[str]:
    """Yield a line about a batch now and then, and one at its end; the rate is that of the last half minute."""
    told, seen = float("-inf"), deque[tuple[float, int]]()
    state = None
    for state in progress:
        now = time.monotonic()
        seen.append((now, state.new))
        while seen[0][0] < now - WINDOW:
            seen.popleft()
        if now - told >= every:
            told = now
            yield _progress_line(state, seen)
    if state is not None:
        yield _progress_line(state, seen)


def _progress_line(state: "Progress", seen: deque[tuple[float, int]]) -> str:
    seconds, count = seen[-1][0] - seen[0][0], seen[-1][1] - seen[0][1]
    if state.done >= state.total:
        return f"{state.done}/{state.total} lines, done"
    if count <= 0 or seconds <= 0:
        return f"{state.done}/{state.total} lines  ETA estimating..."
    left = (state.total - state.done) * seconds / count
    return f"{state.done}/{state.total} lines  {count / seconds:.1f}/s  ETA {duration(left)}"
