"""Read what a company has: files of many formats, folders of them, databases; every part comes out exactly once.

A table (csv, tsv, json, jsonl, xlsx, xls, ods, parquet, a database) has the columns that it names. A document has
fixed ones:

    txt, html, xml  text
    eml, mbox       text (all of the message), subject, from, to, cc, date, body, attachments (their names)
    docx            text, headers (and footers), comments, notes, properties
    pdf             text, annotations, fields, properties; one record a page

and every file has `file_name`, its path below the folder. In a folder a document's column that its format does not
have is empty. Ids are numbers (row-5, file-3-page-2) or what the id column holds, never names of files: an id leaves
with the anonymized record, and a name may name a person.

Covers: see each format's module. Does not cover: archives, msg, pptx, pictures (quarantined as not read).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from anonymize.errors import SourceError
from anonymize.escapes import unescaped
from anonymize.reading.databases import database_rows
from anonymize.reading.encodings import AUTO, canonical
from anonymize.reading.folders import files_in, shown_name
from anonymize.reading.formats import FILE_NAME, FORMATS, format_by_name
from anonymize.reading.identifiers import refuse_doubled
from anonymize.reading.pieces import Broken, Limits, Piece, Request, UnreadableFile
from anonymize.records import Quarantined, Record

NOT_READ = "a format that is not read"


@dataclass(frozen=True, slots=True)
class Source:
    """Where records come from, and the only columns that are ever kept of them."""

    where: Path | str = field(repr=False)  # a file or a folder; a str is a database URL, which may hold a password
    columns: tuple[str, ...]
    format: str = "auto"  # a name in FORMATS; "auto" goes by the ending of a file's name
    id_column: str = ""  # "" numbers the records
    encoding: str = AUTO
    delimiter: str = ""  # "" is a tab in TSV, else a comma
    sheet: str = ""  # "" is every sheet of a workbook
    table: str = ""  # of a database; the key of a JSON object under which the rows stand
    query: str = field(default="", repr=False)  # of a database, instead of a table
    limits: Limits = field(default_factory=Limits)


def read(source: Source) -> Iterator[Record | Quarantined]:
    """Yield every row, page, message or document once, as a record or as quarantined, in the order of the source.

    Raises:
        SourceError: the source as a whole cannot be read as it was declared, or an id comes twice.
    """
    _refuse_misdeclared(source)
    rows = _rows(source)
    yield from refuse_doubled(rows, source.id_column) if source.id_column else rows


def _refuse_misdeclared(source: Source) -> None:
    if not source.columns or len(set(source.columns)) < len(source.columns):
        raise SourceError("a source needs the columns that are kept, each once")
    if source.format != "auto" and source.format not in FORMATS:
        raise SourceError(f"no format {source.format!r}", f"one of auto, {', '.join(FORMATS)}")
    try:
        "x".encode("utf-8" if source.encoding == AUTO else canonical(source.encoding))
    except LookupError:
        raise SourceError(f"{source.encoding!r} is not an encoding", "for instance auto, utf-8 or cp932") from None


def _rows(source: Source) -> Iterator[Record | Quarantined]:
    if isinstance(source.where, str):
        name = "query" if source.query else source.table
        pieces = database_rows(source.where, source.query, _request(source, source.columns))
        yield from (_numbered(piece, name, "row-1", "", source) for piece in pieces)
    elif source.where.is_dir():
        yield from _folder_rows(source, source.where)
    else:
        yield from _single_rows(source, source.where)


def _single_rows(source: Source, file: Path) -> Iterator[Record | Quarantined]:
    if not file.is_file():
        there = file.exists()
        raise SourceError(f"{file}: {'no regular file' if there else 'no such file'}", "give the path of the export")
    name = _format_of(source, file)
    if not name:
        raise SourceError(f"{file}: {NOT_READ}", f"set the format: {', '.join(FORMATS)}")
    shown = shown_name(file, file.parent)
    try:
        for piece in _pieces(source, file, name, is_alone=True):
            yield _numbered(piece, shown, "file-1", "", source)
    except UnreadableFile as failure:
        yield Quarantined("file-1", shown, failure.reason)
    except OSError as error:
        raise SourceError(f"{file}: cannot be opened or read ({error.strerror})") from error


def _folder_rows(source: Source, folder: Path) -> Iterator[Record | Quarantined]:
    number = 0
    try:
        for number, (file, problem) in enumerate(files_in(folder), start=1):
            yield from _file_rows(source, file, shown_name(file, folder), f"file-{number}", problem)
    except OSError as error:
        raise SourceError(f"{folder}: cannot be listed ({error.strerror})") from error
    if not number:
        raise SourceError(f"{folder}: holds no file")


def _file_rows(source: Source, file: Path, shown: str, file_id: str, problem: str) -> Iterator[Record | Quarantined]:
    """Yield what one file of a folder gives; a file that cannot be read ends itself only."""
    name = _format_of(source, file)
    problem = problem or ("" if name else NOT_READ)
    place = shown
    if not problem:
        try:
            for piece in _pieces(source, file, name, is_alone=False):
                row = _numbered(piece, shown, file_id, f"{file_id}-", source)
                place = f"{shown} behind {piece.place}"
                yield row
            problem = "" if place != shown else "holds no record"
        except UnreadableFile as failure:
            problem = failure.reason
        except SourceError as failure:
            problem = failure.message.removeprefix(f"{file}: ")
        except OSError as failure:
            problem = f"cannot be opened or read ({failure.strerror})"
    if problem:
        yield Quarantined(file_id, place, problem)


def _pieces(source: Source, file: Path, name: str, *, is_alone: bool) -> Iterator[Piece | Broken]:
    offered = FORMATS[name].columns
    wanted = tuple(column for column in source.columns if column != FILE_NAME)
    if offered:
        told = f"{name} has the columns {', '.join(offered)} and {FILE_NAME}"
        if source.id_column:
            raise SourceError(f"{file}: a document has no id column", "leave id_column empty to number the documents")
        unknown = [column for column in wanted if column not in offered]
        if unknown and (is_alone or len(unknown) == len(wanted)):
            raise SourceError(f"{file}: no column {unknown[0]!r}", told)
    try:
        yield from FORMATS[name].read(file, _request(source, wanted))
    except UnicodeError:  # of two bytes a character, where no single row can be told as wrong
        raise UnreadableFile("is not in its encoding") from None


def _numbered(piece: Piece | Broken, shown: str, file_id: str, prefix: str, source: Source) -> Record | Quarantined:
    """Give a piece its id and its place, and the file's name where that is wanted."""
    number = piece.place.replace(" ", "-")
    record_id = prefix + number if number else file_id
    place = f"{shown} {piece.place}".rstrip()
    if isinstance(piece, Broken):
        return Quarantined(record_id, place, piece.reason)
    if any(len(text) > source.limits.text_chars for text in piece.columns.values()):
        return Quarantined(record_id, place, f"a text of more than {source.limits.text_chars:,} characters")
    is_file = not isinstance(source.where, str)
    texts = {column: unescaped(text) for column, text in piece.columns.items()}
    columns = {column: shown if column == FILE_NAME and is_file else texts[column] for column in source.columns}
    return Record(piece.id or record_id, place, columns)


def _format_of(source: Source, file: Path) -> str:
    return format_by_name(file) if source.format == "auto" else source.format


def _request(source: Source, columns: tuple[str, ...]) -> Request:
    return Request(
        columns=columns,
        id_column=source.id_column,
        encoding=source.encoding,
        delimiter=source.delimiter,
        sheet=source.sheet,
        table=source.table,
        limits=source.limits,
    )
