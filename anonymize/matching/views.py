"""Other readings of a text in which a pattern may meet a value that the text encodes or breaks in two.

Covers: HTML entities, percent-encoding and \\u escapes (also doubly encoded), base64 and quoted-printable runs, a value
broken by a line end (line_ends.py), letters set apart by spaces, (at) and [dot].
Does not cover: base64 broken into lines, other encodings (hexadecimal, UTF-7, compression), encryption, a name of two
plain words broken between them.
"""

import base64
import binascii
import html
import re
from collections.abc import Callable, Iterable, Iterator

from anonymize.matching.folding import fold
from anonymize.matching.line_ends import line_ends_inside_values
from anonymize.matching.offsets import Draft, Folded, through

Edit = tuple[int, int, str]  # what text[start:end] stands for; "" where it is only in the way
ROUNDS = 2  # %2540 is a doubly encoded @
MIN_SET_APART = 5  # letters with single spaces between them
MIN_PRINTABLE = 0.9  # of a decoded base64 run

_ENTITY = re.compile(r"&(?:#[0-9]{1,7};?|#[xX][0-9A-Fa-f]{1,6};?|[A-Za-z][A-Za-z0-9]{1,31};)")
_PERCENT = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_BACKSLASH = re.compile(r"\\(?:u[0-9A-Fa-f]{4}|x[0-7][0-9A-Fa-f])")
_BASE64 = re.compile(r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{16,}={0,2}")
_QUOTED = re.compile(r"=\r?\n|(?:=[0-9A-F]{2})+")
_IS_QUOTED = re.compile(r"=\r?\n|=[0-9A-F]{2}=[0-9A-F]{2}")
_SET_APART = re.compile(rf"(?<!\S)\S(?: \S){{{MIN_SET_APART - 1},}}(?!\S)")
_AT_OR_DOT = re.compile(
    r"[ ]?[\[({](?P<word>[Aa][Tt]|[Dd][Oo][Tt])[\])}][ ]?"
    # leak @ pump2 is no address: a domain must follow
    r"|(?<=[A-Za-z0-9])[ ]{0,2}@[ ]{0,2}(?=[A-Za-z0-9-]{1,63}\.[A-Za-z0-9.-]{0,63}[a-z]{2})"
)
_SOFT_LINE_END = re.compile(r"\u00ad[ \t]{0,8}\r?\n[ \t]{0,8}")


def views(text: str) -> Iterator[Folded]:
    """Yield the folded text, then its other readings, each with offsets into the text; mostly there are none.

    A decoded character stands for its whole escape, a decoded base64 run for the whole run. There are at most four
    readings, and none is longer than the folded text by more than NFKC makes it.
    """
    yield fold(text)
    reading = _decoded(Folded(text, None, None))
    if reading.text != text:
        yield _folded(reading)
    plain = _edited(reading, _base64_edits(reading.text))
    if plain is not reading:
        yield _folded(_decoded(plain))
    folded = _folded(reading)
    together = _edited(folded, sorted([*line_ends_inside_values(folded.text), *_spelled_out(folded.text)]))
    if together is not folded:
        yield together


def _folded(reading: Folded) -> Folded:
    return through(fold(reading.text), reading)


def _edited(reading: Folded, edits: Iterable[Edit]) -> Folded:
    draft = Draft()
    done = 0
    for start, end, part in edits:
        if start < done:
            continue  # it overlaps the edit before it
        draft.keep(reading.text, done, start)
        draft.put(part, start, end)
        done = end
    if not done:
        return reading
    draft.keep(reading.text, done, len(reading.text))
    return through(draft.finished(), reading)


def _decoded(reading: Folded) -> Folded:
    for _ in range(ROUNDS):
        before = reading.text
        for sign, edits in _DECODERS:
            if sign in reading.text:
                reading = _edited(reading, edits(reading.text))
        if reading.text == before:
            break
    return reading


def _entities(text: str) -> Iterator[Edit]:
    for match in _ENTITY.finditer(text):
        decoded = html.unescape(match[0])
        if decoded != match[0]:
            yield *match.span(), decoded


def _backslashes(text: str) -> Iterator[Edit]:
    for match in _BACKSLASH.finditer(text):
        char = chr(int(match[0][2:], 16))
        if char.isprintable():
            yield *match.span(), char


def _percents(text: str) -> Iterator[Edit]:
    for run in _PERCENT.finditer(text):
        yield from _bytes_edits(run[0], run.start(), "%")


def _quoted(text: str) -> Iterator[Edit]:
    if not _IS_QUOTED.search(text):
        return  # t=40 is no @
    for run in _QUOTED.finditer(text):
        if run[0].endswith("\n"):
            yield *run.span(), ""
        else:
            yield from _bytes_edits(run[0], run.start(), "=")


def _soft_line_ends(text: str) -> Iterator[Edit]:
    return ((*match.span(), "") for match in _SOFT_LINE_END.finditer(text))


_DECODERS: tuple[tuple[str, Callable[[str], Iterator[Edit]]], ...] = (
    ("&", _entities),
    ("\\", _backslashes),
    ("%", _percents),
    ("=", _quoted),
    ("\u00ad", _soft_line_ends),
)


def _bytes_edits(run: str, start: int, sign: str) -> Iterator[Edit]:
    """Decode a run of escapes of three characters, each a byte of UTF-8."""
    try:
        decoded = bytes.fromhex(run.replace(sign, "")).decode()
    except UnicodeDecodeError:
        return
    for char in decoded:
        end = start + 3 * len(char.encode())
        yield start, end, char
        start = end


def _base64_edits(text: str) -> Iterator[Edit]:
    for run in _BASE64.finditer(text):
        decoded = _from_base64(run[0])
        if decoded:
            yield *run.span(), decoded


def _from_base64(run: str) -> str:
    """Return the text that a run encodes, or nothing where it is a word, a path or binary data."""
    plain = run.rstrip("=").translate(str.maketrans("-_", "+/"))
    try:
        decoded = base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""
    printable = sum(char.isprintable() or char.isspace() for char in decoded)
    return decoded if printable >= MIN_PRINTABLE * len(decoded) else ""


def _spelled_out(text: str) -> Iterator[Edit]:
    for run in _SET_APART.finditer(text) if " " in text else ():
        yield from ((at, at + 1, "") for at in range(run.start() + 1, run.end(), 2))
    for match in _AT_OR_DOT.finditer(text):
        sign = "." if match["word"] and match["word"].casefold() == "dot" else "@"
        if match[0] != sign:
            yield *match.span(), sign
