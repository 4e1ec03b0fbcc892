"""Decode ISO-2022-JP as Japanese mail programs write it, which Python's own codecs refuse.

Covers: JIS X 0201 Roman and half-width kana (by escape, by shift, as eight-bit bytes), JIS X 0208 with the rows of NEC
(circled numbers, (株) in one sign) and of IBM, JIS X 0212. The characters are those of Microsoft's code page 50221.
Does not cover: JIS X 0213, user-defined characters.
"""

import re

_ESCAPES = {
    b"\x1b(B": "ascii",
    b"\x1b(J": "roman",
    b"\x1b(I": "kana",
    b"\x1b$@": "x0208",
    b"\x1b$B": "x0208",
    b"\x1b$(D": "x0212",
    b"\x0e": "kana",
    b"\x0f": "ascii",
}
# a line break ends two-byte text: RFC 1468 asks every line to begin in ASCII
_PARTS = re.compile(rb"(\x1b\([BJI]|\x1b\$[@B]|\x1b\$\(D|[\x0e\x0f]|[\r\n]+)")
# begins Japanese; ESC ( B alone does not: terminals write it into logs
ESCAPE = re.compile(rb"\x1b(?:\(I|\$[@B]|\$\(D)")


def decode_iso2022jp(encoded: bytes, *, is_strict: bool = True) -> str:
    """Return the text; bytes that are none become lone surrogates where the reading is not strict.

    Raises:
        UnicodeDecodeError: the reading is strict and bytes are no ISO-2022-JP.
    """
    charset, decoded = "ascii", []
    for part in _PARTS.split(encoded):
        if part in _ESCAPES:
            charset = _ESCAPES[part]
        elif part[:1] in (b"\r", b"\n"):
            charset = "ascii"
            decoded.append(part.decode("ascii"))
        elif part:
            decoded.append(_decode_part(part, charset))
    text = "".join(decoded)
    if is_strict and any("\udc80" <= sign <= "\udcff" for sign in text):
        raise UnicodeDecodeError("iso2022_jp", b"", 0, 0, "bytes that are no ISO-2022-JP")  # tells none of them
    return text


def _decode_part(part: bytes, charset: str) -> str:
    if charset == "kana":
        return bytes(byte | 0x80 for byte in part).decode("cp932", "surrogateescape")
    if charset == "x0208":
        return "".join(_decode_pair(part[at : at + 2]) for at in range(0, len(part), 2))
    if charset == "x0212":
        return "".join(_decode_supplement(part[at : at + 2]) for at in range(0, len(part), 2))
    return "".join(_decode_single(byte, charset) for byte in part)


def _decode_single(byte: int, charset: str) -> str:
    """Return an ASCII or Roman character, or the half-width kana that careless programs send in eight bits."""
    if charset == "roman" and byte in (0x5C, 0x7E):
        return "¥" if byte == 0x5C else "‾"
    if byte == 0x1B:
        return "\udc9b"  # an escape that is not known: what follows it could mean anything
    if byte < 0x80:
        return chr(byte)
    return bytes([byte]).decode("cp932", "surrogateescape") if 0xA1 <= byte <= 0xDF else chr(0xDC00 + byte)


def _decode_pair(pair: bytes) -> str:
    """Return a character of JIS X 0208 by way of Shift_JIS, where code page 932 has the rows of NEC and IBM."""
    if len(pair) < 2 or not all(0x21 <= byte <= 0x7E for byte in pair):
        return "".join(chr(0xDC00 + (byte | 0x80)) for byte in pair)
    row, cell = pair
    lead = ((row - 0x21) >> 1) + (0x81 if row < 0x5F else 0xC1)
    odd_trail = cell + (0x1F if cell < 0x60 else 0x20)
    trail = odd_trail if row % 2 else cell + 0x7E
    return _or_undecodable(bytes([lead, trail]), "cp932", pair)


def _decode_supplement(pair: bytes) -> str:
    """Return a character of JIS X 0212, which EUC-JP writes behind 0x8F."""
    return _or_undecodable(b"\x8f" + bytes(byte | 0x80 for byte in pair), "euc_jp", pair)


def _or_undecodable(encoded: bytes, codec: str, pair: bytes) -> str:
    try:
        return encoded.decode(codec)
    except UnicodeDecodeError:
        return "".join(chr(0xDC00 + (byte | 0x80)) for byte in pair)
