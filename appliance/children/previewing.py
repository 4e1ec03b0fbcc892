"""A first look at a source, in a process of its own: `python -m appliance.children.previewing FILE` prints JSON lines.

    {"format": "csv", "encoding": "cp932", "delimiter": "", "columns": ["text", ...], "bytes": 1234}
    {"records": 500, "is_whole": true, "quarantined": 0, "filled": {"text": 500, ...}, "samples": {"text": ["..."]}}
    {"looked_at": 100, "kinds": {"text": {"PERSON": 12}, ...}, "whole": {"reporter": "PERSON"}}
    {"error": "...", "hint": "..."}

The lines come as they are known: the kinds take seconds, for which the recognizers are loaded. Heavy: people's side
starts it and never imports it. Samples are raw text; they are shown and kept nowhere.
"""

import json
import logging
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from anonymize.detection.detector import Detector
from anonymize.detection.policy import Policy
from anonymize.errors import AnonymizeError
from anonymize.reading.columns import columns_of
from anonymize.reading.encodings import file_encoding
from anonymize.reading.formats import DOCUMENT_COLUMNS
from anonymize.reading.source import Source, read
from anonymize.records import Finding, Quarantined, Record

COUNTED_SECONDS = 3.0  # then counting stops: the number is a lower one
LOOKED_AT = 100  # records in which personal data are looked for
SAMPLES = 3
WHOLE_SHARE = 0.6  # of the filled cells: a column whose cells are one finding each holds that kind
TEXT_FORMATS = ("csv", "tsv", "json", "jsonl", "txt", "html", "xml")


def main(arguments: list[str]) -> int:
    """Look at one file; return the exit status."""
    logging.disable()  # a library's warning may quote the text
    try:
        for found in look(Path(arguments[0])):
            sys.stdout.write(json.dumps(found) + "\n")
            sys.stdout.flush()
    except AnonymizeError as error:
        sys.stdout.write(json.dumps({"error": error.message, "hint": error.hint}) + "\n")
        return 3
    except Exception as error:  # noqa: BLE001 outermost frame of a process; the message may hold text
        sys.stdout.write(json.dumps({"error": f"{type(error).__name__} while looking at the file", "hint": ""}) + "\n")
        return 70
    return 0


def look(file: Path) -> Iterator[dict[str, Any]]:
    """Yield what is found out about a file, or a folder of documents, the quickest first.

    Raises:
        AnonymizeError: it cannot be read.
    """
    if file.is_dir():
        name, columns, delimiter = "folder", DOCUMENT_COLUMNS["txt"], ""
    else:
        name, columns, delimiter = columns_of(file)
    encoding = file_encoding(file, "auto") if name in TEXT_FORMATS else ""
    size = file.stat().st_size if file.is_file() else 0
    yield {"format": name, "encoding": encoding, "delimiter": delimiter, "columns": list(columns), "bytes": size}
    if not columns:
        return
    kept: list[Record] = []
    yield _counted(Source(where=file, columns=columns, delimiter=delimiter), kept)
    yield _kinds(kept, columns)


def _counted(source: Source, kept: list[Record]) -> dict[str, Any]:
    started, records, quarantined, is_whole = time.monotonic(), 0, 0, True
    filled: Counter[str] = Counter()
    for row in read(source):
        if isinstance(row, Quarantined):
            quarantined += 1
            continue
        records += 1
        filled.update(column for column, text in row.columns.items() if text.strip())
        if len(kept) < LOOKED_AT:
            kept.append(row)
        if time.monotonic() - started > COUNTED_SECONDS:
            is_whole = False
            break
    samples = {
        column: [text for record in kept if (text := record.columns[column].strip())][:SAMPLES]
        for column in source.columns
    }
    told = {"records": records, "is_whole": is_whole, "quarantined": quarantined}
    return {**told, "filled": dict(filled), "samples": samples}


def _kinds(records: list[Record], columns: tuple[str, ...]) -> dict[str, Any]:
    policy = Policy(identifier_kinds={}, text_columns=columns, workers=1)
    kinds: dict[str, Counter[str]] = {column: Counter() for column in columns}
    wholes: dict[str, Counter[str]] = {column: Counter() for column in columns}
    for outcome in Detector(policy).detect(records, lambda *_: None):
        if isinstance(outcome, Quarantined):
            continue
        record, findings = outcome
        for finding in _different(findings):
            kinds[finding.column][finding.kind] += 1
            if finding.span.end - finding.span.start >= len(record.columns[finding.column].strip()):
                wholes[finding.column][finding.kind] += 1
    whole = {}
    for column, counted in wholes.items():
        filled = sum(bool(record.columns[column].strip()) for record in records)
        kind, times = counted.most_common(1)[0] if counted else ("", 0)
        if kind and times >= WHOLE_SHARE * filled:
            whole[column] = kind
    return {"looked_at": len(records), "kinds": {c: dict(k) for c, k in kinds.items() if k}, "whole": whole}


def _different(findings: tuple[Finding, ...]) -> Iterator[Finding]:
    seen = set()
    for finding in findings:
        place = (finding.column, finding.span, finding.kind)
        if place not in seen:
            seen.add(place)
            yield finding


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
