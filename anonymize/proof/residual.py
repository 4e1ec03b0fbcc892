"""What remains after anonymization, bounded from a person's audit of records that were drawn at random.

The person reads the clean records and writes down how many personal values still stand in each, by kind. One JSON line
a record that was read: {"record_id": "WO-17", "digest": "...", "by": "initials", "missed": {"PERSON": 1}}.
Covers: the share of records that still hold something, and recall by kind, each with its exact 95 % bound.
Does not cover: what the reader overlooked; what identifies only together with other data; records that came later.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from anonymize.decisions import parse_json
from anonymize.errors import DecisionError
from anonymize.kinds import NAME
from anonymize.proportions import lower_bound, upper_bound


@dataclass(frozen=True, slots=True)
class Drawn:
    """A clean record that a person shall read."""

    id: str
    digest: str  # of its clean text: an audit of another text is worth nothing
    replaced: Mapping[str, int]  # kind -> places in it


@dataclass(frozen=True, slots=True)
class Audited:
    """What a person found in one clean record."""

    id: str
    by: str
    missed: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class KindRecall:
    """How much of one kind was found in the sample."""

    kind: str
    replaced: int
    missed: int
    recall: float | None  # None: the sample held none
    recall_at_least: float  # 95 %; values of one record are taken as independent


@dataclass(frozen=True, slots=True)
class Residual:
    """The bound on what remains, or how far it was not looked for."""

    drawn: int
    read: int
    records_with_misses: int
    share_at_most: float  # of the records that still hold something, 95 %; 1 before anything was read
    kinds: tuple[KindRecall, ...]
    readers: tuple[str, ...]


def residual_risk(drawn: Sequence[Drawn], audited: Sequence[Audited]) -> Residual:
    """Return the bounds from the sample; what was not read counts as not looked at, and the bound says nothing."""
    by_id = {each.id: each for each in audited}
    complete = all(record.id in by_id for record in drawn) and bool(drawn)
    hit = sum(1 for each in audited if sum(each.missed.values()))
    replaced, missed = Counter[str](), Counter[str]()
    for record in drawn:
        if record.id in by_id:
            replaced.update(record.replaced)
            missed.update(by_id[record.id].missed)
    kinds = tuple(_recall(kind, replaced[kind], missed[kind]) for kind in sorted(replaced.keys() | missed.keys()))
    readers = tuple(sorted({each.by for each in audited}))
    bound = upper_bound(hit, len(drawn)) if complete else 1.0
    return Residual(len(drawn), len(audited), hit, bound, kinds, readers)


def read_audit(file: Path, drawn: Sequence[Drawn]) -> tuple[Audited, ...]:
    """Return what a person wrote; of two lines on one record the later holds. Nothing where there is no file yet.

    Raises:
        DecisionError: a line is wrong, or is about a record that was not drawn, or about another clean text.
    """
    if not file.exists():
        return ()
    wanted = {record.id: record for record in drawn}
    found: dict[str, Audited] = {}
    try:
        lines = file.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise DecisionError(f"{file}: cannot be read as UTF-8") from error
    for number, line in enumerate(lines, start=1):
        if line.strip():
            audited = _parsed(f"{file}: line {number}", line, wanted)
            found[audited.id] = audited
    return tuple(found.values())


def _recall(kind: str, replaced: int, missed: int) -> KindRecall:
    total = replaced + missed
    return KindRecall(kind, replaced, missed, replaced / total if total else None, lower_bound(replaced, total))


def _parsed(place: str, line: str, wanted: Mapping[str, Drawn]) -> Audited:
    plain = parse_json(line, place)
    if not isinstance(plain, dict) or not (isinstance(plain.get("by"), str) and plain["by"].strip()):
        raise DecisionError(f"{place}: say which record was read, and by whom (record_id, by)")
    record = wanted.get(str(plain.get("record_id")))
    if record is None:
        raise DecisionError(f"{place} is about a record that was not drawn", "audit the records of the sample only")
    if plain.get("digest") != record.digest:
        raise DecisionError(f"{place} is about another clean text", "the anonymization has changed: audit it again")
    return Audited(record.id, plain["by"], _missed(place, plain.get("missed")))


def _missed(place: str, missed: Any) -> dict[str, int]:
    if not isinstance(missed, dict) or not all(
        NAME.fullmatch(kind) and type(count) is int and count >= 0 for kind, count in missed.items()
    ):
        raise DecisionError(f"{place}: missed is not kinds with counts", 'write {} or {"PERSON": 1}')
    return missed
