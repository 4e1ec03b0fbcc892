"""Look at a zip file before a parser unpacks it: how much it would become, and whether its XML declares entities.

Covers: bombs by the sizes that are declared and found, encrypted parts, DOCTYPE in UTF-8 and UTF-16.
Does not cover: a bomb whose declared sizes are lies, in a parser of its own (it is stopped by its memory limit).
"""

import codecs
import zipfile
import zlib
from pathlib import Path

from anonymize.reading.pieces import UnreadableFile

MOST_RATIO = 100  # unpacked to packed; text of XML reaches about 30
RATIO_FREE = 1 << 20  # bytes unpacked below which the ratio of a part says nothing
MOST_BYTES = 512 << 20  # unpacked, all parts
MOST_PARTS = 10_000
_ENCRYPTED = 0x1
_XML = (".xml", ".rels", ".vml")


def refuse_hostile_zip(file: Path) -> None:
    """Return if the container may be unpacked.

    Raises:
        UnreadableFile: it is a bomb, encrypted, damaged, or its XML has a DOCTYPE.
    """
    try:
        with zipfile.ZipFile(file) as container:
            parts = container.infolist()
            _refuse_sizes(parts)
            for part in parts:
                if part.filename.lower().endswith(_XML) and _has_doctype(container, part):
                    raise UnreadableFile("its XML has a DOCTYPE")
    except (zipfile.BadZipFile, NotImplementedError, EOFError, ValueError, RuntimeError, zlib.error):
        raise UnreadableFile("is no zip container, or a damaged one") from None


def _refuse_sizes(parts: list[zipfile.ZipInfo]) -> None:
    if len(parts) > MOST_PARTS:
        raise UnreadableFile(f"a container of more than {MOST_PARTS:,} parts")
    if any(part.flag_bits & _ENCRYPTED for part in parts):
        raise UnreadableFile("is protected by a password")
    if sum(part.file_size for part in parts) > MOST_BYTES:
        raise UnreadableFile(f"unpacks to more than {MOST_BYTES:,} bytes")
    for part in parts:
        if part.file_size > RATIO_FREE and part.file_size > MOST_RATIO * part.compress_size:
            raise UnreadableFile(f"a part that unpacks to more than {MOST_RATIO} times its size")


def _has_doctype(container: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    """Look through the whole part: a comment of any length may stand before the declaration."""
    with container.open(part) as stream:
        before = b""
        wide = False
        while chunk := stream.read(1 << 16):
            if not before:
                wide = chunk.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in chunk[:4]
            text = (before + chunk).replace(b"\0", b"") if wide else before + chunk
            if b"<!doctype" in text.lower():
                return True
            before = chunk[-40:]
    return False
