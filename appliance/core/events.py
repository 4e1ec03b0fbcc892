"""The one channel from a worker to people: a file with one JSON line an event, only ever appended to.

An event holds counts, names of steps and files, measured values: never the text of a record.
"""

import errno
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, get_args

Kind = Literal[
    "run_started",  # name, steps: [step, ...]
    "step_started",  # step
    "progress",  # step, done, total, unit
    "trained",  # the fields of a training point: step_number, steps, loss, valid_loss, tokens_per_second ...
    "step_finished",  # step, reused, seconds, digest, facts
    "note",  # level: "info" | "warning", message
    "alive",  # a heartbeat while a step has nothing to say
    "waiting",  # message, hint
    "stopped",  # message
    "failed",  # code, exit_status, message, hint
    "run_finished",  # seconds
]
KINDS: frozenset[str] = frozenset(get_args(Kind))
HEARTBEAT = 5.0  # seconds; a silent step looks like a crash


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened: when (UTC), what, and its fields."""

    time: datetime
    kind: Kind
    fields: Mapping[str, Any]


class EventLog:
    """Appends events to a file; each is one write, so that readers never see half a line of a living worker."""

    def __init__(self, file: Path) -> None:
        self._descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        _end_cut_line(self._descriptor, file)

    def append(self, kind: Kind, /, **fields: Any) -> None:
        """Write one event with the present time."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        line = json.dumps({"time": now, "kind": kind, **fields}, ensure_ascii=False)
        content = line.encode() + b"\n"
        if os.write(self._descriptor, content) < len(content):  # the disk filled up inside of the line
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def close(self) -> None:
        """Flush to the disk and close."""
        os.fsync(self._descriptor)
        os.close(self._descriptor)


def _end_cut_line(descriptor: int, file: Path) -> None:
    """A power cut can leave half a line; the next event must not be glued to it."""
    content = file.read_bytes()
    if content and not content.endswith(b"\n"):
        os.write(descriptor, b"\n")


@dataclass(frozen=True, slots=True)
class Read:
    """Events that were read, and the byte offset to go on from."""

    events: tuple[Event, ...]
    offset: int


def read_events(file: Path, offset: int = 0) -> Read:
    """Return the whole events after `offset`; a line that is still being written waits for the next call."""
    if not file.exists():
        return Read((), 0)
    with file.open("rb") as stream:
        stream.seek(offset)
        content = stream.read()
    whole = content.rfind(b"\n") + 1
    return Read(tuple(_parse(content[:whole])), offset + whole)


def _parse(content: bytes) -> Iterator[Event]:
    for line in content.splitlines():
        try:
            fields = json.loads(line)
            time = datetime.fromisoformat(fields.pop("time"))
            kind = fields.pop("kind")
        except (ValueError, KeyError, AttributeError):
            continue  # half a line that a power cut left behind
        if kind in KINDS:
            yield Event(time, kind, MappingProxyType(fields))
