"""Reads the columns that the task needs from the source. Raw."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from anonymize.errors import SourceError
from anonymize.reading.source import Source, read
from anonymize.records import Quarantined, Record, quarantined_to_json, record_to_json
from appliance.core.errors import InputError, SettingsError
from appliance.core.reporting import Facts, Reporter
from appliance.core.sections import IngestSettings
from appliance.core.store import Artifact, Draft

RECORDS = "records.jsonl"
QUARANTINED = "quarantined.jsonl"
COLUMNS = "columns.json"
IDS = "ids.json"  # whether ids come from a column of the source


def run(inputs: Mapping[str, Artifact], settings: IngestSettings, draft: Draft, reporter: Reporter) -> Facts:
    """Write the records, and apart from them the rows that could not be read, each with its place and reason."""
    del inputs  # the source is outside of the store
    source = Source(
        where=settings.file or _with_password(settings),
        columns=tuple(settings.columns),
        format=settings.format,
        id_column=settings.id_column,
        encoding=settings.encoding,
        delimiter=settings.delimiter,
        sheet=settings.sheet,
        table=settings.table,
        query=settings.query,
    )
    quarantined: list[Quarantined] = []
    try:
        count = draft.write_lines(RECORDS, _records(source, quarantined, reporter))
    except SourceError as error:
        raise InputError(error.message, hint=error.hint) from error
    draft.write_lines(QUARANTINED, (quarantined_to_json(row) for row in quarantined))
    draft.write_json(IDS, {"are_own": bool(settings.id_column)})
    draft.write_json(COLUMNS, {name: column.model_dump() for name, column in settings.columns.items()})
    if not count:
        raise InputError(*_nothing_read(settings.file, quarantined))
    if quarantined:
        first = quarantined[0]  # told by its number: a file's name may name a person
        reporter.note(f"{len(quarantined)} parts are quarantined; the first is {first.id}: {first.reason}", "warning")
    return {"records": count, "quarantined": len(quarantined)}


def _records(source: Source, quarantined: list[Quarantined], reporter: Reporter) -> Iterator[dict[str, Any]]:
    for number, row in enumerate(read(source), start=1):
        reporter.progress(number, 0, "rows")
        if isinstance(row, Record):
            yield record_to_json(row)
        else:
            quarantined.append(row)


def _nothing_read(file: Path | None, quarantined: list[Quarantined]) -> tuple[str]:
    where = file.name if file else "the database"
    why = f": {quarantined[0].id}: {quarantined[0].reason}" if quarantined else ""
    return (f"{where}: no record could be read{why}",)


def _with_password(settings: IngestSettings) -> str:
    """Put the password between the user and the host; it is read here and stands in no file of ours."""
    if not settings.password_variable:
        return settings.database
    password = os.environ.get(settings.password_variable)
    if password is None:
        raise SettingsError(
            f"ingest.password_variable: there is no environment variable {settings.password_variable}",
            hint="set it in the shell that starts the run",
        )
    scheme, _, rest = settings.database.partition("://")
    user, at, host = rest.partition("@")
    if not at:
        raise SettingsError("ingest.database names no user for the password", hint="postgresql://user@host/name")
    return f"{scheme}://{user}:{quote(password, safe='')}@{host}"
