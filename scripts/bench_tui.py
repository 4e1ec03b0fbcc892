"""Measures the terminal UI in a real pseudo-terminal: start, keys with 50,000 findings, under load, at rest.

uv run python scripts/bench_tui.py [--findings N] [--runs N] [--keys N] [--check]

Key to paint: from the write of a key to the first bytes that come back. The processor time of the UI for a key is told
too: it does not depend on what else the machine does. Load: one busy process a core, of the priority that a training
has. The table of goals comes last; with --check the exit status is 1 where one is missed.
"""

import argparse
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
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from walk_workspace import finished_run, waiting_run

from appliance.core.workspace import Workspace

REST = 10.0  # seconds
STARTS = 5
SETTLED = 2.0  # seconds without a paint
PATIENCE = 120.0  # seconds
TICKS = os.sysconf("SC_CLK_TCK")
BUSY = "while True: pass"
FIRST_PAINT, KEY_TO_PAINT, IDLE_SHARE = 1.0, 100.0, 0.01  # goals: seconds, milliseconds, share of a core


@dataclass(frozen=True, slots=True)
class Goal:
    """One figure against its upper limit."""

    name: str
    value: float
    limit: float
    unit: str

    @property
    def is_met(self) -> bool:
        """Whether the figure is below its limit."""
        return self.value < self.limit


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
def opened(workspace: Workspace) -> Iterator[Terminal]:
    """Open the UI, and end it."""
    terminal = Terminal(workspace)
    try:
        yield terminal
    finally:
        terminal.close()


@contextmanager
def load() -> Iterator[None]:
    """Keep every core busy."""
    busy = [subprocess.Popen([sys.executable, "-c", BUSY]) for _ in os.sched_getaffinity(0)]
    try:
        yield
    finally:
        for each in busy:
            each.kill()
            each.wait()


def keys(terminal: Terminal, key: bytes, count: int) -> dict[str, float]:
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
    painted, cpu = [], []
    for _ in range(STARTS):
        with opened(workspace) as terminal:
            painted.append(terminal.wait_for(f"{runs} runs in".encode()))
            cpu.append(terminal.processor_seconds())
    with opened(workspace) as terminal:
        terminal.wait_for(f"{runs} runs in".encode())
        terminal.quiet(SETTLED)
        before, began = terminal.processor_seconds(), time.monotonic()
        time.sleep(REST)
        idle = (terminal.processor_seconds() - before) / (time.monotonic() - began)
    return {
        "runs": runs,
        "starts": STARTS,
        "first_paint_s": round(statistics.median(painted), 2),
        "slowest_s": round(max(painted), 2),
        "cpu_s": round(statistics.median(cpu), 2),
        "idle_share": round(idle, 4),
    }


def review(root: Path, findings: int, count: int) -> dict[str, dict[str, float]]:
    """Return what keys cost in a review of many findings, quiet and under load."""
    workspace = Workspace(root)
    root.mkdir()
    waiting_run(workspace, documents=findings * 3 // 8)  # eight findings in three documents
    told: dict[str, dict[str, float]] = {}
    with opened(workspace) as terminal:
        terminal.wait_for(b"waiting")
        terminal.quiet(SETTLED)
        began = time.monotonic()
        os.write(terminal.descriptor, b"\r")
        terminal.wait_for(b"not decided yet")
        told["open"] = {"findings": findings, "seconds": round(time.monotonic() - began, 2)}
        terminal.quiet(SETTLED)
        for name, key in (("next", b"j"), ("accept", b"a"), ("undo", b"u")):
            told[name] = keys(terminal, key, count)
        with load():
            for name, key in (("next", b"j"), ("accept", b"a")):
                told[f"{name}, under load"] = keys(terminal, key, count)
        told["accept all equal"] = keys(terminal, b"A", min(4, count))  # of five values
    return told


def goals(start: dict[str, float], told: dict[str, dict[str, float]]) -> list[Goal]:
    """Return the figures that have a goal; the ones of "accept all equal" follow from how many are equal."""
    found = [Goal(f"first paint, {start['runs']} runs", start["first_paint_s"], FIRST_PAINT, "s")]
    for name, each in told.items():
        if name not in ("open", "accept all equal"):
            found += [Goal(f"{name}: {end}", each[f"{end}_ms"], KEY_TO_PAINT, "ms") for end in ("median", "p95")]
    return [*found, Goal("at rest", start["idle_share"] * 100, IDLE_SHARE * 100, "% of a core")]


def main() -> int:
    """Print one JSON object a measurement, then the goals."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--findings", type=int, default=50_000)
    parser.add_argument("--runs", type=int, default=1_000)
    parser.add_argument("--keys", type=int, default=100, help="of each kind")
    parser.add_argument("--check", action="store_true", help="end with 1 where a goal is missed")
    asked = parser.parse_args()
    began = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        start = full_list(Path(folder) / "list", asked.runs)
        print(json.dumps({"start": start}), flush=True)
        told = review(Path(folder) / "review", asked.findings, asked.keys)
    for name, each in told.items():
        print(json.dumps({name: each}), flush=True)
    found = goals(start, told)
    print(f"\n{len(os.sched_getaffinity(0))} cores, load {began:.1f} at the start; other work makes every figure worse")
    for goal in found:
        verdict = "PASS" if goal.is_met else "MISS"
        print(f"{verdict}  {goal.name:<32} {goal.value:>8.2f} < {goal.limit:g} {goal.unit}")
    return 1 if asked.check and not all(goal.is_met for goal in found) else 0


if __name__ == "__main__":
    sys.exit(main())
