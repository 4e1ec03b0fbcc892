"""JSON lines of a child process, as they come; whoever no longer wants them ends the child.

Covers: a child that is slow, ends early, or prints what is no JSON. Does not cover: a child that starts others.
"""

import json
import subprocess
import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from appliance.core.errors import ApplianceError, InputError

ENDED_BY_US = -9  # SIGKILL


class ChildLines(Iterator[dict[str, Any]]):
    """Yields the lines; `close` may be called from another thread while one is waited for."""

    def __init__(self, command: list[str], said: str = "") -> None:
        """Start the child; what is said to it goes to its standard input, which nobody else sees."""
        self._child = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert self._child.stdin
        with suppress(BrokenPipeError):  # a child that ended at once is told by its status
            self._child.stdin.write(said)
            self._child.stdin.close()
        self._reading = threading.Lock()

    def __next__(self) -> dict[str, Any]:
        """Wait for the next line.

        Raises:
            InputError: the child tells an error.
            ApplianceError: it ended without a word about it, or printed something else.
        """
        line = self._line()
        if not line:
            status = self._child.wait()
            self.close()
            if status in (0, ENDED_BY_US):
                raise StopIteration
            raise ApplianceError(
                f"the child process ended with {status}", hint="try again; appliance doctor tells more"
            )
        try:
            found: dict[str, Any] = json.loads(line)
        except ValueError:
            self.close()
            raise ApplianceError("the child process printed what is no JSON") from None
        if "error" in found:
            self.close()
            raise InputError(found["error"], hint=found["hint"])
        return found

    def _line(self) -> str:
        assert self._child.stdout
        with self._reading:
            return "" if self._child.stdout.closed else self._child.stdout.readline()

    def close(self) -> None:
        """End the child, whatever it is doing."""
        assert self._child.stdout
        self._child.kill()
        self._child.wait()
        with self._reading:  # a thread that waits for a line gets the end of the stream now
            self._child.stdout.close()
