"""Known numbers and codes in another grouping: 03-0000-1234 and +81 3 0000 1234, 1234 5678 9018 and 123456789018.

Covers: phone numbers by their last digits; codes of six characters or more that hold four digits (eight digits where
they hold no letter), in any grouping by spaces, hyphens, dots and slashes.
Does not cover: numbers written in words, a code with characters left out.
"""

import re
from collections.abc import Iterator

from anonymize.matching.known_values import Match

MIN_PHONE_DIGITS = 6
PHONE_KEY_DIGITS = 9  # the end of a number is the same with +81 and with 0 before it
MAX_PREFIX_DIGITS = 4  # +81, 0061: what may stand before the key
MIN_CODE = 6  # characters
MIN_CODE_DIGITS = 4
MAX_CODE = 40
MIN_DIGITS_ALONE = 8  # of a code without letters: 12 34 56 is a list as well

_PHONE_RUN = re.compile(r"[+(]?[0-9](?:[-() ./]{0,2}[0-9]){5,40}")
_GROUP = re.compile(r"[0-9A-Za-z]+")
_BETWEEN = frozenset(["", " ", "-", ".", "/", "_", ":"])
_NO_CODE = re.compile(r"[^0-9A-Za-z]")


class PhoneNumbers:
    """Known phone numbers, and the places where they stand."""

    def __init__(self) -> None:
        self._keys: dict[str, str] = {}

    def __bool__(self) -> bool:
        return bool(self._keys)

    def add(self, value: str, kind: str) -> None:
        """Look for a phone number; one of few digits is looked for as it is written only."""
        digits = re.sub(r"\D", "", value)
        if len(digits) >= MIN_PHONE_DIGITS:
            self._keys.setdefault(digits.lstrip("0")[-PHONE_KEY_DIGITS:] or digits, kind)

    def matches(self, text: str) -> Iterator[Match]:
        """Yield the places of known numbers in folded text."""
        for run in _PHONE_RUN.finditer(text):
            places = [at for at in range(run.start(), run.end()) if text[at] in "0123456789"]
            digits = "".join(text[at] for at in places)
            for start in range(len(digits) - MIN_PHONE_DIGITS + 1):
                for length in range(MIN_PHONE_DIGITS, PHONE_KEY_DIGITS + 1):
                    kind = self._keys.get(digits[start : start + length])
                    if kind and start + length <= len(digits):
                        first = places[0] if start <= MAX_PREFIX_DIGITS else places[start]
                        first -= 1 if first and text[first - 1] in "+(" else 0
                        yield Match(first, places[start + length - 1] + 1, kind)


class Codes:
    """Known codes, and the places where they stand in another grouping."""

    def __init__(self) -> None:
        self._kinds: dict[str, str] = {}
        self._beginnings: set[str] = set()
        self._longest = 0

    def __bool__(self) -> bool:
        return bool(self._kinds)

    def add(self, value: str, kind: str) -> None:
        """Look for a code; a short one, or one of few digits, is not a code."""
        code = _NO_CODE.sub("", value).casefold()
        shortest = MIN_DIGITS_ALONE if code.isdigit() else MIN_CODE
        if shortest <= len(code) <= MAX_CODE and sum(char.isdigit() for char in code) >= MIN_CODE_DIGITS:
            self._kinds.setdefault(code, kind)
            self._beginnings.add(code[:2])
            self._longest = max(self._longest, len(code))

    def matches(self, text: str) -> Iterator[Match]:
        """Yield the places of known codes in folded text."""
        groups = list(_GROUP.finditer(text))
        for at, group in enumerate(groups):
            following = groups[at + 1][0] if at + 1 < len(groups) else ""
            if (group[0] + following)[:2].casefold() in self._beginnings:
                end, kind = self._end(text, groups, at)
                if kind:
                    yield Match(group.start(), end, kind)

    def _end(self, text: str, groups: list[re.Match[str]], first: int) -> tuple[int, str]:
        code = ""
        end = groups[first].start()
        for group in groups[first : first + self._longest]:
            if code and text[end : group.start()] not in _BETWEEN:
                break
            code += group[0].casefold()
            end = group.end()
            if len(code) > self._longest:
                break
            if code in self._kinds:
                return end, self._kinds[code]
        return end, ""
