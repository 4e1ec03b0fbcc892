"""Read PDF files page by page: text, annotations and who made them, form fields, and what the document says of itself.

Covers: pages without a text layer (quarantined: run OCR first), passwords, loops of pages, attachments' names.
Does not cover: what attachments hold, text in pictures of a page that has text as well, XMP, bookmarks, signatures.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdf
from pypdf.errors import PyPdfError
from pypdf.generic import DictionaryObject

from anonymize.reading.pieces import Broken, Piece, Request, UnreadableFile, wanted_of

SCAN = "a scan: no text layer; run OCR first"
MOST_PAGES = 20_000
MOST_DEEP = 50  # forms inside of forms


def read_pdf(file: Path, request: Request) -> Iterator[Piece | Broken]:
    """Yield the pages; fields and properties of the whole document stand with its first page.

    Raises:
        UnreadableFile: the file is damaged, or has a password.
    """
    try:
        reader = pypdf.PdfReader(file)
        if reader.is_encrypted and not reader.decrypt(""):
            raise UnreadableFile("is protected by a password")
        count = len(reader.pages)
        whole = {"fields": _fields(reader), "properties": _properties(reader)}
    except PyPdfError as error:
        raise UnreadableFile(f"is damaged ({type(error).__name__})") from None
    if not 0 < count <= MOST_PAGES:
        raise UnreadableFile(f"has {count} pages")
    for number in range(count):
        yield _piece(reader, number, whole if number == 0 else {}, request)


def _piece(reader: pypdf.PdfReader, number: int, whole: dict[str, str], request: Request) -> Piece | Broken:
    place = f"page {number + 1}"
    try:
        page = reader.pages[number]
        text = page.extract_text().strip()
        annotations = _annotations(page)
        if not text and _has_picture(page.get("/Resources"), 0):
            return Broken(place, SCAN)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001  a damaged page makes pypdf raise anything; the other pages are read
        return Broken(place, f"a damaged page ({type(error).__name__})")
    if not any((text, annotations, *whole.values())):
        return Broken(place, "a page without text")
    return Piece(place, wanted_of(request, {"text": text, "annotations": annotations} | whole))


def _annotations(page: pypdf.PageObject) -> str:
    lines: list[str] = []
    for reference in _resolved(page.get("/Annots")) or []:
        annotation = _resolved(reference)
        if not isinstance(annotation, DictionaryObject):
            continue
        action = _resolved(annotation.get("/A"))
        told = [annotation.get(key) for key in ("/T", "/Subj", "/Contents", "/RC")]
        told.append(action.get("/URI") if isinstance(action, DictionaryObject) else None)
        lines.extend(str(text) for text in map(_resolved, told) if text)
    return "\n".join(lines)


def _fields(reader: pypdf.PdfReader) -> str:
    fields = reader.get_fields() or {}
    return "\n".join(f"{name}: {value}" for name, field in fields.items() if (value := _resolved(field.get("/V"))))


def _properties(reader: pypdf.PdfReader) -> str:
    lines = [f"{str(key).lstrip('/')}: {_resolved(value)}" for key, value in (reader.metadata or {}).items()]
    return "\n".join([*lines, *(f"attachment: {name}" for name in reader.attachments)])


def _has_picture(resources: Any, depth: int) -> bool:
    """Say whether a page, or a form that it draws, shows a picture."""
    resources = _resolved(resources)
    drawn = _resolved(resources.get("/XObject")) if isinstance(resources, DictionaryObject) else None
    if not isinstance(drawn, DictionaryObject) or depth > MOST_DEEP:
        return False
    objects = [_resolved(reference) for reference in drawn.values()]
    return any(
        thing.get("/Subtype") == "/Image" or _has_picture(thing.get("/Resources"), depth + 1)
        for thing in objects
        if isinstance(thing, DictionaryObject)
    )


def _resolved(thing: Any) -> Any:
    return thing.get_object() if hasattr(thing, "get_object") else thing
