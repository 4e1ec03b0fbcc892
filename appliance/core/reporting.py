"""How a stage speaks while it works: progress, notes, training points; and how it learns that it should stop."""

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from types import TracebackType
from typing import Any, Literal, Self

from appliance.core.errors import Interrupted
from appliance.core.events import HEARTBEAT, EventLog

MIN_PAUSE = 0.2  # seconds between two progress events


class Reporter:
    """The voice of one step."""

    def __init__(self, log: EventLog, step: str, should_stop: Callable[[], bool]) -> None:
        self._log = log
        self._step = step
        self._last = 0.0
        self.should_stop = should_stop

    def progress(self, done: int, total: int, unit: str = "") -> None:
        """Say how far the step is; at most five times a second, the last one always.

        Raises:
            Interrupted: the run was asked to stop.
        """
        self.say(done, total, unit)
        if self.should_stop():
            raise Interrupted(f"stopped during {self._step}", hint="start the run again: it goes on from here")

    def say(self, done: int, total: int, unit: str = "") -> None:
        """Say how far the step is, for a stage that looks itself whether it should stop."""
        now = time.monotonic()
        if now - self._last >= MIN_PAUSE or done == total:
            self._last = now
            self._log.append("progress", step=self._step, done=done, total=total, unit=unit)

    def trained(self, point: Mapping[str, Any]) -> None:
        """Report one optimiser step."""
        self._log.append("trained", **point)

    def note(self, message: str, level: Literal["info", "warning"] = "info") -> None:
        """Say something that a person should read. Never the text of a record."""
        self._log.append("note", level=level, message=message)


class Heartbeat:
    """Says every few seconds that the worker is alive, whatever it is doing."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)

    def _beat(self) -> None:
        while not self._ended.wait(HEARTBEAT):
            with suppress(OSError):  # a full disk is told by whoever has something to say
                self._log.append("alive")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()


Facts = dict[str, Any]
