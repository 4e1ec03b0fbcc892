"""Read what a GGUF file says about itself, with every length checked against the file before it is believed.

Covers: magic, version, metadata, the table of tensors. Does not cover: the values of the weights.
Source: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from appliance.core.errors import InputError

MAGIC = b"GGUF"
LIMIT_COUNT = 1_000_000  # keys, tensors; real files hold thousands
LIMIT_TEXT = 16 << 20  # bytes of one string; a chat template has some thousand
LIMIT_ELEMENTS = 10_000_000  # of an array; the largest vocabularies hold 262 thousand words
_STRING, _ARRAY, _BOOL = 8, 9, 7
_SCALARS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<B", 10: "<Q", 11: "<q", 12: "<d"}


@dataclass(frozen=True, slots=True)
class Listing:
    """An array in the metadata, of which only the length is kept."""

    length: int


@dataclass(frozen=True, slots=True)
class GgufHeader:
    """Metadata, the tensors' type numbers by name, and where the parts of the file stand (bytes)."""

    metadata: Mapping[str, Any]
    tensor_types: Mapping[str, int]
    parameters: int
    entries: Mapping[str, tuple[int, int]]  # of each key of the metadata, from its name to the end of its value
    table: tuple[int, int]  # of tensors
    alignment: int


def read_header(file: Path) -> GgufHeader:
    """Return the header of a GGUF file.

    Raises:
        InputError: the file is no GGUF of version 2 or 3, is cut short, or declares absurd sizes.
    """
    with file.open("rb") as stream:
        try:
            return _read(_Reader(stream, file.stat().st_size))
        except (ValueError, struct.error) as error:
            raise InputError(f"{file.name}: not a sound GGUF file: {error}", hint="fetch the file again") from error


def without_vocabulary(file: Path, header: GgufHeader, target: Path) -> None:
    """Write the same weights with the long lists of the vocabulary left out.

    transformers parses them once more for each of configuration and weights, and takes most of its time for that.
    """
    kept = [place for key, place in header.entries.items() if not isinstance(header.metadata[key], Listing)]
    with file.open("rb") as source, target.open("wb") as out:
        version = source.read(8)
        out.write(version + struct.pack("<QQ", len(header.tensor_types), len(kept)))
        for start, end in (*kept, header.table):
            source.seek(start)
            out.write(source.read(end - start))
        out.write(b"\0" * (-out.tell() % header.alignment))
        source.seek(header.table[1] + -header.table[1] % header.alignment)
        while block := source.read(1 << 22):
            out.write(block)


class _Reader:
    """Reads little-endian values and never beyond the end of the file."""

    def __init__(self, stream: BinaryIO, size: int) -> None:
        self.stream = stream
        self.left = size

    def take(self, count: int) -> bytes:
        if count > self.left:
            raise ValueError("it ends too early")
        self.left -= count
        return self.stream.read(count)

    def number(self, form: str) -> Any:
        return struct.unpack(form, self.take(struct.calcsize(form)))[0]

    def count(self, limit: int) -> int:
        value = int(self.number("<Q"))
        if value > limit:
            raise ValueError(f"it declares {value} elements")
        return value

    def text(self) -> str:
        return self.take(self.count(LIMIT_TEXT)).decode("utf-8")

    def value(self, kind: int) -> Any:
        if kind == _STRING:
            return self.text()
        if kind == _ARRAY:
            return self._listing()
        if kind not in _SCALARS:
            raise ValueError(f"unknown type {kind}")
        number = self.number(_SCALARS[kind])
        return bool(number) if kind == _BOOL else number

    def _listing(self) -> Listing:
        kind, length = int(self.number("<I")), self.count(LIMIT_ELEMENTS)
        if kind == _STRING:
            for _ in range(length):
                self.take(self.count(LIMIT_TEXT))
        elif kind in _SCALARS:
            self.take(length * struct.calcsize(_SCALARS[kind]))
        else:
            raise ValueError(f"an array of type {kind}")
        return Listing(length)


def _read(reader: _Reader) -> GgufHeader:
    if reader.take(4) != MAGIC or reader.number("<I") not in (2, 3):
        raise ValueError("magic or version")
    tensors, keys = reader.count(LIMIT_COUNT), reader.count(LIMIT_COUNT)
    metadata: dict[str, Any] = {}
    entries: dict[str, tuple[int, int]] = {}
    for _ in range(keys):
        start = reader.stream.tell()
        key = reader.text()
        metadata[key] = reader.value(int(reader.number("<I")))
        entries[key] = (start, reader.stream.tell())
    start = reader.stream.tell()
    types: dict[str, int] = {}
    parameters = 0
    for _ in range(tensors):
        name, elements = reader.text(), 1
        for _ in range(int(reader.number("<I"))):
            elements *= int(reader.number("<Q"))
        types[name] = int(reader.number("<I"))
        reader.take(8)  # offset into the weights
        parameters += elements
    alignment = int(metadata.get("general.alignment", 32))
    if alignment not in (1 << power for power in range(3, 17)):
        raise ValueError(f"alignment {alignment}")
    return GgufHeader(metadata, types, parameters, entries, (start, reader.stream.tell()), alignment)
