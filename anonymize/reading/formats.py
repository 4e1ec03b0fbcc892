"""The formats that are read: which reader, which columns, which endings of a file's name."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from anonymize.reading.isolation import isolated_pieces
from anonymize.reading.json_files import json_lines, json_values
from anonymize.reading.pieces import Broken, Piece, Request
from anonymize.reading.plain import csv_pieces, markup_pieces, text_pieces, tsv_pieces

FILE_NAME = "file_name"  # a column that every file has


@dataclass(frozen=True, slots=True)
class Format:
    """How a kind of file is read."""

    read: Callable[[Path, Request], Iterator[Piece | Broken]]
    columns: tuple[str, ...]  # of a document; () is a table, which names its own
    suffixes: tuple[str, ...]


def _isolated(reader: str) -> Callable[[Path, Request], Iterator[Piece | Broken]]:
    return partial(isolated_pieces, reader)


MAIL = ("text", "subject", "from", "to", "cc", "date", "body", "attachments")
FORMATS = {
    "csv": Format(csv_pieces, (), (".csv",)),
    "tsv": Format(tsv_pieces, (), (".tsv", ".tab")),
    "json": Format(json_values, (), (".json",)),
    "jsonl": Format(json_lines, (), (".jsonl", ".ndjson")),
    "xlsx": Format(_isolated("workbook"), (), (".xlsx", ".xlsm", ".xlsb")),
    "xls": Format(_isolated("workbook"), (), (".xls",)),
    "ods": Format(_isolated("workbook"), (), (".ods",)),
    "parquet": Format(_isolated("parquet"), (), (".parquet",)),
    "txt": Format(text_pieces, ("text",), (".txt", ".text", ".log", ".md")),
    "html": Format(markup_pieces, ("text",), (".html", ".htm", ".xhtml")),
    "xml": Format(markup_pieces, ("text",), (".xml",)),
    "eml": Format(_isolated("mail"), MAIL, (".eml",)),
    "mbox": Format(_isolated("mbox"), MAIL, (".mbox",)),
    "docx": Format(_isolated("docx"), ("text", "headers", "comments", "notes", "properties"), (".docx", ".docm")),
    "pdf": Format(_isolated("pdf"), ("text", "annotations", "fields", "properties"), (".pdf",)),
}
DOCUMENT_COLUMNS = {name: (*format_.columns, FILE_NAME) for name, format_ in FORMATS.items() if format_.columns}
_BY_SUFFIX = {suffix: name for name, format_ in FORMATS.items() for suffix in format_.suffixes}


def format_by_name(file: Path) -> str:
    """Return the name of the format that the ending of a file's name tells, "" for none."""
    return _BY_SUFFIX.get(file.suffix.lower(), "")
