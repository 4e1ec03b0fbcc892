"""The thread that owns an engine; others hand it jobs through a queue and hear events.

Covers: a reader that is slow, or gone, never holds the thread up: events go into a queue of the reader's own. At most
`queue` jobs wait; one more is refused at once, with a guess when to come back. A worker that is retired takes nothing
new and ends when its last answer is written.
"""

import logging
import queue
import threading
import time
from collections.abc import Callable

from appliance.core.errors import ApplianceError
from appliance.serve.engine import Engine
from appliance.serve.jobs import Done, Event, Job, Order

log = logging.getLogger("appliance.serve")


class Overloaded(ApplianceError):
    """Too many jobs wait; `retry_after` says when a place may be free, in seconds."""

    code = "overloaded"
    exit_status = 75

    def __init__(self, retry_after: int) -> None:
        super().__init__("too many requests wait", hint=f"try again in {retry_after} s")
        self.retry_after = retry_after


class Retired(Exception):
    """The worker takes nothing new: another version is in service."""


class Worker:
    """One engine and its thread."""

    def __init__(self, engine: Engine, *, queue_limit: int) -> None:
        self.engine = engine
        self._limit = queue_limit
        self._inbox: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._open = 0  # jobs that have not ended
        self._seconds_per_job = 1.0  # a moving mean
        self._retired = False
        self._failed = False
        self._thread = threading.Thread(target=self._work, name="engine", daemon=True)
        self._thread.start()

    @property
    def open_jobs(self) -> int:
        """How many jobs wait or are written."""
        return self._open

    @property
    def is_alive(self) -> bool:
        """Whether it works; False after a failure of the engine, and once it has retired."""
        return self._thread.is_alive() and not self._failed

    @property
    def has_failed(self) -> bool:
        """Whether the engine failed and everybody who waited has been told."""
        return self._failed and not self._thread.is_alive()

    def submit(self, order: Order, deliver: Callable[[Event], None]) -> Job:
        """Hand over an order; `deliver` is called from the worker's thread.

        Raises:
            Overloaded: too many wait, or the engine has failed.
            Retired: another version is in service.
        """
        with self._lock:
            if self._retired:
                raise Retired
            if self._open >= self._limit or not self.is_alive:
                raise Overloaded(max(1, min(60, round(self._open * self._seconds_per_job / 2))))
            self._open += 1
            job = self._job(order, deliver)
            self._inbox.put(job)  # under the lock: what is taken after a failure would never be answered
        return job

    def retire(self) -> None:
        """Take nothing new, and end when what was taken is written."""
        with self._lock:
            self._retired = True
        self._inbox.put(None)

    def join(self, timeout: float) -> None:
        """Wait for the end of a retired worker, at most so many seconds."""
        self._thread.join(timeout)

    def _job(self, order: Order, deliver: Callable[[Event], None]) -> Job:
        started = time.monotonic()

        def passed_on(event: Event) -> None:
            if isinstance(event, Done):
                self._ended(time.monotonic() - started)
            deliver(event)

        return Job(order, passed_on)

    def _ended(self, seconds: float) -> None:
        with self._lock:
            self._open -= 1
            self._seconds_per_job += (seconds / max(1, self._open + 1) - self._seconds_per_job) / 8

    def _work(self) -> None:
        try:
            while not (self._retired and self._open == 0):
                self._receive()
                self.engine.step()
        except Exception as error:  # noqa: BLE001 the outermost frame: a traceback may quote what was asked
            log.error("the engine failed: %s", type(error).__qualname__)
            with self._lock:
                self._failed = True  # nothing new is taken, /ready says so
        finally:
            self._admit_the_rest()
            self.engine.close()

    def _admit_the_rest(self) -> None:
        """Let the engine know of everybody who waits, so that each hears the end."""
        while not self._inbox.empty():
            job = self._inbox.get()
            if job is not None:
                self.engine.admit(job)

    def _receive(self) -> None:
        """Take what has come; wait for it where there is nothing else to do."""
        waits = self.engine.is_idle
        while True:
            try:
                job = self._inbox.get(block=waits)
            except queue.Empty:
                return
            if job is None:
                return
            self.engine.admit(job)
            waits = False
