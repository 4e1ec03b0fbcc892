"""One form of an identifier ("EMP- and 5 digits"): a pattern that stays linear, its labels and its check digit.

Covers: patterns that were learnt from examples and patterns written by hand; both are held to the same limits, so that
no text can stall the search: a bounded number of ways to match at each place (CWE-1333).
Does not cover: identifiers without a form of their own (a name, a word). Examples are never stored, only their shapes.
"""

import importlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Literal

from anonymize.errors import DetectionError
from anonymize.kinds import NAME
from anonymize.recognizers.guesses import Strength

MAX_WAYS = 1_000  # to match at one place; a learnt form has a handful
MAX_LENGTH = 80  # code points of an identifier
MAX_LABELS = 50
MAX_TECHNICAL_SHARE = 0.02  # of technical tokens that a hand-written pattern may match
Check = Literal["", "mod10", "mod11", "mod97"]

_parser: Any = importlib.import_module("re._parser")  # the parser of the pattern compiler itself: it cannot disagree
_LABEL_REACH = 32  # code points before a value in which its label ends
_AFTER_LABEL = r"[ \t]{0,3}(?:(?:[Nn]o|NO|[Nn]umber|ID|[Nn]r)\.?)?[ \t]{0,3}[:.#=はが(「]{0,2}[ \t]{0,3}$"
_ZERO_WIDTH = ("ASSERT", "ASSERT_NOT")
_SINGLE = ("LITERAL", "NOT_LITERAL", "ANY", "IN", "AT")


@dataclass(frozen=True)
class IdForm:
    """A form; `to_json` gives {"kind": "EMPLOYEE_ID", "description": "EMP- and 5 digits", "pattern": ...}.

    Raises:
        DetectionError: the pattern does not compile, may match nothing, or has too many ways to match.
    """

    kind: str
    description: str
    pattern: str
    shapes: tuple[str, ...] = ()  # A-99999: what the examples looked like
    labels: tuple[str, ...] = ()  # words that stand before it
    needs_label: bool = False  # found beside a label only
    check: Check = ""
    score: float = 0.6  # without a label
    strength: Strength = "rule"

    def __post_init__(self) -> None:
        """Refuse what could stall a run or mask everything."""
        if not NAME.fullmatch(self.kind):
            raise DetectionError("a kind of identifier is written in capitals, digits and _")
        if self.check not in ("", "mod10", "mod11", "mod97"):
            raise DetectionError("an identifier form knows the checks mod10, mod11 and mod97")
        if self.strength not in ("guess", "cue", "rule") or not 0 <= self.score <= 1:
            raise DetectionError("the strength or the score of an identifier form is out of range")
        if len(self.labels) > MAX_LABELS or any(not 0 < len(label) <= _LABEL_REACH for label in self.labels):
            raise DetectionError(
                f"an identifier form has at most {MAX_LABELS} labels, of 1 to {_LABEL_REACH} characters"
            )
        if self.needs_label and not self.labels:
            raise DetectionError("an identifier form that needs a label has none")
        validate_pattern(self.pattern)

    @cached_property
    def compiled(self) -> re.Pattern[str]:
        """The pattern, compiled once."""
        return re.compile(self.pattern)

    @cached_property
    def label(self) -> re.Pattern[str] | None:
        """What a text looks like that ends with one of the labels; None where there are none."""
        if not self.labels:
            return None
        words = "|".join(re.escape(label.rstrip(" .:")) for label in sorted(self.labels, key=len, reverse=True))
        return re.compile(rf"(?<![A-Za-z])(?i:{words}){_AFTER_LABEL}")

    def finds(self, text: str) -> Iterable[tuple[int, int, float]]:
        """Yield start, end and score of each value in folded text."""
        for match in self.compiled.finditer(text):
            if self.check and not passes(self.check, match[0]):
                continue
            before = text[max(0, match.start() - _LABEL_REACH) : match.start()]
            is_labelled = self.label is not None and self.label.search(before) is not None
            if is_labelled or not self.needs_label:
                yield match.start(), match.end(), 0.95 if is_labelled else self.score


