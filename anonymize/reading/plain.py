"""Read what needs no process of its own: tables in text, plain text, HTML and XML as text."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from anonymize.reading.encodings import AUTO, decode
from anonymize.reading.markup import decode_markup, text_of_markup
from anonymize.reading.pieces import Broken, Piece, Request, UnreadableFile, wanted_of
from anonymize.reading.tables import CsvSource, csv_rows
from anonymize.records import Record

BYTES_A_CHARACTER = 4  # at most, in the encodings that are read


def csv_pieces(file: Path, request: Request) -> Iterator[Piece | Broken]:
    """Yield the rows of a CSV file; see `tables.csv_rows` for what is raised."""
    source = CsvSource(file, request.encoding, request.delimiter or ",", request.id_column, request.columns)
    for row in csv_rows(source):
        place = row.place.removeprefix(f"{file.name} ")
        if isinstance(row, Record):
            yield Piece(place, row.columns, row.id if request.id_column else "")
        else:
            yield Broken(place, row.reason)


def tsv_pieces(file: Path, request: Request) -> Iterator[Piece | Broken]:
    """Yield the rows of a table whose fields a tab parts, unless another delimiter is set."""
    return csv_pieces(file, replace(request, delimiter=request.delimiter or "\t"))


def text_pieces(file: Path, request: Request) -> Iterator[Piece | Broken]:
    """Yield the whole text as one piece.

    Raises:
        UnreadableFile: it is too large, or not in its encoding.
    """
    try:
        text = decode(_whole(file, request), request.encoding)
    except UnicodeError:
        raise UnreadableFile(_wrong_encoding(request)) from None
    yield Piece("", wanted_of(request, {"text": text}))


def markup_pieces(file: Path, request: Request) -> Iterator[Piece | Broken]:
    """Yield the text of an HTML or XML file as one piece.

    Raises:
        UnreadableFile: it is too large, or not in its encoding.
    """
    try:
        markup = decode_markup(_whole(file, request), request.encoding)
    except UnicodeError:
        raise UnreadableFile(_wrong_encoding(request)) from None
    except LookupError:
        raise UnreadableFile("declares an encoding that is not known") from None
    yield Piece("", wanted_of(request, {"text": text_of_markup(markup)}))


def _whole(file: Path, request: Request) -> bytes:
    most = BYTES_A_CHARACTER * request.limits.text_chars
    with file.open("rb") as stream:
        encoded = stream.read(most + 1)
    if len(encoded) > most:
        raise UnreadableFile(f"larger than {most:,} bytes")
    return encoded


def _wrong_encoding(request: Request) -> str:
    told = "the encoding cannot be told" if request.encoding == AUTO else f"is not {request.encoding}"
    return f"{told}, or not the declared one"
