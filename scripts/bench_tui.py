"""Measures the terminal UI in a real pseudo-terminal: start, keys with 50,000 findings, under load, at rest.

uv run python scripts/bench_tui.py [findings] [runs]

Key to paint: from the write of a key to the first bytes that come back. The processor time of the UI for a key is told
too: it does not depend on what else the machine does. Load: one busy process a core, as polite as a training (nice 10).
"""

import fcntl
import json
import os
import pty
import select
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from walk_workspace import finished_run, waiting_run

from appliance.core.workspace import Workspace

KEYS = 100
REST = 10.0  # seconds
PATIENCE = 120.0  # seconds
TICKS = os.sysconf("SC_CLK_TCK")
BUSY = "while True: pass"


class Terminal:
    """The UI in a pseudo-terminal of 80×24."""

    def __init__(self, workspace: Workspace) -> None:
        self.started = time.monotonic()
        self.pid, self.descriptor = pty.fork()
        if self.pid == 0:
            arguments = ["--workspace", str(workspace.root), "--lang", "en"]
            os.environ.update({"TERM": "xterm-256color", "COLORTERM": "truecolor", "XDG_CONFIG_HOME": "/nonexistent"})
            os.execv(sys.executable, [sys.executable, "-m", "tui", *arguments])  # noqa: S606 no shell
        fcntl.ioctl(self.descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))

    def wait_for(self, text: bytes) -> float:
        """Return the seconds since the start when a text was painted."""
        seen = b""
        while text not in seen:
            seen += self._read(PATIENCE)
        return time.monotonic() - self.started

    def key(self, key: bytes) -> float:
        """Press a key; return the seconds to the first bytes that come back."""
        self.quiet(0.05)
        pressed = time.monotonic()
        os.write(self.descriptor, key)
        self._read(PATIENCE)
        return time.monotonic() - pressed

    def quiet(self, seconds: float) -> None:
        """Read until nothing comes for a while; at most ten times as long."""
        ends = time.monotonic() + 10 * seconds
        while time.monotonic() < ends and select.select([self.descriptor], [], [], seconds)[0]:
            os.read(self.descriptor, 1 << 16)

    def _read(self, seconds: float) -> bytes:
        if not select.select([self.descriptor], [], [], seconds)[0]:
            raise TimeoutError("nothing was painted")
        return os.read(self.descriptor, 1 << 16)

    def processor_seconds(self) -> float:
        """Return the user and system time of the UI so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def close(self) -> None:
        """End the UI."""
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.descriptor)


@contextmanager
def load() -> Iterator[None]:
    """Keep every core busy."""
    command = ["nice", "-n", "10", sys.executable, "-c", BUSY]
    busy = [subprocess.Popen(command) for _ in os.sched_getaffinity(0)]
    try:
        yield
    finally:
        for each in busy:
            each.kill()
            each.wait()


def keys(terminal: Terminal, key: bytes, count: int = KEYS) -> dict[str, float]:
    """Return what pressing a key costs: median and 95th percentile to the paint, processor time (milliseconds)."""
    before = terminal.processor_seconds()
    took = sorted(terminal.key(key) * 1000 for _ in range(count))
    cpu = (terminal.processor_seconds() - before) / count * 1000
    return {
        "median_ms": round(statistics.median(took), 1),
        "p95_ms": round(took[int(count * 0.95) - 1], 1),
        "cpu_ms": round(cpu, 1),
        "keys": count,
    }


def full_list(root: Path, runs: int) -> dict[str, float]:
    """Return the start-up with many runs, and what the screen costs at rest."""
    workspace = Workspace(root)
    root.mkdir()
    first = finished_run(workspace)
    events, settings = first.events.read_bytes(), first.settings.read_bytes()
    for number in range(1, runs):
        run = workspace.run(f"orders-{number:08x}")
        run.folder.mkdir()
        run.settings.write_bytes(settings)
        run.events.write_bytes(events)
    terminal = Terminal(workspace)
    painted = terminal.wait_for(f"{runs} runs in".encode())
    cpu = terminal.processor_seconds()
    terminal.quiet(2.0)
    before, began = terminal.processor_seconds(), time.monotonic()
    time.sleep(REST)
    idle = (terminal.processor_seconds() - before) / (time.monotonic() - began)
    terminal.close()
    return {"runs": runs, "first_paint_s": round(painted, 2), "cpu_s": round(cpu, 2), "idle_share": round(idle, 4)}


def review(root: Path, findings: int) -> dict[str, object]:
    """Return what keys cost in a review of many findings, quiet and under load."""
    workspace = Workspace(root)
    root.mkdir()
    waiting_run(workspace, documents=findings * 3 // 8)  # eight findings in three documents
    terminal = Terminal(workspace)
    terminal.wait_for(b"waiting")
    terminal.quiet(1.0)
    opened = time.monotonic()
    os.write(terminal.descriptor, b"\r")
    terminal.wait_for(b"not decided yet")
    told: dict[str, object] = {"findings": findings, "open_s": round(time.monotonic() - opened, 2)}
    terminal.quiet(1.0)
    for name, key in (("next", b"j"), ("accept", b"a"), ("accept all equal", b"A"), ("undo", b"u")):
        told[name] = keys(terminal, key, KEYS if len(name) < 7 else 5)
    with load():
        told["next, under load"] = keys(terminal, b"j")
        told["accept, under load"] = keys(terminal, b"a")
    terminal.close()
    return told


def main(arguments: list[str]) -> None:
    """Print one JSON object a measurement."""
    findings, runs = (int(arguments[0]) if arguments else 50_000), (int(arguments[1]) if len(arguments) > 1 else 1000)
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(full_list(Path(folder) / "list", runs)), flush=True)
        print(json.dumps(review(Path(folder) / "review", findings), indent=1), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
