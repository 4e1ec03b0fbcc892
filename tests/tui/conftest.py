"""Workspaces of real event files, and a driver that runs a coroutine inside the app and reads its screen."""

import asyncio
import json
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from fcntl import ioctl
from pathlib import Path
from typing import Any

import pytest
from textual import _wait, screen
from textual.css.stylesheet import Stylesheet
from textual.pilot import Pilot
from textual.widgets._toast import Toast

from appliance.core.events import EventLog
from appliance.core.locking import locked
from appliance.core.workspace import RunFolder, Workspace
from tui.app import ApplianceApp
from tui.context import Context
from tui.language import language
from tui.widgets.run_table import UNKNOWN

# the path, as the worker announces it
STEPS = [
    *("intake", "ingest", "detect", "review", "anonymize", "prepare"),
    *("train", "evaluate", "export", "verify", "bundle"),
]
LIMIT = 8.0  # seconds that a screen may take on a busy machine
FACTS = {
    "evaluate": {
        "kind": "line",
        "scores": {
            who: {
                "exact_match": {"value": value, "low": value - 0.04, "high": value + 0.04, "samples": 200},
                "wer": {"value": 1 - value, "low": 0.9 - value, "high": 1.1 - value, "samples": 200},
            }
            for who, value in (("base", 0.12), ("dictionary", 0.55), ("adapted", 0.81))
        },
    },
    "verify": {
        "variants": {
            "float": {"bytes": 540_000_000, "decode_tokens_per_second": 21.0, "retention": 1.0, "passed": True},
            "int8": {"bytes": 140_000_000, "decode_tokens_per_second": 44.5, "retention": 0.94, "passed": False},
            "int4": {"bytes": 86_000_000, "decode_tokens_per_second": 61.2, "retention": 0.99, "passed": True},
        },
        "chosen": "int4",
    },
    "bundle": {"name": "tickets", "version": "1", "bytes": 91_000_000},
}


class RunWriter:
    """Writes the events of one run, as a worker does."""

    def __init__(self, run: RunFolder, name: str) -> None:
        self.run = run
        run.folder.mkdir(parents=True)
        run.settings.write_text(json.dumps({"run": {"name": name}}, indent=1), encoding="utf-8")
        self.log = EventLog(run.events)
        self.log.append("run_started", name=name, steps=STEPS)

    def finish(self, *steps: str) -> None:
        for step in steps:
            self.log.append("step_started", step=step)
            facts = FACTS.get(step, {})
            self.log.append("step_finished", step=step, reused=False, seconds=1.25, digest="ab" * 32, facts=facts)

    def train(self, points: int, of: int) -> None:
        self.log.append("step_started", step="train")
        for step in range(1, points + 1):
            self.log.append("progress", step="train", done=step, total=of, unit="steps")
            loss = 0.5 + 2 / step
            self.log.append(
                "trained",
                step=step,
                steps=of,
                epoch=step / of * 3,
                loss=loss,
                valid_loss=loss + 0.1 if step % 10 == 0 else None,
                learning_rate=1.2e-4,
                gradient_norm=0.81,
                tokens_per_second=1840.0,
                rss_bytes=2_100_000_000,
                seconds_left=float(of - step) if step > 3 else None,
            )


@pytest.fixture(autouse=True, scope="session")
def quick_textual() -> Iterator[None]:
    """Parse each sheet once for all apps of this process; paint, and ask whether one is idle, four times as often.

    The rules of a sheet follow from its text and the variables of a theme; apps share them, and change none.
    """
    parse, parsed = Stylesheet._parse_rules, {}

    def parse_once(sheet: Stylesheet, *text: Any, **how: Any) -> Any:
        asked = (*sheet._variables.items(), *text, *how.items())
        if asked not in parsed:
            parsed[asked] = parse(sheet, *text, **how)
        return parsed[asked]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Stylesheet, "_parse_rules", parse_once)
        patch.setattr(screen, "UPDATE_PERIOD", screen.UPDATE_PERIOD / 4)
        patch.setattr(_wait, "SLEEP_GRANULARITY", _wait.SLEEP_GRANULARITY / 4)
        patch.setattr(_wait, "SLEEP_IDLE", _wait.SLEEP_IDLE / 4)
        yield


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "workspace")


@pytest.fixture
def held() -> Iterator[Callable[[RunFolder], None]]:
    """Hold a run's lock in this process, as its living worker would."""
    with ExitStack() as stack:
        yield lambda run: stack.enter_context(locked(run.lock, "test"))


@pytest.fixture
def write_run(workspace: Workspace) -> Callable[[str], RunWriter]:
    return lambda run_id: RunWriter(workspace.run(run_id), run_id.rpartition("-")[0])


@pytest.fixture
def living_run(write_run: Callable[[str], RunWriter], held: Callable[[RunFolder], None]) -> RunWriter:
    """A run with a worker that is alive and has not said anything yet."""
    writer = write_run("tickets-aaaaaaaa")
    held(writer.run)
    return writer


@pytest.fixture
def four_runs(write_run: Callable[[str], RunWriter], held: Callable[[RunFolder], None]) -> Workspace:
    """One finished, one failed, one that waits for a person, one that trains and is alive."""
    done = write_run("tickets-en-aaaaaaaa")
    done.finish(*STEPS)
    done.log.append("run_finished", seconds=14.0)
    failed = write_run("tickets-ja-q2-bbbbbbbb")
    failed.finish(*STEPS[:2])
    failed.log.append("step_started", step="detect")
    failed.log.append("failed", code="resources", exit_status=5, message="the disk is full", hint="free some space")
    waiting = write_run("maint-logs-cccccccc")
    waiting.finish(*STEPS[:3])
    waiting.log.append("waiting", message="412 findings are not decided", hint="write decisions.jsonl")
    running = write_run("tickets-ja-q3-dddddddd")
    held(running.run)
    running.finish(*STEPS[:6])
    running.train(40, 100)
    running.log.append("note", level="info", message="checkpoint 40 saved")
    running.log.append("note", level="warning", message="勾配が大きい: gradient norm 8.1")
    return Workspace(running.run.folder.parent.parent)


