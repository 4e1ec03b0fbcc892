"""Read a CSV export row by row; a row that cannot be read is quarantined, never dropped and never repaired.

Covers: wrong bytes, wrong number of fields, NUL, broken quotes, missing or doubled columns, doubled ids.
Does not cover: a wrong delimiter that happens to give every declared column, a wrong single-byte encoding, or a stray
quote that a later one closes so that the number of fields is right. A text of more than 131,072 characters in quotes
counts as a quote that is never closed: its lines are told as rows, nearly all of them quarantined.
"""

import csv
import difflib
import re
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from anonymize.errors import SourceError
from anonymize.reading.encodings import decoded_lines, file_encoding
from anonymize.records import Quarantined, Record

NEAR_MISS = 0.8  # 0..1; below it, what is shown may be a person's name out of a file without header
BROKEN_QUOTE = "a quotation mark inside a field, in this row or in one that it swallowed"
UNCLOSED_QUOTE = "a quotation mark opens in this row and is never closed"
# what errors="surrogateescape" turns an undecodable byte into; no valid file holds one
_UNDECODABLE = re.compile("[\udc80-\udcff]")


@dataclass(frozen=True, slots=True)
class CsvSource:
    """A file with a header row, and the columns that are needed of it."""

    file: Path
    encoding: str  # utf-8-sig, cp932 ...
    delimiter: str
    id_column: str  # "" numbers the rows
    columns: tuple[str, ...]  # no other column is kept

    def place(self, row: int) -> str:
        """Return where a row stands; rows are counted as a spreadsheet does, the header is row 1."""
        return f"{self.file.name} row {row}"


def csv_rows(source: CsvSource) -> Iterator[Record | Quarantined]:
    """Yield every row of the file once, as a record or as quarantined, whether or not an id is used twice.

    Raises:
        SourceError: the file cannot be opened or read, or the encoding or a column is missing.
    """
    try:
        encoding = file_encoding(source.file, source.encoding)
        lines = _Lines(decoded_lines(source.file, encoding))
        header = _header(source, csv.reader(lines, delimiter=source.delimiter, strict=True))
        yield from _rows(source, header, lines)
    except FileNotFoundError as error:
        raise SourceError(f"{source.file}: no such file", "give the path of the export") from error
    except OSError as error:
        raise SourceError(f"{source.file}: cannot be opened or read ({error.strerror})") from error
    except UnicodeError as error:  # an encoding of two bytes a character; the others yield what is quarantined
        raise SourceError(f"{source.file}: is not {source.encoding}", "check the encoding") from error
    except (LookupError, TypeError) as error:
        raise SourceError(
            f"{source.file}: {source.encoding!r} or {source.delimiter!r} is not an encoding and a delimiter",
            "encoding is for instance utf-8-sig or cp932, delimiter one character",
        ) from error


def _header(source: CsvSource, reader: Iterator[list[str]]) -> list[str]:
    try:
        header = next(reader, [])
    except csv.Error as error:
        raise SourceError(f"{source.file}: the header row cannot be read") from error
    try:
        choose_columns(header, source.columns, source.id_column)
    except SourceError as error:
        raise SourceError(f"{source.file}: {error.message}", error.hint) from None
    return header


def choose_columns(header: Sequence[str], columns: Sequence[str], id_column: str = "") -> dict[str, int]:
    """Return where the wanted columns stand in the header of any table.

    Raises:
        SourceError: one of them is not there, or twice.
    """
    wanted = (id_column, *columns) if id_column else tuple(columns)
    for column in wanted:
        if header.count(column) > 1:
            raise SourceError(f"the header names {column!r} {header.count(column)} times")
        if column not in header:
            _refuse_missing(column, header)
    return {column: header.index(column) for column in wanted}


def _refuse_missing(column: str, header: Sequence[str]) -> NoReturn:
    """Tell no other name: where a file has no header, the first row is a person's record."""
    shown = [_UNDECODABLE.sub("?", name) for name in header]
    near = difflib.get_close_matches(column, shown, n=1, cutoff=NEAR_MISS)
    question = f"; did you mean {near[0]!r}?" if near else ""
    raise SourceError(
        f"no column {column!r}{question}",
        f"the first row has {len(header)} columns; check that it names them, and check encoding and delimiter",
    )


def _rows(source: CsvSource, header: list[str], lines: "_Lines") -> Iterator[Record | Quarantined]:
    keep = [(column, header.index(column)) for column in source.columns]
    id_index = header.index(source.id_column) if source.id_column else None
    row = 1
    for fields, taken, failure in _parsed(lines, source.delimiter):
        row += 1
        if not fields and not failure:  # an empty line is a row that holds no record
            continue
        problem = failure or _problem(fields, len(header), id_index)
        if problem:
            # a quote that was opened by mistake has swallowed the rows after it: each of them is accounted for
            last = row if len(fields) == len(header) else row + taken - 1
            yield from (Quarantined(f"row-{at}", source.place(at), problem) for at in range(row, last + 1))
            row = last
            continue
        record_id = f"row-{row}" if id_index is None else fields[id_index].strip()
        yield Record(record_id, source.place(row), {column: fields[index] for column, index in keep})


class _Lines:
    """The lines of a file, of which those behind a row's first line can be read once more."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._again: deque[str] = deque()
        self.taken: list[str] = []  # since the row began; the csv module's own limit of a field bounds them

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else next(self._lines)
        self.taken.append(line)
        return line

    def keep_only_first(self) -> None:
        """Give back what was taken behind the first line: a quote that opens there is never closed."""
        self._again.extendleft(reversed(self.taken[1:]))
        del self.taken[1:]


def _parsed(lines: _Lines, delimiter: str) -> Iterator[tuple[list[str], int, str]]:
    """Yield fields, how many lines of the file they took, and "" or what is wrong with them.

    The csv module begins anew with the line after the one where it failed; behind a quote that is never closed, with
    the line after the one where it opens. This takes at most twice the time: the lines that are read once more hold an
    even number of quotes each, so that none of them opens one that is not closed.
    """
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        lines.taken = []
        try:
            fields, failure = next(reader), ""
        except StopIteration:
            return
        except csv.Error as error:
            fields, failure = [], BROKEN_QUOTE
            if "unexpected end of data" in str(error) or "field limit" in str(error):
                failure = UNCLOSED_QUOTE
                lines.keep_only_first()
                reader = csv.reader(lines, delimiter=delimiter, strict=True)
        yield fields, len(lines.taken), failure


def _problem(fields: Sequence[str], expected: int, id_index: int | None) -> str:
    if len(fields) != expected:
        return f"{len(fields)} fields, the header has {expected}"
    if any(_UNDECODABLE.search(field) for field in fields):
        return "bytes that are not in the declared encoding"
    if any("\0" in field for field in fields):
        return "a NUL character"
    if id_index is not None and not fields[id_index].strip():
        return "an empty id"
    return ""
