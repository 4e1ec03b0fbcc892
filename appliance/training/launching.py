"""Start the processes of a group on this machine, hear what the first one says, end all of them when one dies.

Not torchrun: its store listens on every interface of the machine and asks the name server who 127.0.0.1 is. Here the
processes meet in a file, and nothing but the loopback is used (docs/decisions/0013-processes-meet-in-a-file.md).

Covers: a process that dies, by itself or from outside: the others, which would wait for it for ever, are ended.
Does not cover: several machines.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread
from typing import IO

from appliance.training.processes import MEETING

# gloo and nccl would ask for the address of this machine's own name, and listen there
_LOOPBACK = {"GLOO_SOCKET_IFNAME": "lo", "NCCL_SOCKET_IFNAME": "lo"}
PATIENCE = 10.0  # seconds that the others get to end by themselves: most failures are those of all
PAUSE = 0.2  # seconds between two looks at the processes


class Started:
    """The processes of a group at work."""

    def __init__(self, processes: Sequence[subprocess.Popen[str]]) -> None:
        self._processes = processes

    def lines(self) -> Iterator[str]:
        """Yield what the first process prints, until it ends."""
        stdout = self._processes[0].stdout
        assert stdout is not None
        yield from stdout

    def ask_to_stop(self) -> None:
        """Send SIGTERM to all that are alive."""
        for process in self._processes:
            if process.poll() is None:
                process.terminate()

    def wait(self) -> int:
        """Wait for all to end; return the first status that is none of success, else 0."""
        statuses = [process.wait() for process in self._processes]
        return next((status for status in statuses if status), 0)

    def watch(self, ended: Event) -> None:
        """End the others when one has failed; return when all have ended, or `ended` is set."""
        while not ended.wait(PAUSE):
            statuses = [process.poll() for process in self._processes]
            if None not in statuses:
                return
            if any(statuses):
                self._end_all()
                return

    def _end_all(self) -> None:
        deadline = time.monotonic() + PATIENCE
        for process in self._processes:
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()  # its checkpoints are whole at any moment


@contextmanager
def started_group(
    processes: int, arguments: Sequence[str], environment: Mapping[str, str], complaints: IO[str]
) -> Iterator[Started]:
    """Run a Python module or script in several processes that find each other; all have ended when the context ends.

    Args:
        processes: how many.
        arguments: of the interpreter, the same for all.
        environment: of all; each gets its number besides.
        complaints: where their standard error goes.
    """
    with TemporaryDirectory(prefix="group-") as folder:
        here = {**environment, **_LOOPBACK, MEETING: str(Path(folder) / "meeting"), "WORLD_SIZE": str(processes)}
        started = [_start(rank, arguments, here, complaints) for rank in range(processes)]
        group, ended = Started(started), Event()
        watcher = Thread(target=group.watch, args=(ended,), daemon=True)
        watcher.start()
        try:
            yield group
        finally:
            group.ask_to_stop()
            group.wait()
            ended.set()
            watcher.join()
            for process in started:
                if process.stdout is not None:
                    process.stdout.close()


def _start(
    rank: int, arguments: Sequence[str], environment: Mapping[str, str], complaints: IO[str]
) -> "subprocess.Popen[str]":
    told = {**os.environ, **environment, "RANK": str(rank), "LOCAL_RANK": str(rank)}
    said = subprocess.PIPE if rank == 0 else subprocess.DEVNULL
    return subprocess.Popen([sys.executable, *arguments], stdout=said, stderr=complaints, text=True, env=told)
