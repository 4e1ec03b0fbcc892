"""A limit of CPU time for a piece of work that may never end: a pattern on a hostile text.

CPU time, not wall time: what a text costs does not depend on how busy the machine is, so that the same record fails on
every run or on none. Covers: Python code, the patterns of `re` and `regex`. Does not cover: a wait that burns no CPU, a
loop inside of compiled code; the process that does the work is watched from outside for these (pool.py).
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from anonymize.errors import DetectionError

AGAIN_SECONDS = 1.0  # a library that swallows the first alarm gets another
CHARACTER_SECONDS = 0.001  # the slowest model reads some thousand characters a second


@contextmanager
def cpu_limit(seconds: float) -> Iterator[None]:
    """Interrupt the block when it has used so much CPU time; signals exist in a process's main thread only.

    Raises:
        DetectionError: it took longer.
    """
    if threading.current_thread() is not threading.main_thread():
        raise RuntimeError("a limit of CPU time needs the main thread")  # a mistake of the caller

    def interrupt(signum: int, frame: FrameType | None) -> None:
        del signum, frame
        raise DetectionError(f"took more than {seconds:g} s")

    before = signal.signal(signal.SIGVTALRM, interrupt)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds, AGAIN_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def seconds_for(characters: int, floor: float) -> float:
    """Return how much CPU time a recognizer may use for so many characters."""
    return round(floor + characters * CHARACTER_SECONDS, 3)
