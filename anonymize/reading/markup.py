"""Turn HTML and XML into plain text, in one pass whose time grows with the length only.

Covers: comments, CDATA, scripts and styles (left out), character references, blocks as lines, declared encodings.
Does not cover: attributes (alt, title, href), entities that a document declares itself (they stay as they stand),
text that a style hides (it is kept).
"""

import html
import re
from collections.abc import Iterator

from anonymize.reading.encodings import AUTO, canonical, decode

_DECLARED = re.compile(rb"""(?:encoding|charset)\s{0,9}=\s{0,9}["']?([A-Za-z0-9_.:-]{1,40})""")
_DECLARED_WITHIN = 2_048  # bytes; HTML's own rule looks at 1,024
_NAME = re.compile(r"/?([A-Za-z][A-Za-z0-9:._-]{0,60})")
_INLINE = frozenset(
    "a|abbr|b|big|code|em|font|i|label|mark|o:p|s|small|span|strike|strong|sub|sup|tt|u|wbr".split("|"),  # noqa: SIM905
)
_UNSEEN = frozenset(("script", "style"))
_CELLS = frozenset(("/td", "/th"))
_BLANKS = re.compile(r"[ \t\u00a0]{2,}")


def decode_markup(encoded: bytes, encoding: str = AUTO) -> str:
    """Return the characters by the encoding that is given, else the declared one, else the one that can be told.

    Raises:
        UnicodeError: the bytes are not in that encoding, or it cannot be told.
        LookupError: the declared encoding is not known.
    """
    declared = _DECLARED.search(encoded[:_DECLARED_WITHIN]) if encoding == AUTO else None
    if declared is None or encoded.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        return decode(encoded, encoding)
    return decode(encoded, canonical(declared[1].decode("ascii")))


def text_of_markup(markup: str) -> str:
    """Return the text between the tags, a line for every block; nothing of it is left out but scripts and styles."""
    lines = (_BLANKS.sub(" ", line).strip() for line in "".join(_parts(markup)).splitlines())
    return "\n".join(line for line in lines if line)


def _parts(markup: str) -> Iterator[str]:
    at, absent = 0, set[str]()
    while (opening := markup.find("<", at)) >= 0:
        yield html.unescape(markup[at:opening])
        text, at = _tag(markup, opening, absent)
        yield text
    yield html.unescape(markup[at:])


def _tag(markup: str, at: int, absent: set[str]) -> tuple[str, int]:
    """Return the text that a tag stands for, and where it ends.

    An end that is not there is looked for once: `absent` keeps it, else a million openings would cost a million looks.
    """
    for opening, closing in (("<!--", "-->"), ("<![CDATA[", "]]>")):
        if markup.startswith(opening, at) and closing not in absent:
            end = markup.find(closing, at + len(opening))
            if end >= 0:
                text = markup[at + len(opening) : end] if closing == "]]>" else ""
                return text, end + len(closing)
            absent.add(closing)
    name = _NAME.match(markup, at + 1)
    if (name is None and markup[at + 1 : at + 2] not in ("!", "?")) or ">" in absent:
        return "<", at + 1
    end = markup.find(">", at)
    if end < 0:
        absent.add(">")
        return "<", at + 1
    return _tag_text(markup, name[0].lower() if name else "", end + 1, absent)


def _tag_text(markup: str, name: str, end: int, absent: set[str]) -> tuple[str, int]:
    closing = f"</{name}"
    if name in _UNSEEN and closing not in absent:
        after = markup.find(closing, end)
        if after >= 0:
            return "\n", after
        absent.add(closing)
    if name in _CELLS:
        return "\t", end
    return ("" if name.removeprefix("/") in _INLINE else "\n"), end
