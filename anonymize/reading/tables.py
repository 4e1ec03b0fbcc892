"""Read a CSV export row by row; a row that cannot be read is quarantined, never dropped and never repaired.

Covers: wrong bytes, wrong number of fields, NUL, broken quotes, missing or doubled columns, rows of any length. Lines
that a damaged quote may have made part of a cell are quarantined, one by one, and never read as rows: a row's id and
labels leave as they are, and the text of a cell must not become one.
Does not cover: a wrong delimiter that happens to give every declared column, a wrong single-byte encoding, a stray
quote that a later one closes so that the number of fields is right, or two damaged quotes in one cell. Doubled ids are
found in `source`.
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
from anonymize.reading.encodings import LINE_CHARS, decoded_lines, file_encoding
from anonymize.records import Quarantined, Record

NEAR_MISS = 0.8  # 0..1; below it, what is shown may be a person's name out of a file without header
BROKEN_QUOTE = "a quotation mark inside a field, in this row or in one that it swallowed"
UNCLOSED_QUOTE = (
    "a quotation mark opens in the row of line {line} and is never closed: all from there to the end of the file is "
    "kept out; mend that line and run again"
)
ROW_CHARS = 4 << 20  # beyond it, a row that still goes on within quotes is quarantined
LONG_ROW = f"a row of more than {ROW_CHARS:,} characters"
csv.field_size_limit(2 * LINE_CHARS)  # of the whole process: a row ends at ROW_CHARS and one line
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
        lines = _Lines(decoded_lines(source.file, encoding), source.delimiter)
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
    except (csv.Error, _LongRow) as error:
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
    for fields, taken, failure in _parsed(lines, source.delimiter, len(header)):
        row += 1
        if not fields and not failure:  # an empty line is a row that holds no record
            continue
        problem = failure or _problem(fields, len(header), id_index)
        if problem:
            # a damaged quote has swallowed the lines after it: each of them is accounted for, and none is read as a row
            last = row if len(fields) == len(header) else row + taken - 1
            yield from (Quarantined(f"row-{at}", source.place(at), problem) for at in range(row, last + 1))
            row = last
            continue
        record_id = f"row-{row}" if id_index is None else fields[id_index].strip()
        yield Record(record_id, source.place(row), {column: fields[index] for column, index in keep})


class _LongRow(Exception):
    """A row that goes on within quotes has more characters than ROW_CHARS."""


class _Lines:
    """The lines of a file, counted by row, with a look at those ahead."""

    def __init__(self, lines: Iterator[str], delimiter: str) -> None:
        self._lines = lines
        self._ahead: deque[str] = deque()
        self._ahead_chars = 0
        self._mark: re.Match[str] | None = None  # in the last line ahead
        sign = re.escape(delimiter)
        # the first mark of a line of which its neighbours tell whether it opens or closes
        self._quote = re.compile(rf'(?P<opens>(?:^|{sign})"(?!{sign}|[\r\n]|$))|"(?={sign}|[\r\n]|$)')
        self._chars = 0
        self.first = 1  # number of the line where the row begins
        self.taken = 0  # lines of the row

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self._chars > ROW_CHARS:
            raise _LongRow
        line = self._next_ahead() if self._ahead else next(self._lines)
        self.taken += 1
        self._chars += len(line)
        return line

    def _next_ahead(self) -> str:
        line = self._ahead.popleft()
        self._ahead_chars -= len(line)
        if not self._ahead:
            self._mark = None
        return line

    def begin_row(self) -> None:
        """Count anew, from the next line."""
        self.first, self.taken, self._chars = self.first + self.taken, 0, 0

    def skip_quoted(self) -> bool:
        """Take the lines up to the one that closes the quote in which the next line begins; say whether one does."""
        is_open = True
        while is_open:
            self._chars = 0
            line = next(self, None)
            if line is None:
                return False
            is_open ^= line.count('"') % 2 == 1
        return True

    def skip_cell(self) -> None:
        """Take the lines that may belong to a cell with a damaged quote: up to each next mark that closes one.

        Where the next mark opens a quote, or none follows within ROW_CHARS, the next line begins a row.
        """
        while more := self._lines_until_closed():
            for _ in range(more):
                self._chars = 0
                next(self)

    def _lines_until_closed(self) -> int:
        """Read ahead up to a telling mark, each line once; return how many lines a cell may still take."""
        while self._mark is None and self._ahead_chars <= ROW_CHARS:
            line = next(self._lines, None)
            if line is None:
                break
            self._ahead.append(line)
            self._ahead_chars += len(line)
            self._mark = self._quote.search(line)
        return 0 if self._mark is None or self._mark["opens"] else len(self._ahead)


def _parsed(lines: _Lines, delimiter: str, expected: int) -> Iterator[tuple[list[str], int, str]]:
    """Yield fields, how many lines of the file they took, and "" or what is wrong with them; in linear time.

    The csv module begins anew with the line after the last that was taken.
    """
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        lines.begin_row()
        fields, failure = [], ""
        try:
            fields = next(reader)
            if fields and len(fields) != expected:  # perhaps the mark that opens a cell is missing
                lines.skip_cell()
        except StopIteration:
            return
        except _LongRow:
            failure = LONG_ROW if lines.skip_quoted() else UNCLOSED_QUOTE
        except csv.Error as error:
            failure = UNCLOSED_QUOTE if "unexpected end of data" in str(error) else BROKEN_QUOTE
            lines.skip_cell()
        yield fields, lines.taken, failure.format(line=lines.first)


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
