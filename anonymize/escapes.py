r"""Letters that a program wrote as `\uXXXX`, as JSON does by default, read as the letters that they are.

A name that is spelled so would be seen by no model, and would not equal the same name beside it.
Covers: every escape of a printable letter beyond ASCII, two of them where they stand for one character. JSON stays
the same JSON. Does not cover: half of such a pair, escapes of ASCII letters and control characters (views.py in
`matching` reads these for patterns).
"""

import re

_RUN = re.compile(r"(?<!\\)(?:\\u[0-9A-Fa-f]{4})+")


def unescaped(text: str) -> str:
    """Return the text with its escaped letters as letters; the same text where there are none."""
    return _RUN.sub(_letters, text) if "\\u" in text else text


def _letters(run: re.Match[str]) -> str:
    units = [run[0][at : at + 6] for at in range(0, len(run[0]), 6)]
    raw = b"".join(int(unit[2:], 16).to_bytes(2, "little") for unit in units)
    letters, at = [], 0
    for char in raw.decode("utf-16-le", errors="surrogatepass"):
        width = 2 if ord(char) > 0xFFFF else 1
        is_plain = ord(char) > 0x7F and char.isprintable()
        letters.append(char if is_plain else "".join(units[at : at + width]))
        at += width
    return "".join(letters)
