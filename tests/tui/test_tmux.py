"""The UI in tmux, as it runs over SSH: signals, another size, a client that comes back, a Japanese input method."""

import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from rich.cells import cell_len

from appliance.core.workspace import Workspace

TMUX = shutil.which("tmux")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(TMUX is None, reason="tmux is not installed: apt-get install tmux"),
]
LIMIT = 20.0  # seconds, on a machine that does other things too
FLAGS = "#{alternate_on} #{mouse_any_flag} #{cursor_flag}"
CLEAN, DRAWN = "0 0 1", "1 1 0"


class Pane:
    """A shell in a tmux server of its own, and the UI in it."""

    def __init__(self, folder: Path, workspace: Workspace) -> None:
        self._folder, self._workspace = folder, workspace
        self._tmux = [str(TMUX), "-S", str(folder / "socket"), "-f", "/dev/null"]
        shell = "env -u BASH_ENV COLUMNS=80 PS1=ready: LC_ALL=C.UTF-8 bash --norc --noprofile -i"
        self.tmux("new-session", "-d", "-x", "80", "-y", "24", "-s", "t", shell)
        self.tmux("set-option", "-g", "status", "off")
        self.wait("ready:")

    def tmux(self, *words: str) -> str:
        done = subprocess.run([*self._tmux, *words], capture_output=True, text=True, timeout=LIMIT, check=True)
        return done.stdout

    def type(self, text: str) -> None:
        self.tmux("send-keys", "-t", "t", "-l", text)

    def key(self, *names: str) -> None:
        self.tmux("send-keys", "-t", "t", *names)

    def lines(self) -> list[str]:
        return self.tmux("capture-pane", "-p", "-t", "t").split("\n")[:-1]

    def flags(self) -> str:
        return self.tmux("display-message", "-p", "-t", "t", FLAGS).strip()

    def resize(self, width: int, height: int) -> None:
        self.tmux("resize-window", "-t", "t", "-x", str(width), "-y", str(height))

    def wait(self, text: str) -> list[str]:
        return self.until(lambda: text in "\n".join(self.lines()))

    def until(self, is_so: Callable[[], bool]) -> list[str]:
        deadline = time.monotonic() + LIMIT
        while not is_so():
            assert time.monotonic() < deadline, "\n".join(self.lines())
            time.sleep(0.03)
        return self.lines()

    def reaches(self, width: int, height: int) -> bool:
        """Tell whether the frame of the table reaches both edges, and the keys stand in the last row."""
        lines = self.lines()
        return len(lines) == height and max(map(cell_len, lines)) == width and "終了" in lines[-1]

    def file(self, name: str) -> str:
        found = self._folder / name
        self.until(lambda: found.exists() and found.read_text().endswith("\n"))
        return found.read_text().strip()

    def open(self, *options: str) -> int:
        """Start the UI as a job of the shell; return its process id."""
        ui = shlex.join([sys.executable, "-m", "tui", "--workspace", str(self._workspace.root), *options])
        (self._folder / "ui.sh").write_text(f"cd {self._folder}; echo $$ > pid; cd {Path.cwd()}; exec {ui}\n")
        self.type(f"F={self._folder}; stty -g > $F/before; clear\n")
        self.file("before")
        self.type("sh $F/ui.sh; echo $? > $F/status; stty -g > $F/after; echo left:\n")
        self.wait("0.12->0.81")  # the last row is known
        self.until(lambda: self.flags() == DRAWN)
        return int(self.file("pid"))


@pytest.fixture
def pane(four_runs: Workspace, tmp_path: Path) -> Iterator[Pane]:
    opened = Pane(tmp_path, four_runs)
    try:
        yield opened
    finally:
        subprocess.run([*opened._tmux, "kill-server"], capture_output=True, timeout=LIMIT, check=False)


