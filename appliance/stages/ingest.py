"""Reads the columns that the task needs from the source. Raw."""

from collections.abc import Iterator, Mapping
from typing import Any

from anonymize.errors import SourceError
from anonymize.reading.tables import CsvSource, read_csv
from anonymize.records import Quarantined, Record, quarantined_to_json, record_to_json
from appliance.core.errors import InputError
from appliance.core.reporting import Facts, Reporter
from appliance.core.sections import IngestSettings
from appliance.core.store import Artifact, Draft

RECORDS = "records.jsonl"
QUARANTINED = "quarantined.jsonl"
COLUMNS = "columns.json"


def run(inputs: Mapping[str, Artifact], settings: IngestSettings, draft: Draft, reporter: Reporter) -> Facts:
    """Write the records, and apart from them the rows that could not be read, each with its place and reason."""
    del inputs  # the source is outside of the store
    source = CsvSource(
        file=settings.file,
        encoding=settings.encoding,
        delimiter=settings.delimiter,
        id_column=settings.id_column,
        columns=tuple(settings.columns),
    )
    quarantined: list[Quarantined] = []
    try:
        count = draft.write_lines(RECORDS, _records(source, quarantined, reporter))
    except SourceError as error:
        raise InputError(error.message, hint=error.hint) from error
    draft.write_lines(QUARANTINED, (quarantined_to_json(row) for row in quarantined))
    draft.write_json(COLUMNS, {name: column.model_dump() for name, column in settings.columns.items()})
    if not count:
        raise InputError(f"{settings.file}: no row could be read", hint="check ingest.encoding and ingest.delimiter")
    if quarantined:
        first = quarantined[0]
        reporter.note(f"{len(quarantined)} rows are quarantined; the first is {first.place}: {first.reason}", "warning")
    return {"records": count, "quarantined": len(quarantined)}


def _records(source: CsvSource, quarantined: list[Quarantined], reporter: Reporter) -> Iterator[dict[str, Any]]:
    for number, row in enumerate(read_csv(source), start=1):
        reporter.progress(number, 0, "rows")
        if isinstance(row, Record):
            yield record_to_json(row)
        else:
            quarantined.append(row)
