"""Read JSON and JSON Lines object by object; numbers stay as they are written.

Keys are data too: a nested object under a wanted column becomes lines of "key: value".

Covers: one object a line; an array of objects, or objects one after the other, of any length; rows under a key of one
object. Depth, huge numbers, doubled keys, broken lines and values that are no object are quarantined or refused.
Does not cover: going on behind a broken object of an array (the rest is refused, not skipped).
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from anonymize.errors import SourceError
from anonymize.reading.encodings import decoded_lines, file_encoding, has_undecodable
from anonymize.reading.pieces import Broken, Piece, Request
from anonymize.reading.values import Pairs, value_text

CHUNK = 1 << 16  # characters; what is parsed grows by doubling, so that a long object is not parsed again and again
_SPACE = " \t\r\n"


def json_lines(file: Path, request: Request) -> Iterator[Piece | Broken]:
    """Yield one piece a line that is not empty.

    Raises:
        SourceError: no line has a column that is wanted, or the encoding cannot be told.
    """
    columns = _Columns(file, request)
    for row, line in enumerate(decoded_lines(file, file_encoding(file, request.encoding)), start=1):
        if line.strip(_SPACE):
            yield _of_text(line, row, columns)
    columns.refuse_unseen()


def json_values(file: Path, request: Request) -> Iterator[Piece | Broken]:
    """Yield one piece an object of a JSON file, which may be an array of them.

    Raises:
        SourceError: the file stops being JSON, or no object has a column that is wanted.
    """
    columns = _Columns(file, request)
    row = 0
    for value in _values(file, request):
        for item in _rows_under(value, request.table):
            row += 1
            yield _piece(item, row, columns)
    columns.refuse_unseen()


def first_objects(file: Path, name: str) -> Iterator[dict[str, Any]]:
    """Yield the objects of a JSON or JSON lines file; what is none is passed over.

    Raises:
        SourceError: the file stops being JSON, or the encoding cannot be told.
    """
    if name == "jsonl":
        lines = decoded_lines(file, file_encoding(file, "auto"))
        values: Iterator[Any] = (_DECODER.decode(line.strip(_SPACE)) for line in lines if line.strip(_SPACE))
    else:
        values = _values(file, Request(columns=()))
    try:
        yield from (dict(value) for value in values if isinstance(value, Pairs))
    except (ValueError, RecursionError):
        raise SourceError(f"{file}: is no JSON", "check the file") from None


class _Columns:
    """What is wanted of the objects, and which of it no object had so far."""

    def __init__(self, file: Path, request: Request) -> None:
        self.file = file
        self.request = request
        self.unseen = {*request.columns, *filter(None, [request.id_column])}
        self.is_any = False

    def refuse_unseen(self) -> None:
        """Raise where a wanted column is in no object: it was declared wrongly."""
        if self.is_any and self.unseen:
            raise SourceError(f"{self.file}: no object has {min(self.unseen)!r}", "check the columns and the table")


def _of_text(line: str, row: int, columns: _Columns) -> Piece | Broken:
    if has_undecodable(line):
        return Broken(f"row {row}", "bytes that are not in the declared encoding")
    try:
        value = _DECODER.decode(line.strip(_SPACE))
    except ValueError:
        return Broken(f"row {row}", "no JSON")
    except RecursionError:
        return Broken(f"row {row}", "nested too deep")
    return _piece(value, row, columns)


def _piece(value: Any, row: int, columns: _Columns) -> Piece | Broken:
    place, request = f"row {row}", columns.request
    if not isinstance(value, Pairs):
        return Broken(place, "no JSON object")
    columns.is_any = True
    found = dict(value)
    columns.unseen -= found.keys()
    wanted = {*request.columns, request.id_column}
    if len(found) < len(value) and any([key for key, _ in value].count(name) > 1 for name in wanted):
        return Broken(place, "a column that stands twice")
    try:
        texts = {column: value_text(found.get(column)) for column in request.columns}
        record_id = value_text(found.get(request.id_column)).strip() if request.id_column else ""
    except RecursionError:
        return Broken(place, "nested too deep")
    if request.id_column and not record_id:
        return Broken(place, "an empty id")
    if has_undecodable("".join(texts.values()) + record_id):  # half of a surrogate pair, written as \ud83d
        return Broken(place, "characters that are none")
    return Piece(place, texts, record_id)


def _rows_under(value: Any, table: str) -> list[Any]:
    """Return the rows of one value of the top level: itself, or those under the key that is named."""
    if not table or not isinstance(value, Pairs):
        return [value]
    rows = dict(value).get(table)
    return rows if isinstance(rows, list) and not isinstance(rows, Pairs) else [rows]


def _values(file: Path, request: Request) -> Iterator[Any]:
    """Yield the objects of an array, or the values one after the other, holding one of them at a time."""
    text = _Text(file, request)
    is_array = text.take("[")
    count = 0
    while text.skip_space():
        if is_array and text.take("]"):
            if text.skip_space():
                text.refuse(count, "text behind the end of the array")
            return
        if is_array and count and not text.take(","):
            text.refuse(count, "no comma")
        text.skip_space()
        yield text.value(count)
        count += 1
    if is_array:
        text.refuse(count, "the file ends inside of the array")


class _Text:
    """A window on the file's characters that grows when a value does not fit."""

    def __init__(self, file: Path, request: Request) -> None:
        encoding = file_encoding(file, request.encoding)
        self._file, self._most = file, request.limits.text_chars
        self._parts = _slices(file, encoding)
        self._window, self._at, self._is_over = "", 0, False
        self.skip_space()

    def skip_space(self) -> bool:
        """Go to the next sign and say whether there is one."""
        while True:
            while self._at < len(self._window) and self._window[self._at] in _SPACE:
                self._at += 1
            if self._at < len(self._window):
                return True
            if not self._grow(CHUNK):
                return False

    def take(self, sign: str) -> bool:
        is_there = self._window.startswith(sign, self._at)
        self._at += is_there
        return is_there

    def value(self, count: int) -> Any:
        """Return the value that begins here; a number at the end of the window may go on, so one sign more is read."""
        step = CHUNK
        while True:
            try:
                value, end = _DECODER.raw_decode(self._window, self._at)
            except ValueError:
                end = len(self._window)
            except RecursionError:
                self.refuse(count, "nested too deep")
            if end < len(self._window) or self._is_over:
                break
            if len(self._window) - self._at > self._most:
                self.refuse(count, f"a value of more than {self._most:,} characters")
            self._grow(step)
            step *= 2
        if end >= len(self._window):
            value, end = self._last(count)
        self._at = end
        return value

    def refuse(self, count: int, reason: str) -> NoReturn:
        raise SourceError(f"{self._file}: behind {count} objects: {reason}", "correct the file, or export JSON Lines")

    def _last(self, count: int) -> tuple[Any, int]:
        try:
            value, end = _DECODER.raw_decode(self._window, self._at)
        except ValueError:
            self.refuse(count, "no JSON")
        return value, end

    def _grow(self, chars: int) -> bool:
        """Forget what was read and read on; the quadratic cost of a broken value is bounded by doubling."""
        parts, length = [self._window[self._at :]], 0
        while length < chars and not self._is_over:
            part = next(self._parts, "")
            self._is_over = not part
            parts.append(part)
            length += len(part)
        self._window, self._at = "".join(parts), 0
        return length > 0


def _slices(file: Path, encoding: str) -> Iterator[str]:
    if encoding == "iso-2022-jp":
        yield from decoded_lines(file, encoding)
        return
    with file.open(encoding=encoding, errors="surrogateescape", newline="") as text:
        first = True
        while part := text.read(CHUNK):
            yield part.removeprefix("\ufeff") if first else part
            first = False


_DECODER = json.JSONDecoder(object_pairs_hook=Pairs, parse_int=str, parse_float=str, parse_constant=str)