@pytest.fixture
def thousand_runs(write_run: Callable[[str], RunWriter], workspace: Workspace) -> Workspace:
    """A workspace that was in use for a year: copies of one finished run."""
    writer = write_run("run-00000000")
    writer.finish(*STEPS)
    events = writer.run.events.read_bytes()
    for number in range(1, 1000):
        run = workspace.run(f"run-{number:08x}")
        run.folder.mkdir()
        run.settings.write_bytes(b"{}")
        run.events.write_bytes(events)
    return workspace


ENTER_SCREEN, LEAVE_SCREEN, SHOW_CURSOR, MOUSE_OFF = b"\x1b[?1049h", b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?1000l"


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

    def rest(self) -> None:
        """Read until nothing more comes for a moment."""
        before = -1
        while before < len(self.written):
            before = len(self.written)
            self._read(0.15)

    def press(self, keys: bytes) -> None:
        os.write(self.control, keys)

    def hang_up(self) -> int:
        """Take the terminal away, as a killed tmux does; return the exit status of the child."""
        os.close(self.control)
        self.control = -1
        return self.child.wait(15)

    def _read(self, pause: float) -> None:
        while select.select([self.control], [], [], pause)[0]:
            try:
                self.written += os.read(self.control, 65536)
            except OSError:  # the other side is closed
                return
            pause = 0


@pytest.fixture
def terminal() -> Callable[..., AbstractContextManager[Terminal]]:
    """Open the UI, or another program of ours, in a terminal of its own."""
    return _terminal


@contextmanager
def _terminal(
    workspace: Workspace, *options: str, program: Sequence[str] = (), folder: Path | None = None, **environment: str
) -> Iterator[Terminal]:
    control, side = pty.openpty()
    ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    child = subprocess.Popen(
        program or [sys.executable, "-m", "tui", "--workspace", str(workspace.root), "--lang", "en", *options],
        cwd=folder,
        stdin=side,
        stdout=side,
        stderr=side,
        env={**os.environ, "TERM": "xterm-256color", "TEXTUAL_SCREENSHOT": "1", **environment},
        start_new_session=True,
    )
    os.close(side)
    opened = Terminal(child, control)
    try:
        yield opened
    finally:
        if child.poll() is None:
            child.kill()
        child.wait()
        if opened.control >= 0:
            os.close(control)


Scene = Callable[[Pilot[Any]], Awaitable[None]]


@pytest.fixture
def drive() -> Callable[..., None]:
    """Run a scene inside the app, in a terminal of a given size."""

    def run(workspace: Workspace, scene: Scene, size: tuple[int, int] = (80, 24), lang: Any = "en", **how: Any) -> None:
        async def play() -> None:
            app = ApplianceApp(Context(workspace, language(lang), **how))
            async with app.run_test(size=size, notifications=True) as pilot:
                await _until(pilot, lambda: _is_drawn(_lines(pilot)))
                await scene(pilot)

        asyncio.run(play())

    return run


@pytest.fixture
def screen_lines() -> Callable[[Pilot[Any]], list[str]]:
    """Return what stands on the screen, line by line."""
    return _lines


@pytest.fixture
def shown() -> Callable[[Pilot[Any], str], Awaitable[str]]:
    """Wait until a text stands on the screen, however busy the machine is; return the whole screen."""

    async def wait(pilot: Pilot[Any], text: str) -> str:
        await _until(pilot, lambda: text in "\n".join(_lines(pilot)))
        return "\n".join(_lines(pilot))

    return wait


@pytest.fixture
def told() -> Callable[[Pilot[Any], str], Awaitable[None]]:
    """Wait until a message on the screen holds a sentence; a long path is wrapped anywhere, so blanks do not count."""

    async def wait(pilot: Pilot[Any], sentence: str) -> None:
        await _until(pilot, lambda: "".join(sentence.split()) in _messages(pilot))

    return wait


def _messages(pilot: Pilot[Any]) -> str:
    """Return what the messages show, their wrapped lines joined, without blanks."""
    strips = pilot.app.screen._compositor.render_strips()
    regions = [toast.region for toast in pilot.app.screen.query(Toast)]
    drawn = [strips[y].crop(place.x, place.right).text for place in regions for y in range(place.y, place.bottom)]
    return "".join("".join(drawn).replace("▌", "").replace("▐", "").split())


def _lines(pilot: Pilot[Any]) -> list[str]:
    return [strip.text for strip in pilot.app.screen._compositor.render_strips()]


def _is_drawn(lines: list[str]) -> bool:
    """The title is there, the state of every row in sight is known, and so are the keys."""
    return "1 " in lines[0] and bool(lines[1].strip()) and UNKNOWN not in "".join(lines[1:]) and bool(lines[-1].strip())


async def _until(pilot: Pilot[Any], is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LIMIT
    while not is_so() and time.monotonic() < deadline:
        await pilot.pause(0.02)
    assert is_so(), "\n".join(_lines(pilot))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Of two sizes and two languages the fast tests meet each once; the other two pairs come with the whole suite."""
    for item in items:
        if any(pair in item.name for pair in ("en-size1", "ja-size0", "size1-en", "size0-ja")):
            item.add_marker(pytest.mark.slow)
