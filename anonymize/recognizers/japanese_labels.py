"""A value and the words beside it: a label before it (社員番号：12345), or behind it in brackets (12345（社員番号）).

Covers: labels joined with colons, brackets, particles, spaces, tabs, line breaks and cell borders.
Does not cover: a label further away than a few characters, the head of a table's column.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from anonymize.recognizers.guesses import Guess

# between a label and its value; every part is bounded
LINK = (
    r"(?: ?\((?:[^()\n0-9]{1,12})\))?"
    r"(?: ?(?:No\.?|NO\.?|no\.?|#|ID|番号|コード))?"
    r"(?:です|なら)?[ \t\r\n:;=|,、・→\"'()\[\]【】「」『』〔〕〈〉《》<>*_はがのをも]{0,6}"
    r"(?:No\.? ?|NO\.? ?|# ?|ID:? ?|第 ?)?"
)
_BACK = 48  # characters: the longest label with its link
_FORTH = 24
_BEHIND = r"(?: {0,2}[(\[【〔「『<] ?(?:[^()\n0-9]{0,14})|(?:が|は|という)(?:[^。、\n0-9]{0,6}))"

# no digit, letter or dash may continue a number; kana and kanji may stand on both sides
BEFORE = r"(?<![0-9A-Za-z_+-])(?<![0-9]\.)"
AFTER = r"(?![0-9A-Za-z_]|[-.][0-9A-Za-z])"


def compiled(pattern: str) -> re.Pattern[str]:
    """Compile a label's words for both sides of a value."""
    return re.compile(pattern, re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Form:
    """One identifier: how it is written, what it is called, and how sure it is with and without its label."""

    kind: str
    recognizer: str
    value: re.Pattern[str]
    label: re.Pattern[str]
    is_valid: Callable[[str], bool] = lambda _: True
    bare: float = 0.0  # score without a label; 0: not reported
    labelled: float = 0.9
    mistyped: float = 0.0  # score beside the label where the check digit is wrong; 0: not reported
    before: re.Pattern[str] = field(init=False)
    behind: re.Pattern[str] = field(init=False)

    def __post_init__(self) -> None:
        """Compile the label for both sides."""
        object.__setattr__(self, "before", re.compile(rf"(?:{self.label.pattern}){LINK}\Z", self.label.flags))
        object.__setattr__(self, "behind", re.compile(rf"{_BEHIND}(?:{self.label.pattern})", self.label.flags))

    def find(self, text: str) -> Iterator[Guess]:
        """Yield the places of this identifier; the span is the value alone."""
        if not self.bare and not self.label.search(text):
            return
        for match in self.value.finditer(text):
            score = self._score(text, match)
            if score:
                yield Guess(*match.span(), self.kind, score, self.recognizer)

    def _score(self, text: str, match: re.Match[str]) -> float:
        is_valid = self.is_valid(match[0])
        if not is_valid and not self.mistyped:
            return 0.0
        if is_beside(text, match.start(), match.end(), self.before, self.behind):
            return self.labelled if is_valid else self.mistyped
        return self.bare if is_valid else 0.0


def is_beside(text: str, start: int, end: int, before: re.Pattern[str], behind: re.Pattern[str]) -> bool:
    """Say whether a label ends where the value starts, or follows the value in brackets."""
    return bool(before.search(text[max(0, start - _BACK) : start]) or behind.match(text[end : end + _FORTH]))


def digits_of(value: str) -> str:
    """Return the digits alone."""
    return "".join(char for char in value if char in "0123456789")


def best(guesses: Iterable[Guess]) -> list[Guess]:
    """Return one guess for each place and kind: the surest."""
    surest: dict[tuple[int, int, str], Guess] = {}
    for guess in guesses:
        place = (guess.start, guess.end, guess.kind)
        if place not in surest or surest[place].score < guess.score:
            surest[place] = guess
    return list(surest.values())
