"""Rules for English text: names beside titles and verbs of speaking, e-mail, web addresses, employee numbers.

Does not cover: names in lower case, names with neither title nor cue (the language model looks for these).
"""

import re
from collections.abc import Iterator, Sequence

from anonymize.protecting.technical import case_tells_beside
from anonymize.recognizers.english_repeats import repeated_surnames
from anonymize.recognizers.guesses import Guess, Strength

_EXTENDED = [chr(point) for point in range(0x100, 0x180)]  # Latin Extended-A: Polish, Czech, Turkish, Latvian ...
_UPPER = "A-ZÀ-ÖØ-Þ" + "".join(letter for letter in _EXTENDED if letter.isupper())
_LOWER = "a-zß-öø-ÿ" + "".join(letter for letter in _EXTENDED if letter.islower())
# each piece after the first begins with a mark or a capital: no word can be cut in two ways (exponential time); the
# numbers of letters and pieces are bounded, for a name may begin at every piece (quadratic time)
_PART = (
    rf"(?:(?:[{_UPPER}]\.-?){{1,3}}|[{_UPPER}](?:['’][{_UPPER}])?(?:[{_LOWER}]{{1,30}}|[{_UPPER}]{{2,30}})"
    rf"(?:(?:[-'’][{_UPPER}]?|[{_UPPER}])[{_LOWER}]{{1,30}}){{0,4}})"
)
_NAME = rf"{_PART}(?: {_PART}){{0,2}}"
_TITLE = re.compile(
    rf"(?<![A-Za-z])(?:M[Rr][Ss]?|M[Ss]|M[Xx]|D[Rr]|Miss|MISS|Messrs|Prof(?:essor)?|PROF|Sgt|Capt)\.?\s+({_NAME})"
)
_WORDS_BEFORE_A_NAME = (
    r"(?i:(?:called|reported|raised|requested|phoned|noted|found|signed|signed off|approved|advised|"
    r"released|removed|written|checked|completed|inspected|done) by|spoke (?:to|with)|talked to|ask for|"
    r"attn:?|cc:?|cheers,?|thanks,?|(?:kind |best )?regards,?|"
    r"name:|technician:|operator:|fitter:|supervisor:|contractor:|user:|"
    r"(?:first |last |maiden |user)?name is|people call me|calls me|was called|named him|named her|"
    r"(?:beneficiary|guardian) is)"
)
_CUE = re.compile(rf"(?<![A-Za-z]){_WORDS_BEFORE_A_NAME}\s+({_NAME})")
# imperatives and trades stand before anything; only where capitals tell names
_WEAK_CUE = re.compile(
    rf"(?<![A-Za-z])(?i:contact|ask|asked|call|called|told|ring|rang|phone|phoned|see|left with|given to|"
    r"technician|operator|fitter|supervisor|contractor|hi|hello|dear|"
    rf"says|said|tribute to|directed by|starring|under|daughter of|son of)\s+({_NAME})"
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
_SAN = re.compile(rf"(?<![A-Za-z])({_PART})(?:-[Ss][Aa][Nn]| san)(?![A-Za-z])")
_EMPLOYEE = re.compile(
    r"(?i)(?<![a-z])(?:employee|emp|staff|personnel|badge|payroll)\.? ?(?:no|number|id|#)?[.: #]{1,3}"
    r"((?:[a-z]{1,3}-?)?[0-9]{3,8})(?![0-9a-z])"
)

_RULES: tuple[tuple[str, re.Pattern[str], str, float, Strength], ...] = (
    ("e-mail", _EMAIL, "EMAIL_ADDRESS", 1.0, "rule"),
    ("e-mail", _EMAIL_ON_HOST, "EMAIL_ADDRESS", 0.6, "rule"),
    ("web-address", _URL, "URL", 0.6, "rule"),
    ("employee-id", _EMPLOYEE, "EMPLOYEE_ID", 0.85, "rule"),
    ("title", _SAN, "PERSON", 0.9, "rule"),
)


# what follows a name in capitals throughout: MR. COBB STATED THAT
_NO_NAME_IN_CAPITALS = re.compile(
    r"(?:[A-Z]{2,20}ED|[A-Z]{3,20}ING|WAS|IS|WERE|HAS|HAD|AND|OR|NOT|THE|AN|OF|TO|IN|ON|AT|BY|FOR|WITH|FROM|WHO|THAT|WHEN|"
    r"WHILE|AFTER|BEFORE|SAID|SAYS|TOLD|MADE|TOOK|LEFT|CAME|WENT|DID|FIRE|LOST|LINE|LINEMAN|PILOT|OWNER|RE|ABOUT|THEN|HIS|HER|HE|"
    r"SHE|FLEW|ALSO|DEPT|WILL|MAY|CAN|ALL|NO|UP|DOWN|OUT|OFF)"
)

_CAPITAL_WORD = re.compile(r"(?<![^\W\d_])[A-Z]{2,}(?![^\W\d_])")
# "contact Breaker" is no person, so vocabulary may veto what follows a cue
_PEOPLE: tuple[tuple[str, re.Pattern[str], float, Strength], ...] = (
    ("title", _TITLE, 0.9, "rule"),
    ("cue", _CUE, 0.6, "cue"),
    ("cue", _WEAK_CUE, 0.5, "cue"),
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
    people = list(_people(text))
    yield from people
    yield from repeated_surnames(text, people)


def _people(text: str) -> Iterator[Guess]:
    for recognizer, pattern, score, strength in _PEOPLE:
        for match in pattern.finditer(text):
            if pattern is _WEAK_CUE and not case_tells_beside(text, *match.span(1)):
                continue
            end = _end_of_name(text, *match.span(1))
            if end > match.start(1):
                yield Guess(match.start(1), end, "PERSON", score, recognizer, strength)


def _end_of_name(text: str, start: int, end: int) -> int:
    """Cut off the words after a name where everything is in capitals."""
    for word in _CAPITAL_WORD.finditer(text, start, end):
        if _NO_NAME_IN_CAPITALS.fullmatch(word[0]):
            return start + len(text[start : word.start()].rstrip())
    return end
