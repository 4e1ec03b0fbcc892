"""Parse a document in a process of its own that may neither eat the machine nor hang, and yield what it sends in order.

The process is limited in memory, processor time and time waited for it, opens no sockets, starts no programs and writes
no files; what it sends is bytes of JSON behind their length, checked here. It is started anew for every file.

Covers: bombs, loops, crashes of a parser written in C, a parser that writes to its output.
Does not cover: a parser that is taken over and reads other files of the same user (run it as a user of its own).
"""

import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import IO, Any

from anonymize.errors import SourceError
from anonymize.reading.pieces import Broken, Piece, Request, UnreadableFile

LENGTH_BYTES = 4  # big-endian, before every frame
GROWTH = 100  # characters that a file may give for each of its bytes ...
GROWTH_FREE = 64 << 20  # ... beyond these
STREAMED = ("mbox", "parquet")  # readers that hold a part of the file at a time
BYTES_A_CHARACTER = 6  # at most, of JSON in ASCII
# -I -S and the paths of this process: no variable of the environment and no .pth file decides what is imported
_PROGRAM = "import sys, json; sys.path[:] = json.loads(sys.argv[1]); from anonymize.reading.child import main; main()"
_NO_ENVIRONMENT = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "LC_ALL": "C.UTF-8"}


def isolated_pieces(reader: str, file: Path, request: Request) -> Iterator[Piece | Broken]:
    """Yield what the reader named so (see child.py) finds in the file.

    Raises:
        UnreadableFile: the file, or the rest of it, cannot be read, or costs more than the limits.
        SourceError: the file is not what was declared (a column that is not there).
    """
    size = file.stat().st_size
    if size > request.limits.file_bytes and reader not in STREAMED:
        raise UnreadableFile(f"larger than {request.limits.file_bytes:,} bytes")
    request = replace(request, limits=request.limits.for_size(size))
    task = json.dumps({"file": os.fspath(file.absolute()), "reader": reader, "request": asdict(request)})
    with _child() as child:
        assert child.stdin and child.stdout
        child.stdin.write(task.encode("ascii"))
        child.stdin.close()
        budget = GROWTH_FREE + GROWTH * size
        for frame in _frames(child.stdout, request):
            if "end" in frame:
                return
            try:
                piece = _checked(frame, file, request)
            except (KeyError, TypeError, AttributeError):
                raise UnreadableFile("its parser sends what is no record") from None
            budget -= sum(map(len, piece.columns.values())) if isinstance(piece, Piece) else 0
            if budget < 0:
                raise UnreadableFile(f"gives more than {GROWTH} times its size")
            yield piece
        raise UnreadableFile(_ending(child))


@contextmanager
def _child() -> Iterator["subprocess.Popen[bytes]"]:
    command = [sys.executable, "-I", "-S", "-c", _PROGRAM, json.dumps(sys.path)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=_NO_ENVIRONMENT
    ) as child:
        try:
            yield child
        finally:  # also where the records are no longer wanted
            child.kill()


def _frames(stream: IO[bytes], request: Request) -> Iterator[Mapping[str, Any]]:
    """Yield the frames until the child is silent; only the time waited for it counts, not that of our own caller."""
    limits = request.limits
    most = BYTES_A_CHARACTER * limits.text_chars * max(1, len(request.columns)) + 4_096
    left = limits.wall_seconds
    received = bytearray()
    needed = LENGTH_BYTES
    is_length = True
    descriptor = stream.fileno()
    while True:
        while len(received) < needed:
            started = time.monotonic()
            is_ready = bool(select.select([descriptor], [], [], max(0.0, left))[0])
            left -= time.monotonic() - started
            if not is_ready:
                raise UnreadableFile(f"takes longer than {limits.wall_seconds:g} s to read")
            part = os.read(descriptor, 1 << 16)
            if not part:
                return
            received += part
        taken = bytes(received[:needed])
        del received[:needed]
        if is_length:
            needed = int.from_bytes(taken, "big")
            if needed > most:
                raise UnreadableFile("a text longer than the limit")
        else:
            needed = LENGTH_BYTES
            yield _parsed(taken)
        is_length = not is_length


def _parsed(frame: bytes) -> dict[str, Any]:
    try:
        parsed: dict[str, Any] = json.loads(frame)
    except (ValueError, RecursionError):
        raise UnreadableFile("its parser sends what is no record") from None
    return parsed


def _checked(frame: Mapping[str, Any], file: Path, request: Request) -> Piece | Broken:
    """Return the frame as what it says, if it has exactly the columns that are wanted, or raise what it tells."""
    if "unreadable" in frame:
        raise UnreadableFile(str(frame["unreadable"]))
    if "declared" in frame:
        raise SourceError(f"{file}: {frame['declared']}", str(frame["hint"]))
    place = str(frame["place"])
    if "reason" in frame:
        return Broken(place, str(frame["reason"]))
    columns = {column: str(frame["columns"][column]) for column in request.columns}
    if any(len(text) > request.limits.text_chars for text in columns.values()):
        return Broken(place, f"a text of more than {request.limits.text_chars:,} characters")
    return Piece(place, columns, str(frame["id"]))


def _ending(child: "subprocess.Popen[bytes]") -> str:
    """Return why a child ended before it said that it was done."""
    status = child.wait()
    if status == -24:  # SIGXCPU
        return "takes more processor time than the limit"
    return "cannot be read: the parser failed, or needed more memory than the limit"
