"""The names of the columns that a file offers, so that a person can say what each of them holds.

Covers: every format that is read; of JSON the objects at the beginning. Does not cover: databases, and the sheets of a
workbook beyond the first that is not empty. A workbook or Parquet file is opened in a limited process, like any other.
"""

import csv
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from anonymize.errors import SourceError
from anonymize.reading.encodings import decoded_lines, file_encoding
from anonymize.reading.formats import DOCUMENT_COLUMNS, format_by_name
from anonymize.reading.isolation import isolated_pieces
from anonymize.reading.json_files import first_objects
from anonymize.reading.pieces import Broken, Piece, Request, UnreadableFile

DELIMITERS = (",", "\t", ";", "|")
FIRST_OBJECTS = 100
HEADER_LINES = 1_000  # of one row: names of columns may hold line ends
_QUOTED = re.compile(r'"[^"]*"')
NAME = "name"


def columns_of(file: Path) -> tuple[str, tuple[str, ...], str]:
    """Return format, names of the columns, and the delimiter ("" where the format has none or it is the usual one).

    Raises:
        SourceError: the file is of no format that is read, or its beginning cannot be read.
    """
    name = format_by_name(file)
    if not name:
        raise SourceError(
            f"{file}: a format that is not read", "csv, tsv, json, jsonl, xlsx, parquet, pdf, docx, eml ..."
        )
    if name in DOCUMENT_COLUMNS:
        return name, DOCUMENT_COLUMNS[name], ""
    try:
        if name in ("csv", "tsv"):
            return name, *_of_text_table(file, name)
        if name in ("json", "jsonl"):
            objects = islice(first_objects(file, name), FIRST_OBJECTS)
            return name, tuple(dict.fromkeys(key for found in objects for key in found)), ""
        pieces = isolated_pieces("columns", file, Request(columns=(NAME,)))
        return name, tuple(piece.columns[NAME] for piece in pieces if isinstance(piece, Piece)), ""
    except UnreadableFile as failure:
        raise SourceError(f"{file}: {failure.reason}") from None
    except (OSError, UnicodeError, csv.Error) as error:
        raise SourceError(
            f"{file}: cannot be read ({type(error).__name__})", "check the file and its encoding"
        ) from None


def _of_text_table(file: Path, name: str) -> tuple[tuple[str, ...], str]:
    row = _first_row(decoded_lines(file, file_encoding(file, "auto")))
    outside = _QUOTED.sub("", "".join(row))
    usual = "\t" if name == "tsv" else ","
    delimiter = max(DELIMITERS, key=lambda sign: (outside.count(sign), sign == usual))
    header = next(csv.reader(row, delimiter=delimiter, strict=True), [])
    return tuple(dict.fromkeys(column for column in header if column)), "" if delimiter == usual else delimiter


def _first_row(lines: Iterator[str]) -> list[str]:
    """Return the lines up to the one where no quote is open, at most HEADER_LINES."""
    row: list[str] = []
    is_open = False
    for line in islice(lines, HEADER_LINES):
        row.append(line)
        is_open ^= line.count('"') % 2 == 1
        if not is_open:
            break
    return row


def read_columns(file: Path, request: Request) -> Iterator[Piece | Broken]:
    """Yield one piece a column of a workbook or Parquet file; runs in the limited process.

    Raises:
        UnreadableFile: it is damaged, hostile or has a password.
    """
    del request
    for name in _of_parquet(file) if file.suffix.lower() == ".parquet" else _of_workbook(file):
        yield Piece("", {NAME: name})


def _of_parquet(file: Path) -> list[str]:
    import pyarrow as pa  # noqa: PLC0415 the limited process alone pays for it
    import pyarrow.parquet as pq  # noqa: PLC0415

    try:
        return list(pq.read_schema(file).names)
    except pa.ArrowException:
        raise UnreadableFile("is damaged, encrypted or no Parquet") from None


def _of_workbook(file: Path) -> list[str]:
    from anonymize.reading.workbooks import first_row  # noqa: PLC0415 as above

    return first_row(file)