def to_json(form: IdForm) -> dict[str, Any]:
    """Return the form as a plain dict."""
    return asdict(form) | {"shapes": list(form.shapes), "labels": list(form.labels)}


def from_json(plain: Mapping[str, Any]) -> IdForm:
    """Return the form that `to_json` wrote.

    Raises:
        DetectionError: the pattern is refused, as `IdForm` says.
    """
    try:
        return IdForm(**{**plain, "shapes": tuple(plain.get("shapes", ())), "labels": tuple(plain.get("labels", ()))})
    except TypeError as error:
        raise DetectionError("an identifier form has a field that is not known, or lacks one") from error


def hand_written(pattern: str, kind: str, technical: Sequence[str] = (), labels: Sequence[str] = ()) -> IdForm:
    """Return the form for a pattern that a person wrote.

    Raises:
        DetectionError: as `IdForm`, or the pattern matches more than 2 % of the technical tokens.
    """
    form = IdForm(kind, "a pattern written by hand", pattern, labels=tuple(labels))
    hits = sum(1 for token in technical if form.compiled.search(token))
    if technical and hits > MAX_TECHNICAL_SHARE * len(technical):
        raise DetectionError(f"the pattern matches {hits} of {len(technical)} technical tokens")
    return form


def validate_pattern(pattern: str) -> None:
    """Refuse a pattern that does not compile, may match nothing, or may match in too many ways.

    Raises:
        DetectionError: for one of these reasons; the message does not repeat the pattern.
    """
    try:
        parsed = _parser.parse(pattern)
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        raise DetectionError("the pattern of an identifier form does not compile") from error
    shortest, longest = parsed.getwidth()
    if shortest == 0:
        raise DetectionError("the pattern of an identifier form may match nothing")
    if longest > MAX_LENGTH:
        raise DetectionError(f"the pattern of an identifier form may match more than {MAX_LENGTH} characters")
    if _ways(parsed) > MAX_WAYS:
        raise DetectionError("the pattern of an identifier form may match in too many ways: bound its repetitions")


def passes(check: Check, value: str) -> bool:
    """Say whether the digits of a value satisfy a check: mod10 (Luhn), mod11 (weights 2 to 7), mod97 (remainder 1)."""
    digits = [int(char) for char in value if char in "0123456789"]
    if len(digits) < 2:
        return False
    if check == "mod97":
        return int("".join(map(str, digits))) % 97 == 1
    if check == "mod11":
        total = sum(digit * (2 + at % 6) for at, digit in enumerate(reversed(digits[:-1])))
        return digits[-1] == (11 - total % 11) % 11 % 10
    doubled = (digit * 2 - 9 * (digit > 4) if at % 2 else digit for at, digit in enumerate(reversed(digits)))
    return sum(doubled) % 10 == 0


def _ways(parsed: Iterable[tuple[Any, Any]]) -> int:
    """Return in how many ways a parsed pattern can match from one place, at most; over MAX_WAYS it stops counting."""
    ways = 1
    for operator, argument in parsed:
        ways *= _ways_of(str(operator), argument)
        if ways > MAX_WAYS:
            return ways
    return ways


def _ways_of(operator: str, argument: Any) -> int:
    if operator in _SINGLE:
        return 1
    if operator == "SUBPATTERN":
        return _ways(argument[-1])
    if operator == "BRANCH":
        return sum(_ways(branch) for branch in argument[1])
    if operator in _ZERO_WIDTH:
        return _ways(argument[1])
    if operator in ("MAX_REPEAT", "MIN_REPEAT"):
        return _ways_to_repeat(*argument)
    return MAX_WAYS + 1  # back-references, conditions: not needed, and not linear


def _ways_to_repeat(least: int, most: int, body: Iterable[tuple[Any, Any]]) -> int:
    if int(most) > MAX_LENGTH:
        return MAX_WAYS + 1
    each, ways = _ways(body), 0
    for times in range(int(least), int(most) + 1):
        ways += each**times
        if ways > MAX_WAYS:
            break
    return ways