@pytest.mark.parametrize(
    ("number", "status"),
    [(signal.SIGINT, "130"), (signal.SIGTERM, "143"), (signal.SIGHUP, "129")],
    ids=["int", "term", "hup"],
)
def test_a_signal_leaves_the_terminal_as_it_was(pane: Pane, number: int, status: str) -> None:
    os.kill(pane.open(), number)
    pane.wait("left:")
    assert pane.file("status") == status
    assert pane.file("after") == pane.file("before")
    assert pane.flags() == CLEAN
    pane.type("echo it-$((6*7))\n")
    pane.wait("it-42")  # the shell echoes and runs what is typed


def test_a_ui_whose_tmux_is_killed_ends_too(pane: Pane) -> None:
    process = pane.open()
    server = int(pane.tmux("display-message", "-p", "-t", "t", "#{pid}"))
    os.kill(server, signal.SIGKILL)
    deadline = time.monotonic() + LIMIT
    while Path(f"/proc/{process}").exists():
        assert time.monotonic() < deadline
        time.sleep(0.03)


def test_a_stopped_ui_gives_the_terminal_back_and_goes_on(pane: Pane) -> None:
    process = pane.open()
    shown = pane.lines()[:8]
    os.kill(process, signal.SIGTSTP)
    pane.wait("Stopped")
    assert pane.flags() == CLEAN
    pane.type(f"stty -g > {shlex.quote(str(pane._folder))}/stopped; clear; fg\n")
    pane.until(lambda: pane.flags() == DRAWN and pane.lines()[:8] == shown)
    assert pane.file("stopped") == pane.file("before")
    pane.key("q")
    pane.until(lambda: pane.flags() == CLEAN)
    pane.type("stty -g > $F/ended\n")
    assert pane.file("ended") == pane.file("before")


def test_another_size_is_laid_out_anew_and_the_old_one_comes_back_as_it_was(pane: Pane) -> None:
    process = pane.open("--lang", "ja")
    small = pane.lines()[:8]  # without what tells the time
    for width, height in ((120, 40), (20, 5), (1, 1), (80, 24)):
        pane.resize(width, height)
        if height < 24:
            pane.until(lambda size=height: len(pane.lines()) == size)  # type: ignore[misc]
            continue
        lines = pane.until(lambda size=(width, height): pane.reaches(*size))  # type: ignore[misc]
        assert all(cell_len(line) <= width for line in lines)
    pane.until(lambda: pane.lines()[:8] == small)
    os.kill(process, 0)  # it lives
    pane.key("q")
    pane.wait("left:")


def test_a_client_that_comes_back_sees_the_screen_at_once(pane: Pane) -> None:
    pane.open()
    control, side = os.openpty()
    began = time.monotonic()
    attach = [*pane._tmux, "attach-session", "-t", "t"]
    client = subprocess.Popen(
        attach, stdin=side, stdout=side, stderr=side, env={**os.environ, "TERM": "xterm"}, start_new_session=True
    )
    os.close(side)
    try:
        seen = b""
        while b"tickets-ja-q3" not in seen:
            seen += os.read(control, 65536)
            assert time.monotonic() - began < 2.0
    finally:
        client.kill()
        client.wait()
        os.close(control)


def test_keys_typed_through_an_input_method_do_what_they_say_and_kanji_can_be_typed(pane: Pane) -> None:
    pane.open("--lang", "ja")
    pane.type("？")
    pane.wait("Esc で閉じる")
    pane.key("Escape")
    pane.until(lambda: "Esc" not in "\n".join(pane.lines()))
    cursor = [line for line in pane.lines() if ">" in line]
    pane.type("ｊ")
    pane.until(lambda: [line for line in pane.lines() if ">" in line] != cursor)
    pane.type("／")
    pane.type("保全ｊa")
    pane.wait("保全ｊa")
    pane.wait("Esc")  # no run has this in its name
    pane.key("Escape")
    pane.wait("tickets-ja-q3")
    pane.type("ｑ")
    pane.wait("left:")
    assert pane.file("status") == "0"
