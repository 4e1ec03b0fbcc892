"""The UI may be killed or fail at any time: the run goes on, and it leaves no text of a record behind."""

import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from appliance import service
from appliance.core.locking import lock_holder
from appliance.core.sections import IntakeSettings, RunSettings
from appliance.core.settings import ModelSettings
from appliance.core.workspace import Workspace

LIMIT = 100.0  # seconds for the intake of a folder that is refused, on a machine that does other things too
PLANTED = "田中太郎"  # in the first document under review
FAILING = """
import sys
from tui.widgets.page import PageView
def fail(self, y):
    text = self._page.text
    if {name!r} in text:
        raise ValueError(text)
    return original(self, y)
original, PageView.render_line = PageView.render_line, fail
from tui.__main__ import command
command(["--workspace", sys.argv[1], "--lang", "ja"])
"""


@pytest.mark.slow
def test_a_run_that_the_ui_started_ends_by_itself_when_the_ui_is_killed(
    workspace: Workspace, terminal: Any, tmp_path: Path
) -> None:
    model = tmp_path / "model"
    model.mkdir()
    (model / "weights.pkl").write_bytes(b"\x80\x04.")
    settings = ModelSettings(run=RunSettings(name="tiny"), intake=IntakeSettings(path=str(model), source="tests"))
    run = service.plan(settings, workspace)
    with terminal(workspace) as first:
        first.wait_for(b"planned")
        first.press(b"r")
        first.wait_for(b"running")
        assert lock_holder(run.lock) is not None
        os.kill(first.child.pid, signal.SIGKILL)
        assert first.end() == -signal.SIGKILL
    assert service.state_of(run).status == "running"
    deadline = time.monotonic() + LIMIT
    while lock_holder(run.lock) is not None:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    state = service.state_of(run)
    assert (state.status, state.exit_status) == ("failed", 6)  # the gate of the intake: its own end, and no other
    assert "a pickle can run code" in state.message
    with terminal(workspace) as second:
        second.wait_for(b"It failed (6)")
        second.press(b"q")
        assert second.end() == 0


def test_a_widget_that_fails_while_a_name_is_reviewed_tells_no_name(
    make_review: Any, workspace: Workspace, terminal: Any, tmp_path: Path
) -> None:
    make_review(workspace)
    home = tmp_path / "home"
    home.mkdir()
    program = [sys.executable, "-c", FAILING.format(name=PLANTED), str(workspace.root)]
    # the program imports Textual before our entry could take that variable away: it would end by itself after a second
    own = {"HOME": str(home), "TMPDIR": str(home), "TEXTUAL_SCREENSHOT": ""}
    with terminal(workspace, program=program, folder=home, **own) as opened:
        opened.wait_for("確認待ち".encode())
        opened.press(b"\r")
        assert opened.end() == 1
        assert b"ValueError in the terminal UI" in opened.written
        assert b"render_line" in opened.written
        assert PLANTED.encode() not in opened.written
        assert b"03-1234-5678" not in opened.written
    left = [file for file in home.rglob("*") if file.is_file()]
    assert not [file for file in left if PLANTED.encode() in file.read_bytes()]
