"""Kernel locks on files: they end with the process that holds them, however that ends.

Does not cover: file systems without flock.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from appliance.core.errors import Busy

LOCK_PATIENCE = 1.0  # seconds


@contextmanager
def locked(file: Path, what: str) -> Iterator[None]:
    """Hold a kernel lock on a file; it ends with the process, however that ends.

    Raises:
        Busy: another process holds it.
    """
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if not _takes_lock(descriptor):
            raise Busy(f"{what} is in use by another worker", hint="wait for it, or stop it first")
        os.ftruncate(descriptor, 0)
        os.write(descriptor, str(os.getpid()).encode())
        yield
    finally:
        os.close(descriptor)


def _takes_lock(descriptor: int) -> bool:
    """Try for a moment: somebody who only looks whether the lock is held holds it for that instant."""
    deadline = time.monotonic() + LOCK_PATIENCE
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        else:
            return True


def lock_holder(file: Path) -> int | None:
    """Return the process id of the living holder of a lock, or None where nobody holds it."""
    try:
        descriptor = os.open(file, os.O_RDWR)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        text = os.pread(descriptor, 32, 0).decode()
        return int(text) if text.isdigit() else None
    else:
        return None
    finally:
        os.close(descriptor)
