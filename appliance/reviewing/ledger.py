"""The file of decisions while people work on it: each decision is on the disk before it is shown as made.

Covers: several reviewers at once (one appends at a time, everybody reads on), a power cut (an unfinished last line was
never shown as made, and is cut off before the next one), undo after a restart.
Does not cover: file systems without flock.
"""

import json
import secrets
from collections.abc import Iterable, Sequence
from pathlib import Path

from anonymize.decisions import READ, UNDO, Line, Place, parse_line, place_of
from anonymize.errors import DecisionError
from appliance.core.errors import InputError
from appliance.reviewing.appending import append_durably

Key = tuple[str, str]  # by, action


class Ledger:
    """All decisions on one run, folded; `changed` since the last look is told by `read_on`."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._offset = 0
        self._number = 0  # of lines
        self._lines: dict[Place, list[Line]] = {}
        self._places: dict[Key, list[Place]] = {}  # of an action, the newest last
        self._void: set[Key] = set()
        self.read_by: dict[str, set[str]] = {}  # record id -> who read all of it

    def read_on(self) -> set[Place]:
        """Read what was appended since the last time; return the places whose decision may have changed.

        Raises:
            InputError: a line is wrong; names its number.
        """
        if not self.file.exists():
            return set()
        with self.file.open("rb") as stream:
            stream.seek(self._offset)
            content = stream.read()
        whole = content[: content.rfind(b"\n") + 1]
        self._offset += len(whole)
        changed: set[Place] = set()
        for line in whole.splitlines():
            self._number += 1
            if line.strip():
                changed |= self._take(self._parsed(line))
        return changed

    def _parsed(self, line: bytes) -> Line:
        try:
            return parse_line(line.decode(), f"{self.file}: line {self._number}")
        except UnicodeDecodeError:
            raise InputError(f"{self.file}: line {self._number} is not UTF-8", hint="restore the file") from None
        except DecisionError as error:
            raise InputError(error.message, hint=error.hint or "correct the line, or remove it") from error

    def _take(self, line: Line) -> set[Place]:
        key = (line["by"], line.get("action", ""))
        if line["verdict"] == READ:
            self.read_by.setdefault(line["record_id"], set()).add(line["by"])
            return set()
        if line["verdict"] == UNDO:
            self._void.add(key)
            return set(self._places.get(key, ()))
        place = place_of(line)
        self._lines.setdefault(place, []).append(line)
        if key[1]:
            self._places.setdefault(key, []).append(place)
        return {place}

    def stands(self, place: Place) -> Line | None:
        """Return the decision that stands at a place, or None where it is open."""
        return next((line for line in reversed(self._lines.get(place, ())) if self._holds(line)), None)

    def verdicts(self, place: Place) -> dict[str, str]:
        """Return what each person last said about a place."""
        return {line["by"]: line["verdict"] for line in self._lines.get(place, ()) if self._holds(line)}

    def places(self) -> Iterable[Place]:
        """Return every place that a line was ever written about."""
        return self._lines.keys()

    def _holds(self, line: Line) -> bool:
        return (line["by"], line.get("action", "")) not in self._void

    def append(self, lines: Sequence[Line], by: str) -> str:
        """Write the lines of one action to the disk; return the action's name.

        Raises:
            Busy: somebody else has been writing for a second.
            InputError: the file cannot be written.
        """
        action = secrets.token_hex(6)
        told = [json.dumps({**line, "by": by, "action": action}, ensure_ascii=False) for line in lines]
        append_durably(self.file, "".join(f"{line}\n" for line in told).encode())
        return action

    def undo(self, by: str) -> set[Place] | None:
        """Void the newest action of a person that still holds; return its places, or None where there is none."""
        key = next((key for key in reversed(self._places) if key[0] == by and key not in self._void), None)
        if key is None:
            return None
        line = {"verdict": UNDO, "by": key[0], "action": key[1]}
        append_durably(self.file, f"{json.dumps(line, ensure_ascii=False)}\n".encode())
        return set(self._places[key])
