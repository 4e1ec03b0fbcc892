"""Tell how a text is encoded, and decode it; what cannot be told is refused, not guessed.

Covers: UTF-8 and UTF-16 (byte order mark), ISO-2022-JP with Microsoft's characters, CP932 (every Shift_JIS is read as
such), EUC-JP. Does not cover: UTF-16 without a byte order mark, encodings of other languages (declare them).
"""

import codecs
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from anonymize.errors import SourceError
from anonymize.reading.iso2022jp import ESCAPE, decode_iso2022jp

AUTO = "auto"
CHUNK = 1 << 16  # bytes
LINE_CHARS = 16 << 20  # a longer line is no line of a table
ENOUGH = 4_000  # characters beyond ASCII after which one encoding that is left is believed
MARGIN = 0.15  # 0..1 between the readings of CP932 and EUC-JP; half-width kana alone stay undecided
PLAUSIBLE = 0.7  # 0..1, least share of usual Japanese in a text that is not Unicode
HINT = "set the encoding: utf-8, cp932, euc-jp, iso-2022-jp, utf-16"

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
# the names under which programs label their own supersets of these
_SUPERSETS = {
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "sjis": "cp932",
    "x-sjis": "cp932",
    "windows-31j": "cp932",
    "ms932": "cp932",
    "iso-2022-jp-ms": "iso-2022-jp",
    "cp50220": "iso-2022-jp",
    "cp50221": "iso-2022-jp",
    "x-euc-jp": "euc-jp",
    "us-ascii": "ascii",
}
_UNDECODABLE = re.compile("[\ud800-\udfff]")


def decode(encoded: bytes, encoding: str = AUTO) -> str:
    """Return the text without a byte order mark.

    Raises:
        UnicodeError: the bytes are not in this encoding, or their encoding cannot be told.
        LookupError: there is no such encoding.
    """
    name = told_encoding([encoded]) if encoding == AUTO else canonical(encoding)
    if name == "iso-2022-jp":
        return decode_iso2022jp(encoded)
    text = encoded.decode(name)
    return text.removeprefix("\ufeff")


def canonical(encoding: str) -> str:
    """Return the encoding that decodes what is labelled so."""
    name = encoding.strip().lower().replace("_", "-")
    return _SUPERSETS.get(name, _SUPERSETS.get(name.replace("-", "_"), name))


def file_encoding(file: Path, encoding: str) -> str:
    """Return the encoding of a text file, read as far as is needed where it is to be told.

    Raises:
        SourceError: it cannot be told.
    """
    if encoding != AUTO:
        return canonical(encoding)
    with file.open("rb") as stream:
        try:
            return told_encoding(iter(lambda: stream.read(CHUNK), b""))
        except UnicodeError:
            raise SourceError(f"{file}: the encoding cannot be told", HINT) from None


def told_encoding(chunks: Iterable[bytes]) -> str:
    """Return the encoding of bytes by their mark, their escapes, or the one strict reading that is Japanese.

    Raises:
        UnicodeError: none or two encodings are left; the message holds none of the text.
    """
    readings = {name: _Reading(name) for name in ("utf-8", "cp932", "euc-jp")}
    is_between_characters = True
    for number, chunk in enumerate(chunks):
        if certain := _marked(chunk, is_start=number == 0):
            return certain
        if is_between_characters and chunk.isascii():
            continue  # says nothing, at a hundred times the speed of three decoders
        is_between_characters = chunk[-1:].isascii()  # no character of two bytes begins with ASCII
        readings = {name: reading for name, reading in readings.items() if reading.goes_on(chunk)}
        if not readings or any(reading.beyond_ascii >= ENOUGH for reading in readings.values()):
            return _decided(readings)
    return _decided({name: reading for name, reading in readings.items() if reading.ends()})


def _marked(chunk: bytes, *, is_start: bool) -> str:
    """Return the encoding that a mark or an escape tells, "" where there is none."""
    if is_start:
        for mark, name in _MARKS:
            if chunk.startswith(mark):
                return name
    if b"\0" in chunk:
        raise UnicodeError("NUL characters: UTF-16 without a mark, or no text")
    return "iso-2022-jp" if ESCAPE.search(chunk) else ""


