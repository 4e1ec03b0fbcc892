"""The UI in a real terminal: it leaves it clean, finds a run again, and opens fast on a full workspace."""

import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fcntl import ioctl
from typing import Any

from appliance.core.events import read_events
from appliance.core.locking import lock_holder
from appliance.core.workspace import Workspace

ENTER_SCREEN, LEAVE_SCREEN, SHOW_CURSOR, MOUSE_OFF = b"\x1b[?1049h", b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?1000l"
WORKER = """
import sys, time
from pathlib import Path
from appliance.core.events import EventLog
from appliance.core.locking import locked
from appliance.core.workspace import Workspace
run = Workspace(Path(sys.argv[1])).run("tickets-aaaaaaaa")
with locked(run.lock, "worker"):
    log = EventLog(run.events)
    for number in range(100_000):
        log.append("note", level="info", message=f"note {number}")
        time.sleep(0.05)
"""


@dataclass
class Terminal:
    """A child in a terminal of 80x24, and everything it wrote."""

    child: "subprocess.Popen[bytes]"
    control: int
    written: bytes = b""

    def wait_for(self, text: bytes, limit: float = 30.0) -> float:
        """Read until the text was written; return the seconds it took."""
        started = time.monotonic()
        while text not in self.written:
            assert time.monotonic() - started < limit, self.written[-2000:]
            self._read(0.05)
        return time.monotonic() - started

    def end(self, limit: float = 15.0) -> int:
        """Read until the child has ended; return its exit status."""
        deadline = time.monotonic() + limit
        while self.child.poll() is None:
            assert time.monotonic() < deadline
            self._read(0.05)
        self._read(0.05)
        return self.child.returncode

    def end_by(self, number: int, status: int) -> None:
        """Send a signal; the exit status is kept and the terminal is as it was before."""
        os.kill(self.child.pid, number)
        assert self.end() == status
        after = self.written[self.written.rindex(ENTER_SCREEN) :]
        assert LEAVE_SCREEN in after
        assert SHOW_CURSOR in after
        assert MOUSE_OFF in after

    def press(self, keys: bytes) -> None:
        os.write(self.control, keys)

    def _read(self, pause: float) -> None:
        while select.select([self.control], [], [], pause)[0]:
            try:
                self.written += os.read(self.control, 65536)
            except OSError:  # the other side is closed
                return
            pause = 0


@contextmanager
def terminal(workspace: Workspace, *options: str) -> Iterator[Terminal]:
    control, side = pty.openpty()
    ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    child = subprocess.Popen(
        [sys.executable, "-m", "tui", "--workspace", str(workspace.root), "--lang", "en", *options],
        stdin=side,
        stdout=side,
        stderr=side,
        env={**os.environ, "TERM": "xterm-256color", "TEXTUAL_SCREENSHOT": "1"},
        start_new_session=True,
    )
    os.close(side)
    try:
        yield Terminal(child, control)
    finally:
        if child.poll() is None:
            child.kill()
        child.wait()
        os.close(control)


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


def test_a_closed_ui_leaves_the_run_going_and_finds_it_again(write_run: Any, workspace: Workspace) -> None:
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


def test_a_thousand_runs_are_painted_soon_and_a_hangup_leaves_the_terminal_clean(thousand_runs: Workspace) -> None:
    with terminal(thousand_runs) as opened:
        assert opened.wait_for(b"1000 runs in ") < 10.0
        opened.end_by(signal.SIGHUP, 129)


def test_no_escape_sequence_reaches_the_terminal_and_sigterm_leaves_it_clean(
    write_run: Any, workspace: Workspace
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
