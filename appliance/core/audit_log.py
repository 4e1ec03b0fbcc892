"""Who did what to protected things, in a file that shows when a line was changed, removed from its middle or reordered.

One JSON line an entry; each holds the SHA-256 of the entry before it.
Covers: edits, deletions, insertions and reordering before the last entry.
Does not cover: the end cut off, or the whole file written anew by somebody who owns it; compare the last digest with
one that was kept elsewhere.

    {"number": 2, "time": "2026-01-31T09:00:00Z", "who": "tanaka", "action": "reveal", "details": {...},
     "previous": "...", "digest": "..."}
"""

import getpass
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from appliance.core.errors import IntegrityError
from appliance.core.hashing import digest_of
from appliance.core.locking import locked

FIRST = "0" * 64  # what stands before the first entry


@dataclass(frozen=True, slots=True)
class Entry:
    """One act: who, when, what; never a personal value."""

    number: int
    time: str  # UTC, seconds
    who: str  # the name of the operating system's user
    action: str
    details: Mapping[str, str]
    previous: str
    digest: str


class AuditLog:
    """An append-only file of entries."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def append(self, action: str, details: Mapping[str, str], *, now: datetime | None = None) -> Entry:
        """Write one entry to the disk before anything is done that it tells of.

        Raises:
            IntegrityError: the entries so far do not follow from each other.
        """
        with locked(self._file.with_suffix(".lock"), f"audit log {self._file}"):
            last = None
            for last in self.entries():  # noqa: B007 only the last is wanted, but each is checked
                pass
            unsealed: dict[str, Any] = {
                "number": last.number + 1 if last else 1,
                "time": (now or datetime.now(UTC)).strftime("%Y-%m-%dT%H:%M:%SZ"),
                "who": user(),
                "action": action,
                "details": dict(details),
                "previous": last.digest if last else FIRST,
            }
            entry = Entry(**unsealed, digest=digest_of(unsealed))
            descriptor = os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(json.dumps(asdict(entry), ensure_ascii=False, sort_keys=True).encode() + b"\n")
                stream.flush()
                os.fsync(stream.fileno())
        return entry

    def entries(self) -> Iterator[Entry]:
        """Yield the entries, the oldest first.

        Raises:
            IntegrityError: an entry was changed, removed, or put in another place; names its number.
        """
        if not self._file.exists():
            return
        previous = FIRST
        with self._file.open(encoding="utf-8") as stream:
            for number, line in enumerate(stream, start=1):
                entry = _parsed(line)
                if not line.endswith("\n"):
                    raise IntegrityError(
                        f"{self._file}: the last entry was not written to its end",
                        hint="the machine stopped meanwhile; keep a copy, and remove that line",
                    )
                if entry is None or entry.number != number or entry.previous != previous:
                    raise IntegrityError(
                        f"{self._file}: entry {number} does not follow from the one before it",
                        hint="somebody changed the log: keep it as it is, and ask the security officer",
                    )
                previous = entry.digest
                yield entry


def user() -> str:
    """Return the name of the operating system's user; in a container it may have a number and no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid:{os.getuid()}"


def _parsed(line: str) -> Entry | None:
    try:
        plain: dict[str, Any] = json.loads(line)
        digest = plain.pop("digest")
        entry = Entry(**plain, digest=digest)
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
    return entry if digest_of(plain) == digest else None
