"""A reviewer's file of decisions: JSON lines that are only ever appended, and what they say when read in order.

    {"record_id": "WO-1", "column": "remark", "start": 3, "end": 7, "kind": "PERSON", "verdict": "accept",
     "by": "mk", "reason": "", "action": "mk-4f1c"}

`accept` and `reject` decide on every finding at that place and of that kind; an accepted place without a finding is a
missed one. A later line replaces an earlier one. `undo` voids the lines of one action of the same person, so that what
stood before them, also another person's decision, stands again. `read` says that the whole record was read for what
the detectors missed; it names a record alone. Unknown keys are left alone.
Covers: a file that several people append to. Does not cover: whether a place lies inside of its text (see replacing/).
"""

import json
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from anonymize.errors import DecisionError

VERDICTS = ("accept", "reject")
READ, UNDO = "read", "undo"
Line = Mapping[str, Any]
Place = tuple[str, str, int, int, str]  # record, column, start, end, kind
_KEYS = {"record_id": str, "column": str, "start": int, "end": int, "kind": str, "verdict": str, "by": str}
_KEYS_OF = {READ: ("record_id", "by"), UNDO: ("action", "by")}


def decision_lines(file: Path) -> Iterator[Line]:
    """Yield the lines of a file, each checked.

    Raises:
        DecisionError: the file cannot be read, or a line is wrong; names its number.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise DecisionError(f"{file}: no such file", "decide on the findings, and save the decisions here") from error
    except (OSError, UnicodeDecodeError) as error:
        raise DecisionError(f"{file}: cannot be read as UTF-8") from error
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield parse_line(line, f"{file}: line {number}")


def parse_json(line: str, where: str) -> Any:
    """Return what one line holds.

    Raises:
        DecisionError: it is no JSON that can be read; the message holds `where` and never the line.
    """
    try:
        return json.loads(line)
    except (ValueError, RecursionError):  # also a number of too many digits, and too many brackets
        # without "from": the parser's error holds the line, and a reviewer may have written a name into the reason
        raise DecisionError(f"{where} is not JSON") from None


def parse_line(line: str, where: str) -> Line:
    """Return one line as a checked mapping.

    Raises:
        DecisionError: it is wrong; the message holds `where` and never the line.
    """
    plain = parse_json(line, where)
    if not isinstance(plain, dict):
        raise DecisionError(f"{where} is not an object")
    for key in _KEYS_OF.get(str(plain.get("verdict")), tuple(_KEYS)):
        kind = _KEYS.get(key, str)
        if type(plain.get(key)) is not kind:
            raise DecisionError(f"{where}: {key!r} is missing or not of type {kind.__name__}")
    if not isinstance(plain.get("action", ""), str):
        raise DecisionError(f"{where}: 'action' is not of type str")
    if not isinstance(plain.get("reason", ""), str) or not plain["by"].strip():
        raise DecisionError(f"{where}: say who decided (by), and the reason as text")
    if plain["verdict"] not in _KEYS_OF:
        _check_decision(plain, where)
    return plain


def _check_decision(plain: Line, where: str) -> None:
    if plain["verdict"] not in VERDICTS:
        raise DecisionError(f"{where}: the verdict is neither accept nor reject")
    if not 0 <= plain["start"] < plain["end"]:
        raise DecisionError(f"{where}: start and end are not a span")


def place_of(line: Line) -> Place:
    """Return the place that a line decides on."""
    return line["record_id"], line["column"], line["start"], line["end"], line["kind"]


def standing(lines: Iterable[Line]) -> dict[Place, Line]:
    """Return the decision that stands at each place, after all lines in order."""
    kept = list(lines)
    void = {(line["by"], line["action"]) for line in kept if line["verdict"] == UNDO}
    return {
        place_of(line): line
        for line in kept
        if line["verdict"] in VERDICTS and (line["by"], line.get("action")) not in void
    }


def audit_sample(record_ids: Sequence[str], size: int, seed: int) -> tuple[str, ...]:
    """Return `size` ids (or all, if there are fewer), drawn uniformly without replacement, in the order of the records.

    The draw depends on the set of the ids and the seed only, not on their order.
    """
    chosen = set(audit_order(record_ids, size, seed))
    return tuple(record_id for record_id in record_ids if record_id in chosen)


def audit_order(record_ids: Iterable[str], size: int, seed: int) -> tuple[str, ...]:
    """Return the ids of the sample in the order of the draw: read in this order, every beginning of it is a sample."""
    ordered = sorted(record_ids)
    return tuple(random.Random(seed).sample(ordered, min(size, len(ordered))))  # noqa: S311 - a sample, not a secret
