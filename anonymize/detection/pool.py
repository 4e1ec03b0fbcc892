"""Run a job on shards of items in several processes: in order, bounded, and without waiting for ever.

A process that dies or stalls is replaced and its shard is tried once more, item by item: the item that ends it again is
answered with a reason instead of a result. Processes are replaced after so many items as well, since a tokenizer that
they use leaks. Covers: a crash, a kill for lack of memory, a loop in compiled code. Does not cover: a stalled disk.
"""

import itertools
import os
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any, Generic, Protocol, TypeVar

from anonymize.detection import worker
from anonymize.errors import DetectionError

START_SECONDS = 600.0  # loading all models takes 20 s on an idle machine
RENEW_AFTER = 20_000  # items; the Japanese tokenizer keeps about a kilobyte for every new word (spaCy issue 13684)
SHARDS_AHEAD = 2  # of each process: it need not wait for the reader of the results
_START = "import sys; sys.path[:] = {path!r}; from anonymize.detection.worker import main; main({read}, {write})"

Item = TypeVar("Item")
Answer = TypeVar("Answer")
Item_contra = TypeVar("Item_contra", contravariant=True)
Answer_co = TypeVar("Answer_co", covariant=True)


class Job(Protocol[Item_contra, Answer_co]):
    """Work that can be sent to another process: `prepare` loads what it needs, there."""

    def prepare(self) -> Callable[[Sequence[Item_contra]], Sequence[Answer_co]]:
        """Return the function that answers a shard, an answer for each item."""
        ...


@dataclass(frozen=True, slots=True)
class Lost:
    """Instead of an answer: why there is none."""

    reason: str


class WorkerLost(DetectionError):
    """A process died or stalled."""


@dataclass(frozen=True, slots=True)
class Limits:
    """When a process is given up, and when it is renewed."""

    stall_seconds: float = 600.0  # of wall time for one shard
    renew_after: int = RENEW_AFTER  # items


class Pool(Generic[Item, Answer]):
    """So many processes that do one job; used as a context."""

    def __init__(self, job: Job[Item, Answer], processes: int, limits: Limits) -> None:
        self._job, self._processes, self._limits = job, processes, limits
        self._threads = ThreadPoolExecutor(processes, thread_name_prefix="detection")
        self._own = threading.local()  # each thread feeds one process
        self._workers: set[_Worker] = set()
        self._lock = threading.Lock()  # of the set and of the next line
        self._is_closed = False

    def __enter__(self) -> "Pool[Item, Answer]":
        return self

    def __exit__(self, *exception: object) -> None:
        with self._lock:
            self._is_closed = True
            for running in self._workers:
                running.kill()  # wakes the thread that waits for its answer
        self._threads.shutdown(wait=True, cancel_futures=True)
        for running in list(self._workers):
            self._drop(running)

    def answers(self, shards: Iterable[Sequence[Item]]) -> Iterator[tuple[Sequence[Item], list[Answer | Lost]]]:
        """Yield each shard with its answers, in order.

        Raises:
            DetectionError: a process cannot start (a model is missing): then no shard can be read.
        """
        pending: deque[tuple[Sequence[Item], Future[list[Answer | Lost]]]] = deque()
        coming = iter(shards)
        for shard in itertools.islice(coming, self._processes * SHARDS_AHEAD):
            pending.append((shard, self._threads.submit(self._answer, shard)))
        while pending:
            shard, future = pending.popleft()
            answer = future.result()
            for another in itertools.islice(coming, 1):
                pending.append((another, self._threads.submit(self._answer, another)))
            yield shard, answer

    def _answer(self, shard: Sequence[Item]) -> list[Answer | Lost]:
        try:
            return self._ask(shard)
        except WorkerLost:
            return [self._answer_one(item) for item in shard]

    def _answer_one(self, item: Item) -> Answer | Lost:
        try:
            return self._ask([item])[0]
        except WorkerLost as error:
            return Lost(error.message)

    def _ask(self, items: Sequence[Item]) -> list[Answer | Lost]:
        running = self._ready_worker()
        try:
            return running.ask(items, self._limits.stall_seconds)
        except WorkerLost:
            self._own.worker = None
            self._drop(running)
            raise

    def _ready_worker(self) -> "_Worker":
        running: _Worker | None = getattr(self._own, "worker", None)
        if running is not None and running.answered < self._limits.renew_after:
            return running
        if running is not None:
            self._own.worker = None
            self._drop(running)
        with self._lock:
            if self._is_closed:
                raise WorkerLost("the reader of the results is gone")
            running = _Worker()
            self._workers.add(running)
        running.prepare(self._job)
        self._own.worker = running
        return running

    def _drop(self, running: "_Worker") -> None:
        running.end()
        with self._lock:
            self._workers.discard(running)


class _Worker:
    """One process and the two pipes to it."""

    def __init__(self) -> None:
        child_reads, we_write = os.pipe()
        we_read, child_writes = os.pipe()
        code = _START.format(path=sys.path, read=child_reads, write=child_writes)
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # one core for each process
        self._process = subprocess.Popen(
            [sys.executable, "-c", code],
            pass_fds=(child_reads, child_writes),
            env=environment,
            stdin=subprocess.DEVNULL,
        )
        os.close(child_reads)
        os.close(child_writes)
        self._questions = Connection(we_write, readable=False)
        self._answers = Connection(we_read, writable=False)
        self.answered = 0

    def prepare(self, job: object) -> None:
        """Send the job and wait until it is prepared.

        Raises:
            DetectionError: it cannot be; no other process would do better.
        """
        try:
            status, why = self._exchange(job, START_SECONDS)
        except WorkerLost as error:
            raise DetectionError(f"a worker process cannot start: {error.message}") from error
        if status != worker.READY:
            raise DetectionError(f"a worker process cannot start: {why}")

    def ask(self, items: Sequence[Any], seconds: float) -> list[Any]:
        """Return an answer for each item."""
        status, answers = self._exchange(items, seconds)
        self.answered += len(items)
        if status != worker.DONE:
            raise WorkerLost(f"a worker process failed with {answers}")
        return list(answers)

    def _exchange(self, question: object, seconds: float) -> tuple[str, Any]:
        try:
            self._questions.send(question)
            if not self._answers.poll(seconds):
                raise WorkerLost(f"a worker process gave no answer in {seconds:g} s")
            status, answer = self._answers.recv()
        except (EOFError, OSError) as error:
            raise WorkerLost("a worker process died") from error
        return status, answer

    def kill(self) -> None:
        """End the process, whatever it does."""
        self._process.kill()

    def end(self) -> None:
        """End the process and close the pipes; nobody may be waiting for an answer."""
        self.kill()
        self._process.wait()
        self._questions.close()
        self._answers.close()
