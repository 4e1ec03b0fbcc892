"""Makes text from outside safe to show: no character of it can steer the terminal or hide.

Covers: control characters (an escape sequence in a ticket wrote to the clipboard and renamed the window when it was
tried), bidirectional controls, zero-width and other invisible characters, lone surrogates. Each becomes exactly one
visible character, so that offsets into the text stay true.
Does not cover: characters that merely look like others.
"""

import unicodedata

# Cc control, Cf format (bidi, zero-width, soft hyphen, tags), Cs surrogates, Zl/Zp separators
INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
BLANK_LETTERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")  # letters and marks that show nothing
CONTROL_PICTURES = 0x2400  # the visible twins of C0, in order
DELETE, DELETE_PICTURE = "\x7f", "\u2421"
REPLACEMENT = "\ufffd"


def visible(text: str) -> str:
    """Return the text with every control or invisible character replaced by one visible character."""
    is_safe = text.isprintable() and BLANK_LETTERS.isdisjoint(text)
    return text if is_safe else "".join(map(_visible_character, text))


def _visible_character(character: str) -> str:
    if character < " ":
        return chr(CONTROL_PICTURES + ord(character))
    if character == DELETE:
        return DELETE_PICTURE
    is_hidden = unicodedata.category(character) in INVISIBLE or character in BLANK_LETTERS
    return REPLACEMENT if is_hidden else character
