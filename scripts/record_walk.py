"""Walks through every screen in both languages and keeps what each looks like: docs/walk/<language>/NN-name.svg.

uv run python scripts/record_walk.py [--size 80x24] [--only NAME ...]

The screens are the real ones, driven by keys over a workspace with a run in every state (walk_workspace.py). Rich
counts characters where it should count cells, so that Japanese would be squashed: every character gets its place here;
the fonts that it would fetch from a network are taken out.
"""

import argparse
import asyncio
import html
import os
import re
import shutil
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from rich.cells import cell_len
from textual.pilot import Pilot
from walk_workspace import finished_run, refused_model, refused_run, training_run, waiting_run

from appliance.core.events import EventLog
from appliance.core.locking import locked
from appliance.core.workspace import Workspace
from appliance.release.signing import generate_key
from tui.app import ApplianceApp
from tui.context import Context
from tui.language import language

DOCS = Path(__file__).parents[1] / "docs"
WALK = DOCS / "walk"
PLACE = Path("/tmp/factory")  # noqa: S108 a short path that says nothing of this machine
PARTS = re.compile(r"[\x21-\x7e]+|\s+|.")  # words, blanks, any other character by itself
CELL = 12.2  # units of the picture, as Rich draws
Key = str | float  # a float waits so many seconds
# name, what it shows, keys from the list of runs
REVIEW: tuple[Key, ...] = ("down", "4", 2.0)
COMPARE: tuple[Key, ...] = ("down", "down", "6", 1.5)
REFUSED: tuple[Key, ...] = ("end", "up", "7", 1.5)
STAGE: tuple[Key, ...] = ("down", "down", "7", 1.5, "d", 1.0)
DECIDE: tuple[Key, ...] = ("d", 0.5, "1", 0.5, "down", "enter", 0.5, *"M.", "space", *"Sato", "enter", 0.5)
REASON: tuple[Key, ...] = (*"the", "space", *"planners", "space", *"want", "space", *"it", "enter", 0.5)
JUDGE_ALL: tuple[Key, ...] = (*["a", "b"] * 11, *["b", "a"] * 3, "t")  # one is chosen in the scene before
APPROVE: tuple[Key, ...] = ("k", 0.5, "down", "enter", 0.5, *"M.", "space", *"Sato", "enter", 0.5)
PICK: tuple[Key, ...] = ("2", 0.5, "enter", 0.5, "end", "enter", 40.0)
TO_THE_NUMBER: tuple[Key, ...] = ("down", "end", *["left"] * 8, "enter", *["right"] * 7)
SCENES: tuple[tuple[str, str, tuple[Key, ...]], ...] = (
    ("runs", "1 Runs: every run, its state and what it needs next", ()),
    ("new-run", "2 New run: one list of questions, from the file to the budget", ("2", 1.0)),
    ("new-run-look", "2 New run: a first look at the source by a child process", (*PICK, *["down"] * 8)),
    ("intake", "3 Intake: every check of a base model, waivers by name", ("3", 1.5)),
    ("review", "4 Review: the original over what would leave", REVIEW),
    ("review-mark", "4 Review: what was missed is marked once", (*REVIEW, "m", 0.5, *TO_THE_NUMBER)),
    ("review-kind", "4 Review: what it is", (*REVIEW, "m", 0.5, *TO_THE_NUMBER, "enter", 0.5)),
    ("train", "5 Train: loss, ETA with its spread, memory, events", ("enter", 1.5)),
    ("results", "5 Train: results with their intervals", ("down", "down", "5", 1.5)),
    ("stop", "A question before anything is stopped; doing nothing is the default", ("enter", 1.5, "S", 0.5)),
    ("compare", "6 Compare: two answers, and no word of whose they are", (*COMPARE, "a", 0.3)),
    ("compare-results", "6 Compare: every figure with its interval", (*COMPARE, "v", 0.5)),
    ("compare-gates", "6 Compare: slices, gates, cost and business case", (*COMPARE, "v", 0.5, *["pagedown"] * 2, 0.5)),
    ("compare-case", "6 Compare: what the owner's inputs lead to", (*COMPARE, "v", 0.5, "end", 0.5)),
    ("compare-done", "6 Compare: the result opens with the last choice", (*COMPARE, *JUDGE_ALL, 1.0)),
    ("export", "7 Export: variants with their gates, the bundle, what is in service", ("down", "down", "7", 2.0)),
    ("export-refused", "7 Export: a verdict that refuses asks for the approver", REFUSED),
    ("export-approve", "7 Export: the approver's key, name and reason", (*REFUSED, *APPROVE)),
    ("stage", "Stage: what the run is for, what was seen of it, what was decided so far", STAGE),
    ("stage-decide", "Stage: go or no-go", (*STAGE, "d", 0.5)),
    ("stage-sign", "Stage: by whom, why, and on which verdict and report", (*STAGE, *DECIDE, *REASON)),
    ("stage-decided", "Stage: the decision stands", (*STAGE, *DECIDE, *REASON, "y", 1.0, "end", 6.0)),
    ("doctor", "8 Doctor: what this machine can do, and how to mend what it cannot", ("8", 75.0)),
    ("keys", "Help: every key of a screen", (*REVIEW, "question_mark", 0.5)),
    ("palette", "The command palette", (*REVIEW, "ctrl+p", 1.0)),
)  # fmt: skip


