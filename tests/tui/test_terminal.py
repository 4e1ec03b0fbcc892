"""The UI in a real terminal: it leaves it clean, finds a run again, and opens fast on a full workspace."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from appliance.core.events import read_events
from appliance.core.locking import lock_holder
from appliance.core.workspace import Workspace
from tui.terminal import GONE

WORKER = """
import sys, time
from pathlib import Path
from appliance.core.events import EventLog
from appliance.core.locking import locked
from appliance.core.workspace import Workspace
from tui.terminal import GONE
run = Workspace(Path(sys.argv[1])).run("tickets-aaaaaaaa")
with locked(run.lock, "worker"):
    log = EventLog(run.events)
    for number in range(100_000):
        log.append("note", level="info", message=f"note {number}")
        time.sleep(0.05)
"""


@contextmanager
def worker(workspace: Workspace) -> Iterator["subprocess.Popen[bytes]"]:
    child = subprocess.Popen([sys.executable, "-c", WORKER, str(workspace.root)], start_new_session=True)
    lock = workspace.run("tickets-aaaaaaaa").lock
    try:
        while lock_holder(lock) is None:
            time.sleep(0.02)
        yield child
    finally:
        child.kill()
        child.wait()


@pytest.mark.slow
def test_a_closed_ui_leaves_the_run_going_and_finds_it_again(
    write_run: Any, workspace: Workspace, terminal: Any
) -> None:
    writer = write_run("tickets-aaaaaaaa")
    with worker(workspace) as working:
        with terminal(workspace) as first:
            first.wait_for(b"running")
            first.press(b"\r")
            first.wait_for(b"INFO    note")
            first.press(b"qq")
            assert first.end() == 0
        before = len(read_events(writer.run.events).events)
        with terminal(workspace) as second:
            second.wait_for(b"running")
            second.press(b"\r")
            assert second.wait_for(b"INFO    note") < 2.0
            assert len(read_events(writer.run.events).events) > before
            second.press(b"q")
            second.press(b"q")
            assert second.end() == 0
        assert working.poll() is None


def test_a_thousand_runs_are_painted_soon_and_a_hangup_leaves_the_terminal_clean(
    thousand_runs: Workspace, terminal: Any
) -> None:
    with terminal(thousand_runs) as opened:
        assert opened.wait_for(b"1000 runs in ") < 10.0
        opened.end_by(signal.SIGHUP, 129)


def test_no_escape_sequence_reaches_the_terminal_and_sigterm_leaves_it_clean(
    write_run: Any, workspace: Workspace, terminal: Any
) -> None:
    writer = write_run("tickets-aaaaaaaa")
    writer.log.append("note", level="info", message="\x1b]0;EVIL\x07 \x9d0;EVIL\x9c \x1b]52;c;UFdORUQ=\x07")
    writer.log.append("failed", code="x", exit_status=1, message="\x1b]0;EVIL\x07", hint="\x1b]0;EVIL\x07")
    with terminal(workspace) as opened:
        opened.wait_for(b"tickets-aaaaaaaa")
        opened.press(b"\r")
        opened.wait_for("␛]52;c;UFdORUQ=␇".encode())
        opened.end_by(signal.SIGTERM, 143)
        assert b"\x1b]0;EVIL" not in opened.written
        assert b"\x1b]52" not in opened.written
        assert "\x9d".encode() not in opened.written


@pytest.mark.parametrize("keys", [b"", b"\r"], ids=["at rest", "while it draws"])
def test_a_ui_whose_terminal_is_gone_ends_though_no_signal_comes_and_the_run_goes_on(
    write_run: Any, workspace: Workspace, terminal: Any, *, keys: bytes
) -> None:
    writer = write_run("tickets-aaaaaaaa")
    with worker(workspace) as working, terminal(workspace) as opened:
        opened.wait_for(b"running")
        opened.press(keys)
        opened.wait_for(b"INFO    note" if keys else b"tickets-aaaaaaaa")
        assert opened.hang_up() == GONE == 129
        before = len(read_events(writer.run.events).events)
        time.sleep(0.2)
        assert len(read_events(writer.run.events).events) > before
        assert working.poll() is None
