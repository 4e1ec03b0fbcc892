"""The blind comparison on the command line, on a sealed step as the run leaves it."""

import json

import pytest
from click.testing import CliRunner

from appliance.commands.compare import command
from appliance.core.events import EventLog
from appliance.core.settings import parse_settings
from appliance.core.workspace import Workspace

PAIRS = [
    {"pair": "p0", "prompt": "REPL PMP", "A": "replace pump", "B": "repl pmp"},
    {"pair": "p1", "prompt": "ポンプ交換", "A": "ポンプ", "B": "ポンプを交換"},
    {"pair": "p2", "prompt": "C/O HOSE", "A": "x", "B": "change out hose\x1b[31m"},
]


@pytest.fixture
def compared(tmp_path):
    """A workspace with one run whose compare step is sealed; the file for choices is choices.jsonl."""
    raw = {
        "run": {"name": "small"},
        "ingest": {"file": "x.csv", "columns": {"a": {"role": "text"}, "b": {"role": "text"}}},
        "prepare": {"input": "a", "output": "b"},
        "compare": {"choices": "choices.jsonl"},
    }
    workspace = Workspace(tmp_path / "w")
    run = workspace.run("small-1")
    run.folder.mkdir(parents=True)
    run.settings.write_text(parse_settings(raw, where="test", folder=tmp_path).frozen(), encoding="utf-8")
    for number, pairs in enumerate((PAIRS[:1], PAIRS)):
        sealed = workspace.root / "store" / f"compare-{number}"
        sealed.mkdir(parents=True)
        (sealed / "artifact.json").write_text(json.dumps({"digest": f"d{number}"}))
        (sealed / "pairs.jsonl").write_text("".join(json.dumps(pair) + "\n" for pair in pairs))
    log = EventLog(run.events)
    log.append("run_started", name="small", steps=["compare"])
    log.append("step_started", step="compare")
    log.append("step_finished", step="compare", reused=False, seconds=0.1, digest="d1", facts={})
    log.close()
    return workspace, tmp_path / "choices.jsonl"


def _compare(workspace, keys):
    arguments = ["small", "--by", "佐", "--workspace", str(workspace.root)]
    return CliRunner().invoke(command, arguments, input="".join(f"{key}\n" for key in keys), catch_exceptions=False)


def test_each_choice_is_kept_at_once_and_the_next_call_goes_on(compared):
    workspace, choices = compared
    first = _compare(workspace, "aq")
    assert "1 of 3" in first.output
    assert [json.loads(line) for line in choices.read_text().splitlines()] == [
        {"pair": "p0", "by": "佐", "choice": "A"}
    ]
    second = _compare(workspace, "bt")
    assert "REPL PMP" not in second.output
    assert [json.loads(line)["choice"] for line in choices.read_text().splitlines()] == ["A", "B", "tie"]


def test_whose_answer_is_whose_is_not_shown_and_nothing_steers_the_terminal(compared):
    output = _compare(compared[0], "aaa").output
    assert "adapted" not in output
    assert "dictionary" not in output
    assert "\x1b" not in output
