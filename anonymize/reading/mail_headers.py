"""Decode the headers of mail: encoded words (RFC 2047), parameters (RFC 2231), and what real programs write instead.

Python's own header parser replaces Japanese that Outlook writes (circled numbers, half-width kana); here the bytes of
neighbouring words are joined and decoded as the body is.

Does not cover: comments inside of addresses are kept as text, not parsed.
"""

import base64
import binascii
import quopri
import re
from email.message import Message
from email.utils import decode_rfc2231

from anonymize.reading.encodings import AUTO, decode

_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*)\?=")
_FOLD = re.compile(r"\r?\n(?=[ \t])")
_SURROGATES = re.compile("[\udc80-\udcff]")


def header_texts(message: Message, name: str) -> str:
    """Return all headers of that name as text, one a line.

    Raises:
        UnicodeError: a header is not in the encoding that it names.
    """
    return "\n".join(decode_header(value) for key, value in message.raw_items() if key.lower() == name)


def decode_header(raw: str) -> str:
    """Return a header as text; `raw` is what stands in the message, eight-bit bytes as lone surrogates.

    Raises:
        UnicodeError: the words are not in the encoding that they name.
    """
    unfolded = _FOLD.sub("", raw).strip()
    if _SURROGATES.search(unfolded):
        unfolded = decode(unfolded.encode("utf-8", "surrogateescape"))
    parts: list[str] = []
    at, pending, charset = 0, b"", ""
    for word in _WORD.finditer(unfolded):
        between = unfolded[at : word.start()]
        if between.strip() or word[1].lower() != charset:  # else one text was cut into words, even inside a character
            parts += [_decoded(pending, charset), between if between.strip() or not charset else ""]
            pending, charset = b"", word[1].lower()
        pending += _word_bytes(word[2], word[3])
        at = word.end()
    return "".join([*parts, _decoded(pending, charset), unfolded[at:]])


def file_name(part: Message) -> str:
    """Return the name of an attachment, "" where it has none.

    Raises:
        UnicodeError: the name is not in the encoding that it names.
    """
    for header, parameter in (("content-disposition", "filename"), ("content-type", "name")):
        value = _parameter(part, header, parameter)
        if value:
            return value
    return ""


def _parameter(part: Message, header: str, name: str) -> str:
    try:
        value = part.get_param(name, header=header)
    except (ValueError, TypeError, IndexError, LookupError):  # malformed continuations
        return ""
    if isinstance(value, tuple):  # RFC 2231: charset, language, and its bytes as Latin-1
        encoded = value[2].encode("latin-1", "surrogateescape")
        return _decoded(encoded, value[0] or AUTO)
    if not isinstance(value, str):
        return ""
    if value.count("'") == 2 and "%" in value:
        charset, _, text = decode_rfc2231(value)
        return _decoded(text.encode("latin-1", "replace"), charset or AUTO)
    return decode_header(value)


def _word_bytes(how: str, text: str) -> bytes:
    if how in "bB":
        letters = re.sub(r"[^A-Za-z0-9+/]", "", text)
        try:
            return base64.b64decode(letters + "=" * (-len(letters) % 4))
        except binascii.Error as error:
            raise UnicodeError("a header is no Base64") from error
    return quopri.decodestring(text.replace("_", " ").encode("utf-8", "surrogateescape"), header=True)


def _decoded(encoded: bytes, charset: str) -> str:
    if not encoded:
        return ""
    try:
        return decode(encoded, charset.partition("*")[0])  # RFC 2231 puts a language behind the charset
    except LookupError:
        return decode(encoded)
