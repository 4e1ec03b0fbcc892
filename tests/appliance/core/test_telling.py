"""What the command line writes cannot steer a terminal, whoever wrote it."""

import ast
import json
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import appliance
from appliance.core.sanitising import visible
from appliance.core.telling import padded, safe_json, safe_lines, tell_hanging

PACKAGE = Path(appliance.__file__).parent
WRITERS = {"core/telling.py"}


@given(st.dictionaries(st.text(max_size=20), st.text(max_size=40), max_size=3))
def test_json_is_the_same_value_and_nothing_in_it_is_invisible(value: dict[str, str]) -> None:
    line = safe_json(value)
    assert visible(line) == line
    assert json.loads(line) == value


@pytest.mark.parametrize("letter", ["\x9b", "\u202e", "\x7f", "\u2066", "\ud800", "\U000e0041", "\u200b"])
def test_json_escapes_what_json_itself_leaves_raw(letter: str) -> None:
    assert letter not in safe_json({"a": letter})
    assert json.loads(safe_json({"a": f"x{letter}y"})) == {"a": f"x{letter}y"}


def test_japanese_stays_readable_in_json() -> None:
    assert safe_json({"名前": "田中　①"}) == '{"名前": "田中　①"}'


@given(st.text(max_size=80))
def test_lines_keep_their_ends_and_nothing_else_that_is_invisible(text: str) -> None:
    shown = safe_lines(text)
    assert shown.count("\n") == text.count("\n")
    assert visible(shown.replace("\n", "")) == shown.replace("\n", "")


def test_labels_are_padded_by_cells() -> None:
    assert (padded("ab", 6), padded("記録", 6), padded("長い名前", 6)) == ("ab    ", "記録  ", "長い名前")


def test_no_other_file_of_the_command_line_writes_to_the_terminal() -> None:
    found = []
    for file in sorted(PACKAGE.rglob("*.py")):
        place = str(file.relative_to(PACKAGE))
        if place in WRITERS or not place.startswith(("commands/", "core/", "__main__", "serve/__main__")):
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            called = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
            if called in ("print", "click.secho", "click.echo", "sys.stdout.write", "sys.stderr.write"):
                found.append(f"{place}:{node.lineno}")
    assert not found


def test_a_program_gets_a_long_line_whole_and_a_terminal_gets_it_broken(capsys, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "24")
    tell_hanging("      do: free some space, or move it", 10)
    assert capsys.readouterr().out == "      do: free some space, or move it\n"
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    tell_hanging("      do: free some space, or move it", 10)
    assert capsys.readouterr().out == "      do: free some\n          space, or move\n          it\n"
