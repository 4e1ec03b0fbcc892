"""Every key has an id, every action a command, and the pages about them are current."""

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import click
import pytest

from appliance.__main__ import COMMANDS as COMMAND_LINE
from tui.registry import BINDING_OWNERS, COMMANDS, ONLY_VIEW, bindings

SCRIPT = Path(__file__).parents[2] / "scripts" / "make_reference.py"


def test_every_key_is_an_action_with_a_command_or_only_shows_something() -> None:
    ids = {binding.id for owner in BINDING_OWNERS for binding in bindings(owner)}
    assert all(binding_id in COMMANDS or str(binding_id).startswith(ONLY_VIEW) for binding_id in ids)
    assert COMMANDS.keys() <= ids


def test_what_changes_anything_has_a_command() -> None:
    for owner in BINDING_OWNERS:
        writes = getattr(owner, "WRITES", frozenset())
        for binding in bindings(owner):
            assert binding.action.partition("(")[0] not in writes or binding.id in COMMANDS


@pytest.mark.parametrize("told", sorted({part.strip() for command in COMMANDS.values() for part in command.split(";")}))
def test_each_command_is_there_and_speaks_json(told: str) -> None:
    name, *rest = told.removeprefix("appliance ").split()
    assert name in COMMAND_LINE
    command = import_module(f"appliance.commands.{name.replace('-', '_')}").command
    if isinstance(command, click.Group):
        command = command.commands[rest[0]]
    options = {option for parameter in command.params for option in parameter.opts}
    assert "--json" in options
    assert {word for word in rest if word.startswith("--")} <= options


def test_the_reference_pages_are_current() -> None:
    ended = subprocess.run([sys.executable, SCRIPT, "--check"], capture_output=True, timeout=120, check=False)
    assert ended.returncode == 0, "run scripts/make_reference.py"
