"""Rules for English text: names beside titles and verbs of speaking, e-mail, web addresses, employee numbers.

Does not cover: names in lower case, names with neither title nor cue (the language model looks for these).
"""

import re
from collections.abc import Iterator, Sequence

from anonymize.recognizers.guesses import Guess, Strength

# each piece after the first begins with a mark or a capital: no word can be cut in two ways (exponential time)
_PART = r"[A-ZÀ-ÖØ-Þ](?:['’][A-Z])?(?:[a-zà-ÿ]+|[A-Z]{2,}|\.)(?:(?:[-'’][A-ZÀ-ÖØ-Þ]?|[A-ZÀ-ÖØ-Þ])[a-zà-ÿ]+)*"
_NAME = rf"{_PART}(?: {_PART}){{0,2}}"
_TITLE = re.compile(rf"(?<![A-Za-z])(?:M[Rr]|M[Rr][Ss]|M[Ss]|D[Rr])\.?\s+({_NAME})")
_CUE = re.compile(
    r"(?<![A-Za-z])(?i:miss|(?:called|reported|raised|requested|phoned|noted|found|signed|signed off|approved|advised|"
    r"released|removed) by|spoke (?:to|with)|talked to|contact|ask for|ask|call|ring|phone|attn:?|cc:?|cheers,?|"
    r"thanks,?|regards,?|name:|technician:?|operator:?|fitter:?|supervisor:?|contractor:?)\s+"
    rf"({_NAME})"
)
# the host may be an in-house name (plant01.local) or an address, which a check against public suffixes would drop
_USER = r"(?<![A-Za-z0-9._%+@-])[A-Za-z0-9][A-Za-z0-9._%+'-]{0,63}"
_LABEL = r"[A-Za-z0-9][A-Za-z0-9-]{0,62}"
_EMAIL = re.compile(rf"({_USER}@{_LABEL}(?:\.{_LABEL}){{1,8}})")
# a host without a dot needs a digit or a dotted user beside it: LEAK@PUMP is no address
_EMAIL_ON_HOST = re.compile(
    rf"({_USER}@(?=[A-Za-z-]{{0,63}}[0-9]){_LABEL}|(?<![A-Za-z0-9._%+@-])[a-z]{{1,63}}[._][a-z]{{1,63}}@{_LABEL})"
)
_URL = re.compile(r"(?i)(?<![a-z])((?:https?://|ftp://|www\.)[a-z0-9][a-z0-9.:/?#%&=~_+@-]{2,500}[a-z0-9/])")
_SAN = re.compile(rf"(?<![A-Za-z])({_PART})(?:-|\s)[Ss][Aa][Nn](?![A-Za-z])")
_EMPLOYEE = re.compile(
    r"(?i)(?<![a-z])(?:employee|emp|staff|personnel|badge|payroll)\.? ?(?:no|number|id|#)?[.: #]{1,3}"
    r"((?:[a-z]{1,3}-?)?[0-9]{3,8})(?![0-9a-z])"
)


# "contact Breaker" is no person, so vocabulary may veto what follows a cue
_RULES: tuple[tuple[str, re.Pattern[str], str, float, Strength], ...] = (
    ("e-mail", _EMAIL, "EMAIL_ADDRESS", 1.0, "rule"),
    ("e-mail", _EMAIL_ON_HOST, "EMAIL_ADDRESS", 0.6, "rule"),
    ("web-address", _URL, "URL", 0.6, "rule"),
    ("employee-id", _EMPLOYEE, "EMPLOYEE_ID", 0.85, "rule"),
    ("title", _TITLE, "PERSON", 0.9, "rule"),
    ("title", _SAN, "PERSON", 0.9, "rule"),
    ("cue", _CUE, "PERSON", 0.6, "cue"),
)


class EnglishRules:
    """The rules as one recognizer."""

    name = "english-rules"

    def find(self, texts: Sequence[str]) -> list[list[Guess]]:
        """Return the guesses for each text."""
        return [list(_all(text)) for text in texts]


def _all(text: str) -> Iterator[Guess]:
    for recognizer, pattern, kind, score, strength in _RULES:
        for match in pattern.finditer(text):
            yield Guess(*match.span(1), kind, score, recognizer, strength)
