"""Read DOCX files with everything that a person may stand in, not only what is printed.

Covers: body, tables in tables, text boxes, headers, footers, footnotes, endnotes, comments and who wrote them, tracked
insertions and deletions and who made them, fields, charts and diagrams, core, extended and own properties.
Does not cover: pictures, embedded files, targets of links.
"""

import zipfile
from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from anonymize.reading.containers import refuse_hostile_zip
from anonymize.reading.pieces import Broken, Piece, Request, UnreadableFile, wanted_of

_OLE = b"\xd0\xcf\x11\xe0"
_PLACES = {  # the beginning of a part's name -> the column it goes to; the rest under word/ that holds text is "text"
    "word/document": "text",
    "word/charts/": "text",
    "word/diagrams/data": "text",
    "word/header": "headers",
    "word/footer": "headers",
    "word/footnotes": "notes",
    "word/endnotes": "notes",
    "word/comments": "comments",
    "docprops/": "properties",
}
_TEXT = frozenset(("t", "delText", "instrText", "delInstrText", "v"))
_BREAKS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "softHyphen": ""}
_ENDS = {"p": "\n", "tr": "\n", "tc": "\t", "pt": "\n", "comment": "\n"}
_FORMATTING = frozenset(("pPr", "rPr", "tblPr", "sectPr", "tblGrid"))  # its tab stops are no tabs
_AUTHORED = frozenset(("ins", "del", "comment", "moveFrom", "moveTo", "rPrChange", "pPrChange", "person"))


def read_docx(file: Path, request: Request) -> Iterator[Piece | Broken]:
    """Yield the one document of the file.

    Raises:
        UnreadableFile: it is damaged, hostile, or has a password.
    """
    with file.open("rb") as stream:
        if stream.read(4) == _OLE:
            raise UnreadableFile("is protected by a password, or in the format before DOCX")
    refuse_hostile_zip(file)
    found: dict[str, list[str]] = {column: [] for column in _PLACES.values()}
    with zipfile.ZipFile(file) as container:
        names = sorted(container.namelist())
        if not any(name.lower().startswith("word/document") for name in names):
            raise UnreadableFile("is no DOCX: it has no document in it")
        for name in names:
            column = _column(name)
            if column:
                _read_part(container.read(name), column, found)
    yield Piece("", wanted_of(request, {column: "\n".join(_unique(texts)) for column, texts in found.items()}))


def _column(name: str) -> str:
    lowered = name.lower()
    if not lowered.endswith(".xml"):
        return ""
    return next((column for start, column in _PLACES.items() if lowered.startswith(start)), "")


def _unique(texts: list[str]) -> Iterator[str]:
    """Yield texts once: an author stands at every change, a header in every section."""
    return (text for text in dict.fromkeys(texts) if text)


def _read_part(encoded: bytes, column: str, found: dict[str, list[str]]) -> None:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False)
    try:
        root = etree.fromstring(encoded, parser)
    except etree.XMLSyntaxError as error:
        if error.code == etree.ErrorTypes.ERR_NO_MEMORY:
            raise MemoryError from None
        raise UnreadableFile("a part whose XML is damaged") from None
    if column == "properties":
        found[column].extend(_property_lines(root))
        return
    found[column].append("".join(_texts(root)).strip())
    found["properties" if column != "comments" else column].extend(_authors(root))


def _property_lines(root: etree._Element) -> Iterator[str]:
    for element in root.iter(etree.Element):
        if element.text and element.text.strip():
            yield f"{_local(element)}: {element.text.strip()}"


def _texts(root: etree._Element) -> Iterator[str]:
    """Yield the text in reading order; the older copy of a text box that Word keeps beside it is left out."""
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        name = _local(element)
        if event == "end":
            yield _ENDS.get(name, "")
        elif name in _FORMATTING or (name == "Fallback" and _has_choice(element)):
            walk.skip_subtree()
        elif name in _TEXT:
            yield element.text or ""
        else:
            yield _BREAKS.get(name, "")


def _has_choice(fallback: etree._Element) -> bool:
    choice = fallback.getprevious()
    return choice is not None and any(
        _local(element) in _TEXT and element.text for element in choice.iter(etree.Element)
    )


def _authors(root: etree._Element) -> Iterator[str]:
    for element in root.iter(etree.Element):
        if _local(element) in _AUTHORED:
            yield from (value for key, value in element.attrib.items() if str(key).endswith(("}author", "}initials")))


def _local(element: etree._Element) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""
