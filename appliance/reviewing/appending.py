"""Appends whole lines to a file that people decide in: what is shown as made is on the disk.

Covers: several writers at once, a power cut (an unfinished last line was never shown as made, and is cut off before the
next one).
Does not cover: file systems without flock.
"""

import os
from pathlib import Path
from typing import BinaryIO

from appliance.core.errors import InputError
from appliance.core.locking import locked


def append_durably(file: Path, content: bytes) -> None:
    """Write lines to the end of a file, and to the disk; the file is made where it is not there.

    Raises:
        Busy: somebody else has been writing for a second.
        InputError: the file cannot be written.
    """
    try:
        with locked(file.with_name(f".{file.name}.lock"), f"{file}"):
            descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
            with os.fdopen(descriptor, "rb+") as stream:
                stream.seek(_end_of_lines(stream))
                stream.truncate()
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
    except OSError as error:
        reason = error.strerror or "cannot be written"
        raise InputError(f"{file}: {reason}; the decision was not made", hint="free space, try again") from error


def _end_of_lines(stream: BinaryIO) -> int:
    """Return where the last whole line ends; only a file that was cut off is read for it."""
    size = stream.seek(0, os.SEEK_END)
    if size:
        stream.seek(size - 1)
        if stream.read(1) != b"\n":
            stream.seek(0)
            return stream.read().rfind(b"\n") + 1
    return size
