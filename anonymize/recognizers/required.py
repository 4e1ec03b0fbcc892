"""What every match of a pattern must contain, read off the pattern itself: a text without it need not be searched.

Covers: the number of decimal digits, and one character out of a set of marks ('@', ':', '/').
Does not cover: letters (case folding makes one letter match several), order and neighbourhood. What cannot be read
off demands nothing, so that a pattern is skipped only where it cannot match.
"""

import re
import string
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from re import _constants as codes  # type: ignore[attr-defined]  # the parser of the standard library; 3.11 and 3.12
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

_DIGITS = frozenset(string.digits)
_NO_MARKS: frozenset[str] = frozenset()
_MANY = 40  # a set of more characters than this excludes next to no text
_REPEATS = (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT)


@dataclass(frozen=True, slots=True)
class Content:
    """What of a text decides whether a pattern can match: its characters, and how many are decimal digits."""

    characters: frozenset[str]
    digits: int


@dataclass(frozen=True, slots=True)
class Required:
    """What every match holds: so many digits, and one of the marks (no marks: no demand)."""

    digits: int = 0
    marks: frozenset[str] = _NO_MARKS

    def may_match(self, content: Content) -> bool:
        """Say whether a text of this content can hold a match."""
        if content.digits < self.digits:
            return False
        return not self.marks or not self.marks.isdisjoint(content.characters)


def content_of(text: str) -> Content:
    """Return what decides about the text."""
    characters = frozenset(text)
    decimals = [char for char in characters if char.isdecimal()]
    return Content(characters, sum(map(text.count, decimals)))


def required(pattern: str) -> Required:
    """Return what every match of the pattern must contain; nothing where the pattern cannot be read."""
    try:
        with warnings.catch_warnings():  # a pattern that another dialect allows may warn in this one
            warnings.simplefilter("error")
            return _of_sequence(parser.parse(pattern))
    except (re.error, OverflowError, RecursionError, Warning):
        return Required()


def _of_sequence(parts: Iterable[tuple[Any, Any]]) -> Required:
    demands = [_of_part(code, argument) for code, argument in parts]
    return Required(sum(demand.digits for demand in demands), _rarest(demand.marks for demand in demands))


def _of_part(code: Any, argument: Any) -> Required:
    if code is codes.LITERAL:
        return _of_characters(frozenset(chr(argument)))
    if code is codes.IN:
        return _of_characters(_members(argument))
    if code is codes.BRANCH:
        return _of_branches([_of_sequence(branch) for branch in argument[1]])
    return _of_group(code, argument)


def _of_group(code: Any, argument: Any) -> Required:
    if code is codes.SUBPATTERN:
        return _of_sequence(argument[-1])
    if code is codes.ATOMIC_GROUP:
        return _of_sequence(argument)
    if code in _REPEATS and argument[0]:
        once = _of_sequence(argument[2])
        return Required(once.digits * argument[0], once.marks)
    return Required()  # look-arounds, anchors, back-references, any character: no demand


def _of_branches(branches: list[Required]) -> Required:
    each_has_marks = all(branch.marks for branch in branches)
    marks = frozenset().union(*(branch.marks for branch in branches)) if each_has_marks else _NO_MARKS
    return Required(min(branch.digits for branch in branches), marks)


def _of_characters(characters: frozenset[str] | None) -> Required:
    if not characters:
        return Required()
    if characters <= _DIGITS:
        return Required(digits=1)
    is_marks = all(not char.isalpha() and char.isascii() for char in characters)
    return Required(marks=characters if is_marks else _NO_MARKS)


def _members(members: list[tuple[Any, Any]]) -> frozenset[str] | None:
    """Return the characters of a class; None where they are too many or not to be listed."""
    found: set[str] = set()
    for code, argument in members:
        if code is codes.LITERAL:
            found.add(chr(argument))
        elif code is codes.RANGE and argument[1] - argument[0] < _MANY:
            found.update(map(chr, range(argument[0], argument[1] + 1)))
        elif code is codes.CATEGORY and argument is codes.CATEGORY_DIGIT:
            found.update(_DIGITS)  # stands for every decimal digit: digits are counted, not compared
        else:
            return None
    return frozenset(found)


def _rarest(choices: Iterable[frozenset[str]]) -> frozenset[str]:
    """Return the set that the fewest texts meet: without digits and spaces before all, then the smallest."""
    usable = [choice for choice in choices if choice]
    return min(usable, key=lambda choice: (bool(choice & _DIGITS), " " in choice, len(choice)), default=_NO_MARKS)