def decoded_lines(file: Path, encoding: str) -> Iterator[str]:
    """Yield the lines with their ends; what is not in the encoding becomes lone surrogates (UTF-16 raises).

    Raises:
        SourceError: a line is so long that the file can be no table.
    """
    if encoding == "iso-2022-jp":
        with file.open("rb") as stream:
            for line in _bounded(file, stream):
                yield decode_iso2022jp(line, is_strict=False)
        return
    with file.open(encoding=encoding, errors="surrogateescape", newline="") as text:
        first = True
        while text_line := text.readline(LINE_CHARS):
            _refuse_endless(file, len(text_line))
            yield text_line.removeprefix("\ufeff") if first else text_line
            first = False


def _bounded(file: Path, stream: BinaryIO) -> Iterator[bytes]:
    while line := stream.readline(LINE_CHARS):
        _refuse_endless(file, len(line))
        yield line


def _refuse_endless(file: Path, length: int) -> None:
    if length >= LINE_CHARS:
        raise SourceError(f"{file}: a line is longer than {LINE_CHARS:,} characters", "this is no table in text")


def has_undecodable(text: str) -> bool:
    """Say whether bytes of the text were not in its encoding."""
    return _UNDECODABLE.search(text) is not None


@dataclass(slots=True)
class _Reading:
    """One encoding's way through the bytes, and how much of what it reads is usual in Japanese."""

    name: str
    beyond_ascii: int = 0
    usual: float = 0.0
    decoder: codecs.IncrementalDecoder = field(init=False)

    def __post_init__(self) -> None:
        self.decoder = codecs.getincrementaldecoder(self.name)()

    def goes_on(self, chunk: bytes) -> bool:
        return self._takes(lambda: self.decoder.decode(chunk))

    def ends(self) -> bool:
        return self._takes(lambda: self.decoder.decode(b"", final=True))

    def share(self) -> float:
        return self.usual / self.beyond_ascii if self.beyond_ascii else 1.0

    def _takes(self, decoded: Callable[[], str]) -> bool:
        try:
            text = decoded()
        except UnicodeDecodeError:
            return False
        beyond = [sign for sign in text if sign > "\x7f"]
        self.beyond_ascii += len(beyond)
        self.usual += sum(map(_usualness, beyond))
        return True


def _decided(readings: dict[str, _Reading]) -> str:
    if "utf-8" in readings:  # no other encoding gives valid UTF-8 by chance
        return "utf-8"
    ranked = sorted(readings.values(), key=_Reading.share, reverse=True)
    if not ranked or ranked[0].share() < PLAUSIBLE:
        raise UnicodeError("no encoding gives Japanese")
    if len(ranked) > 1 and ranked[0].share() - ranked[1].share() < MARGIN:
        raise UnicodeError("two encodings give Japanese")
    return ranked[0].name


def _usualness(sign: str) -> float:
    """Return 1 for what Japanese text is made of, less for what a wrong reading is made of."""
    if "\u3040" <= sign <= "\u30ff" or "\uff01" <= sign <= "\uff5e" or "\u3001" <= sign <= "\u301c":
        return 1.0
    if "\u4e00" <= sign <= "\u9fff":
        return _kanji_usualness(sign)
    if "\uff66" <= sign <= "\uff9f":
        return 0.9  # half-width kana: usual in old exports
    return 0.2 if "\uff61" <= sign <= "\uff65" else 0.5 if sign in "ー・…※→℃○△□◎㈱①②③④⑤\u3000" else 0.1


def _kanji_usualness(sign: str) -> float:
    """Return 1 for the kanji of JIS level 1, which EUC-JP puts on the rows B0 to CF."""
    try:
        encoded = sign.encode("euc_jp")
    except UnicodeEncodeError:
        return 0.1
    return 1.0 if len(encoded) == 2 and encoded[0] <= 0xCF else 0.2
