"""The blind comparison on the command line, on a sealed step as the run leaves it."""

import json

import pytest
from click.testing import CliRunner

from appliance.commands import compare
from appliance.commands.compare import command
from appliance.core.errors import SettingsError
from appliance.core.workspace import Workspace


@pytest.fixture(autouse=True)
def at_a_terminal(monkeypatch):
    monkeypatch.setattr(compare, "_can_ask", lambda: True)


@pytest.fixture
def compared(make_compared, tmp_path):
    """A workspace with one run whose compare step is sealed; the file for choices is choices.jsonl."""
    workspace = Workspace(tmp_path / "w")
    make_compared(workspace, compare={"choices": str(tmp_path / "choices.jsonl")})
    return workspace, tmp_path / "choices.jsonl"


def _compare(workspace: Workspace, *options: str, keys: str = ""):
    arguments = ["small", "--by", "佐", "--workspace", str(workspace.root), *options]
    return CliRunner().invoke(command, arguments, input="".join(f"{key}\n" for key in keys), catch_exceptions=False)


def _told(workspace: Workspace, *options: str):
    return json.loads(_compare(workspace, "--json", *options).stdout)


def test_each_choice_is_kept_at_once_and_the_next_call_goes_on(compared):
    workspace, choices = compared
    first = _compare(workspace, keys="aq")
    assert "1 of 3" in first.output
    assert [json.loads(line) for line in choices.read_text().splitlines()] == [
        {"pair": "p0", "by": "佐", "choice": "A"}
    ]
    second = _compare(workspace, keys="bt")
    assert "REPL PMP" not in second.output
    assert [json.loads(line)["choice"] for line in choices.read_text().splitlines()] == ["A", "B", "tie"]
    assert "the adapted model over dictionary: 1.000, 95 % interval 0.342 to 1.000, n = 2, 1 ties" in second.output


def test_whose_answer_is_whose_is_not_shown_and_nothing_steers_the_terminal(compared):
    output = _compare(compared[0], keys="abq").output
    assert "1 of 3" in output
    output = _compare(compared[0], keys="uuq").output
    assert "adapted" not in output
    assert "dictionary" not in output
    assert "\x1b" not in output


def test_a_script_chooses_takes_back_and_reads_the_result_only_at_the_end(compared):
    workspace, _ = compared
    assert _told(workspace) == {
        "pairs": 3,
        "judged": 0,
        "next": {"pair": "p0", "prompt": "REPL PMP", "A": "replace pump", "B": "repl pmp"},
        "result": None,
    }
    _told(workspace, "--pair", "p2", "--choice", "B")
    assert _told(workspace, "--undo")["judged"] == 0
    for pair in ("p2", "p1", "p0"):
        told = _told(workspace, "--pair", pair, "--choice", "B")
    assert told["next"] is None
    assert (told["result"]["wins"], told["result"]["losses"]) == (2, 1)


def test_nobody_is_asked_where_no_terminal_is_and_the_result_is_told_all_the_same(compared, monkeypatch):
    workspace, choices = compared
    monkeypatch.setattr(compare, "_can_ask", lambda: False)
    with pytest.raises(SettingsError, match="no terminal") as refused:
        _compare(workspace, keys="a")
    assert "--json" in refused.value.hint
    assert not choices.exists()
    for pair in ("p0", "p1", "p2"):
        _told(workspace, "--pair", pair, "--choice", "B")
    assert _compare(workspace).output.startswith("3 of 3 pairs are chosen\nthe adapted model over dictionary: ")
    monkeypatch.setenv("LC_ALL", "ja_JP.UTF-8")
    assert "3 組のうち 3 組を選択済み\n適応したモデルが dictionary より" in _compare(workspace).output
