"""Read messages: EML files one by one, MBOX files message by message.

Covers: subject, from, to, cc, date, the text of every part that is shown (HTML as text, messages inside of messages),
names of attachments; ISO-2022-JP with Microsoft's characters, eight-bit headers, wrong labels where the encoding shows.
Does not cover: what attachments hold, winmail.dat, encrypted parts (a message without any text is quarantined).
"""

from collections.abc import Iterator
from email import policy
from email.message import Message
from email.parser import BytesParser
from pathlib import Path
from typing import BinaryIO

from anonymize.reading.encodings import AUTO, decode
from anonymize.reading.mail_headers import file_name, header_texts
from anonymize.reading.markup import decode_markup, text_of_markup
from anonymize.reading.pieces import Broken, Piece, Request, UnreadableFile, wanted_of

MOST_PARTS = 1_000
_HEADERS = ("subject", "from", "to", "cc", "date")
_TOLD_WITH_TO = ("bcc", "reply-to", "sender")  # people as well: they stand in the column text
_KNOWN = frozenset((*_HEADERS, "message-id", "received", "content-type", "mime-version", "return-path", "sender"))
_FROM_LINE = b"From "


def read_message(file: Path, request: Request) -> Iterator[Piece | Broken]:
    """Yield the one message of an EML file."""
    yield _piece("", file.read_bytes(), request)


def read_mailbox(file: Path, request: Request) -> Iterator[Piece | Broken]:
    """Yield the messages of an MBOX file.

    Raises:
        UnreadableFile: the file does not begin as a mailbox does.
    """
    with file.open("rb") as stream:
        for number, encoded in enumerate(_messages(stream, request.limits.text_chars), start=1):
            place = f"message {number}"
            yield Broken(place, "larger than the limit") if encoded is None else _piece(place, encoded, request)


def _messages(stream: BinaryIO, most: int) -> Iterator[bytes | None]:
    """Yield each message, None for one that is too large; a line "From " behind an empty line begins one."""
    lines: list[bytes] = []
    length, is_behind_empty, is_any = 0, True, False
    while line := stream.readline(1 << 16):
        if is_behind_empty and line.startswith(_FROM_LINE):
            if is_any:
                yield b"".join(lines) if length <= most else None
            lines, length, is_any = [], 0, True
            is_behind_empty = False
            continue
        if not is_any:
            raise UnreadableFile("is no mailbox: it does not begin with a line From")
        is_behind_empty = line in (b"\n", b"\r\n")
        length += len(line)
        if length <= most:
            lines.append(line[1:] if line.lstrip(b">").startswith(_FROM_LINE) and line.startswith(b">") else line)
    if is_any:
        yield b"".join(lines) if length <= most else None


def _piece(place: str, encoded: bytes, request: Request) -> Piece | Broken:
    try:
        # compat32 leaves headers as they stand; policy.default decodes them by codecs without Microsoft's characters
        message = BytesParser(policy=policy.compat32).parsebytes(encoded)
        if not _KNOWN & {name.lower() for name, _ in message.items()}:
            return Broken(place, "no header that a message has")
        columns = _columns(message)
    except UnicodeError:
        return Broken(place, "a part that is not in the encoding that it declares")
    except RecursionError:
        return Broken(place, "parts nested too deep")
    except (LookupError, ValueError, TypeError, AttributeError):  # what Python's parser raises on malformed structure
        return Broken(place, "a message that cannot be parsed")
    if not columns["body"] and not columns["attachments"] and not columns["subject"]:
        return Broken(place, "a message without text")
    return Piece(place, wanted_of(request, columns))


def _columns(message: Message) -> dict[str, str]:
    columns = {name: header_texts(message, name) for name in _HEADERS}
    bodies: list[str] = []
    names: list[str] = []
    for number, part in enumerate(message.walk()):
        if number > MOST_PARTS:
            raise RecursionError
        if number and part.get_content_type() != "message/rfc822" and "from" in part:  # a message inside of this one
            bodies.append("\n".join(filter(None, (header_texts(part, name) for name in _HEADERS))))
        name = file_name(part)
        if name:
            names.append(name)
        if not part.is_multipart() and part.get_content_maintype() == "text" and not _is_attached(part):
            bodies.append(_text(part))
    columns["body"] = "\n\n".join(filter(None, bodies))
    columns["attachments"] = "\n".join(names)
    others = [header_texts(message, name) for name in _TOLD_WITH_TO]
    columns["text"] = "\n".join(filter(None, [*(columns[name] for name in _HEADERS), *others, columns["body"], *names]))
    return columns


def _is_attached(part: Message) -> bool:
    return str(part.get("content-disposition", "")).lower().startswith("attachment")


def _text(part: Message) -> str:
    encoded = part.get_payload(decode=True)
    if not isinstance(encoded, bytes):
        return ""
    is_markup = part.get_content_subtype() in ("html", "xml", "xhtml")
    charset = _charset(part)
    try:
        text = _decoded(encoded, charset, is_markup=is_markup)
    except (LookupError, UnicodeError):
        if charset == AUTO:
            raise
        text = _decoded(encoded, AUTO, is_markup=is_markup)  # wrongly labelled: only where it can be told
    return text_of_markup(text) if is_markup else text.replace("\r\n", "\n").strip()


def _charset(part: Message) -> str:
    try:
        charset = part.get_content_charset()
    except (UnicodeError, LookupError, ValueError, TypeError, IndexError):
        charset = None
    return charset or AUTO


def _decoded(encoded: bytes, charset: str, *, is_markup: bool) -> str:
    return decode_markup(encoded, charset) if is_markup else decode(encoded, charset)
