"""How the command line ends when something happens that no command foresaw."""

import click
import pytest

from appliance import __main__ as entry
from appliance.core.errors import SettingsError


@pytest.fixture
def failing(call, monkeypatch):
    """Return a function that runs a command which raises."""

    def run(error):
        @click.command("runs")
        def command():
            raise error

        monkeypatch.setattr(entry.LazyGroup, "get_command", lambda *_: command)
        return call("runs")

    return run


def test_a_stick_that_was_pulled_is_the_administrators_matter(failing):
    done = failing(OSError(5, "Input/output error", "/media/stick/model.onnx"))
    assert done.status == 5
    assert done.err.startswith("error: /media/stick/model.onnx: Input/output error\n  do: ")


def test_short_memory_is_the_administrators_matter(failing):
    assert failing(MemoryError()).status == 5


@pytest.mark.parametrize(
    ("module", "extra"),
    [("onnxruntime", "serve"), ("tokenizers", "serve"), ("presidio_analyzer", "studio"), ("textual.app", "tui")],
)
def test_a_missing_extra_is_told_with_what_to_install(failing, module, extra):
    done = failing(ModuleNotFoundError(f"No module named {module!r}", name=module))
    assert done.status == 2
    assert f"install adaptation-appliance[{extra}]" in done.err


@pytest.mark.parametrize("error", [ValueError("田中太郎"), KeyError("Tanaka"), ModuleNotFoundError("Tanaka")])
def test_a_bug_of_ours_is_told_with_its_place_and_no_value(failing, error):
    done = failing(error)
    assert done.status == 70
    assert f"a bug of the appliance: {type(error).__name__} in commands/test_last_frame.py:" in done.err
    assert "Tanaka" not in done.err
    assert "田中" not in done.err
    assert "Traceback" not in done.err


def test_an_error_that_steers_the_terminal_is_shown_as_text(failing):
    done = failing(SettingsError("列 \x1b[2J\u202e", hint="use \x9b2J"))
    assert done.status == 2
    assert done.err == "error: 列 ␛[2J\ufffd\n  do: use \ufffd2J\n"


@pytest.mark.parametrize("arguments", [("verify", "--列\x1b[2J"), ("列\x1b[2J",)])
def test_an_argument_that_steers_the_terminal_is_shown_as_text(call, arguments):
    done = call(*arguments)
    assert done.status == 2
    assert "列" in done.err
    assert "\x1b" not in done.err
