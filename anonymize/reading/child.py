"""The process that parses one document: reads a task from its input, limits itself, sends pieces, ends.

Frames: four bytes of length, then JSON: {"place", "columns", "id"}, {"place", "reason"}, {"unreadable"},
{"declared", "hint"}, and at last {"end"}. No frame but that of a piece holds text of the document.
"""

import importlib
import json
import logging
import os
import resource
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from anonymize.errors import SourceError
from anonymize.reading.pieces import Broken, Limits, Piece, Request, UnreadableFile

READERS = {
    "mail": ("anonymize.reading.mail", "read_message"),
    "mbox": ("anonymize.reading.mail", "read_mailbox"),
    "docx": ("anonymize.reading.word", "read_docx"),
    "pdf": ("anonymize.reading.pdf", "read_pdf"),
    "workbook": ("anonymize.reading.workbooks", "read_workbook"),
    "columns": ("anonymize.reading.columns", "read_columns"),
    "parquet": ("anonymize.reading.parquet", "read_parquet"),
}
_REFUSED = ("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.system", "os.remove", "os.rename")
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def main() -> None:
    """Run one task; what goes wrong with the document is told in a frame."""
    task = json.loads(sys.stdin.buffer.read())
    with os.fdopen(os.dup(1), "wb", buffering=1 << 16) as frames:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # parsers print
        fields = task["request"]
        request = Request(**fields | {"columns": tuple(fields["columns"]), "limits": Limits(**fields["limits"])})
        limit_process(request.limits)
        logging.disable()  # a parser's warning may quote the document
        try:
            module, function = READERS[task["reader"]]
            read = getattr(importlib.import_module(module), function)
            sys.addaudithook(_refuse)
            _send_all(read, Path(task["file"]), request, frames)
        except MemoryError:
            _send(frames, {"unreadable": "needs more memory than the limit"})
        _send(frames, {"end": True})


def limit_process(limits: Limits) -> None:
    """Take from this process what a document does not need."""
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds + 5))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core would hold the document


def _send_all(
    read: Callable[[Path, Request], Iterator[Piece | Broken]], file: Path, request: Request, frames: BinaryIO
) -> None:
    try:
        for piece in read(file, request):
            if isinstance(piece, Piece):
                _send(frames, {"place": piece.place, "columns": dict(piece.columns), "id": piece.id})
            else:
                _send(frames, {"place": piece.place, "reason": piece.reason})
    except UnreadableFile as failure:
        _send(frames, {"unreadable": failure.reason})
    except SourceError as failure:
        _send(frames, {"declared": failure.message, "hint": failure.hint})
    except MemoryError:
        raise
    except RecursionError:
        _send(frames, {"unreadable": "nested too deep"})
    except Exception as failure:  # noqa: BLE001  outermost frame of a process; the message may hold text
        _send(frames, {"unreadable": f"is damaged ({type(failure).__name__})"})


def _send(frames: BinaryIO, frame: dict[str, Any]) -> None:
    encoded = json.dumps(frame).encode("ascii")
    frames.write(len(encoded).to_bytes(4, "big") + encoded)


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    """Stop a parser that does what no parser needs."""
    if event.startswith(_REFUSED):
        raise PermissionError(event)
    if event == "open" and isinstance(arguments[2], int) and arguments[2] & _WRITING:
        raise PermissionError(event)