def main() -> None:
    """Record everything, or a few scenes to look at while a screen is made."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", default="80x24", help="columns x rows")
    parser.add_argument("--only", nargs="*", default=[name for name, *_ in SCENES], metavar="NAME")
    parser.add_argument("--into", type=Path, default=WALK)
    asked = parser.parse_args()
    width, height = map(int, asked.size.split("x"))
    environment = {"XDG_CONFIG_HOME": "config", "APPLIANCE_HOME": "home", "HOME": "office"}
    os.environ.update({name: f"{PLACE}/{folder}" for name, folder in environment.items()})
    for lang in ("en", "ja"):
        folder = asked.into.absolute() / lang
        if len(asked.only) == len(SCENES):  # some scenes alone leave the pictures of the others
            shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True, exist_ok=True)
        asyncio.run(_walk(lang, folder, (width, height), asked.only))
    if asked.into == WALK:
        (DOCS / "walk.md").write_text(_page(), encoding="utf-8")


async def _walk(lang: Any, folder: Path, size: tuple[int, int], wanted: list[str]) -> None:
    os.chdir("/")
    shutil.rmtree(PLACE, ignore_errors=True)
    PLACE.mkdir()
    (PLACE / "office").mkdir()
    approver = generate_key(PLACE / "approver")
    approver.private.rename(PLACE / "office" / "approver-key.pem")
    workspace = Workspace(PLACE / "workspace")
    workspace.root.mkdir()
    source = Path(__file__).parents[1] / "appliance" / "demo" / "work_orders.csv"
    shutil.copyfile(source, PLACE / "work_orders.csv")
    refused_model(workspace)
    refused_run(workspace)
    finished_run(workspace, approver.public)
    waiting_run(workspace)
    run = training_run(workspace)
    os.chdir(PLACE)
    with locked(run.lock, "walk"):
        for number, (name, _, keys) in enumerate(SCENES, start=1):
            if name not in wanted:
                continue
            EventLog(run.events).append("alive")
            app = ApplianceApp(Context(workspace, language(lang)))
            async with app.run_test(size=size, notifications=True) as pilot:
                await pilot.pause(1.0)
                await _press(pilot, keys)
                drawn = _corrected(app.export_screenshot(title="appliance"))
            (folder / f"{number:02d}-{name}.svg").write_text(drawn, encoding="utf-8")
    shutil.rmtree(PLACE)


async def _press(pilot: Pilot[Any], keys: tuple[Key, ...]) -> None:
    for key in keys:
        if isinstance(key, float):
            await pilot.pause(key)
        else:
            await pilot.press(key)
            await pilot.pause(0.05)
    await pilot.pause(0.5)


def _corrected(svg: str) -> str:
    """Give every character the place of its cell, in any viewer; and take out the fonts that must be fetched."""
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    svg = svg.replace("Fira Code", "DejaVu Sans Mono, Noto Sans Mono CJK JP")
    return re.sub(r'(<text[^>]*?) x="([\d.]+)"([^>]*?) textLength="[\d.]+"([^>]*)>([^<]*)</text>', _placed, svg)


def _placed(found: re.Match[str]) -> str:
    """Put each word, and each full-width character, where its cell is: fonts and viewers differ in their widths."""
    head, start, between, rest, text = found.groups()
    drawn, cell = [], 0
    for part in PARTS.findall(html.unescape(text)):
        if part.strip():
            places = " ".join(f"{float(start) + (cell + n) * CELL:.1f}" for n in range(len(part)))
            drawn.append(f'{head} x="{places}"{between}{rest}>{html.escape(part)}</text>')
        cell += cell_len(part)
    return "".join(drawn)


def _page() -> str:
    lines = ["# A walk through the screens", "", "Recorded by `scripts/record_walk.py` at 80×24; do not edit.", ""]
    for number, (name, told, _) in enumerate(SCENES, start=1):
        file = f"{number:02d}-{name}.svg"
        lines += [f"## {told}", "", f"![{told}](walk/en/{file})", "", f"![{told}（日本語）](walk/ja/{file})", ""]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
