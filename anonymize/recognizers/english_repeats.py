"""A surname that stands alone where the same text holds it after a first name."""

import re
from collections.abc import Iterable, Iterator

from anonymize.recognizers.guesses import Guess

_WORD = re.compile(r"(?<![\w@./'’-])[^\W\d_]{2,40}(?:[-'’][^\W\d_]{2,40}){0,2}(?![\w@/])")
_FULL_NAME = re.compile(r"[A-ZÀ-Þ][^\s]{0,40}(?: [^\s]{1,40}){1,4}")
MIN_SURNAME = 3  # letters; shorter ones are units and abbreviations as well
SCORE = 0.6


def repeated_surnames(text: str, guesses: Iterable[Guess]) -> Iterator[Guess]:
    """Yield each further place of a surname that a guess of two words or more ends with.

    The surname must be written with a capital, and the text must not be in capitals throughout.
    """
    people = [guess for guess in guesses if guess.kind == "PERSON"]
    surnames = {name for guess in people for name in _surname(text[guess.start : guess.end])}
    if not surnames:
        return
    covered = {word.start() for guess in people for word in _WORD.finditer(text, guess.start, guess.end)}
    for match in _WORD.finditer(text):
        if match[0] in surnames and match.start() not in covered:
            yield Guess(*match.span(), "PERSON", SCORE, "repeated-surname", "cue")


def _surname(name: str) -> Iterator[str]:
    if not _FULL_NAME.fullmatch(name):
        return
    last = name.rsplit(maxsplit=1)[-1].strip(".,")
    if len(last) >= MIN_SURNAME and last[0].isupper() and not last.isupper() and last.isalpha():
        yield last
