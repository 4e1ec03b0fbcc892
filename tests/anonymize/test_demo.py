"""The demo export: nothing that was planted may be left, and factory text must stay as it is."""

import json
import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from anonymize.detection.detector import Detector
from anonymize.matching.folding import canonical
from anonymize.proof.leaks import leaks
from anonymize.proof.reviewing import accept_all
from anonymize.reading.tables import CsvSource, csv_rows
from anonymize.records import CleanRecord, Quarantined, Record
from anonymize.replacing.anonymizing import anonymize
from anonymize.replacing.keys import Key
from anonymize.replacing.pseudonyms import Pseudonyms, Values, assign
from anonymize.replacing.techniques import Techniques

ROOT = Path(__file__).parents[2]
COLUMNS = ("reporter", "phone", "email", "description", "normalised", "remark")
SOURCE = CsvSource(ROOT / "appliance/demo/work_orders.csv", "utf-8-sig", ",", "work_order", COLUMNS)


def anonymized(detector: Detector, records: Sequence[Record]) -> tuple[list[CleanRecord], Pseudonyms]:
    outcomes = [
        each for each in detector.detect(records, lambda done, total: None) if not isinstance(each, Quarantined)
    ]
    assert len(outcomes) == len(records)
    decided = [(record, tuple(accept_all(found, "policy"))) for record, found in outcomes]
    values = Values()
    values.collect(decided)
    placeholders = assign(values, Key(bytes(32)), Techniques())
    return [each for each in anonymize(decided, placeholders) if isinstance(each, CleanRecord)], placeholders


def survivors(clean: Sequence[CleanRecord]) -> list[str]:
    """Return the planted values that a plain search finds: it shares no code with the library's own leak check."""
    text = canonical("\n".join(value for record in clean for value in record.columns.values()))
    digits = re.sub(r"[^0-9\n]", "", re.sub(r"<[a-z_]+_[a-z0-9]+>", "\n", text))
    spaceless = text.replace(" ", "")
    left = []
    for planted in json.loads((ROOT / "tests/data/planted_identities.json").read_text(encoding="utf-8")):
        value = canonical(planted["value"])
        is_left = value.replace(" ", "") in spaceless
        if planted["kind"] == "PHONE_NUMBER":
            is_left = re.sub(r"\D", "", value)[-9:] in digits
        elif value.isascii():
            is_left = re.search(rf"(?<![a-z]){re.escape(value)}(?![a-z])", text) is not None
        left += [planted["value"]] if is_left else []
    return left


def changed(clean: Sequence[CleanRecord], records: Sequence[Record], column: str) -> int:
    return sum(after.columns[column] != before.columns[column] for after, before in zip(clean, records, strict=True))


@pytest.fixture(scope="module")
def records() -> list[Record]:
    return [row for row in csv_rows(SOURCE) if isinstance(row, Record)]


def test_nothing_planted_survives_in_a_part_of_the_demo(detector: Detector, records: list[Record]) -> None:
    clean, placeholders = anonymized(detector, records[:120])
    assert survivors(clean) == []
    assert list(leaks(clean, placeholders.originals())) == []


@pytest.mark.slow
def test_nothing_planted_survives_and_factory_text_stays(detector: Detector, records: list[Record]) -> None:
    clean, placeholders = anonymized(detector, records)
    assert len(clean) == len(records) == 500
    assert survivors(clean) == []
    assert list(leaks(clean, placeholders.originals())) == []
    assert changed(clean, records, "description") <= 7  # 1.4 % of 500
    assert changed(clean, records, "normalised") <= 7
    assert changed(clean, records, "remark") > 250
