"""Dates and times as English text writes them, and dates of birth beside their label.

Covers: 12 March 2004, March 12th, 12-Mar-04, 2004-03-12 10:20, 3/12/2004, 12.03.2004, the 1980s, in 1994, 1994-1997,
10:20 pm, weekdays, months after a preposition.
Does not cover: relative dates ("two days later"), which the language models see; a bare number that may be a year.
"""

import re
from collections.abc import Iterator, Sequence

from anonymize.recognizers.guesses import Guess

_BEFORE = r"(?<![A-Za-z0-9./:-])"
_AFTER = r"(?![A-Za-z0-9]|[/:.-][0-9])"
_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|"
    r"Nov(?:ember)?|Dec(?:ember)?)"
)
_YEAR = r"(?:1[89]|20)[0-9]{2}"
_DAY = r"(?:3[01]|[12][0-9]|0?[1-9])(?:st|nd|rd|th)?"
_CLOCK = r"(?:2[0-3]|[01]?[0-9])(?::[0-5][0-9]){1,2}"
_TIME = rf"(?:{_CLOCK}(?:\.[0-9]{{1,6}})?(?: ?[ap]\.?m\.?)?|(?:1[0-2]|[1-9])(?:\.[0-5][0-9])? ?[ap]\.?m\.?)"
_WORDS = (
    rf"(?:{_DAY}(?:,| and| to| or|-) ?)?{_DAY}(?: of)?[ -]{_MONTH}\.?(?:,?[ -](?:{_YEAR}|[0-9]{{2}}(?![0-9])))?"
    rf"|{_MONTH}\.? {_DAY}(?:,? {_YEAR})?"
    rf"|{_MONTH}\.?,? {_YEAR}"
)
_DIGITS = (
    rf"{_YEAR}(?P<first>[-/.])(?:1[0-2]|0?[1-9])(?P=first)(?:3[01]|[12][0-9]|0?[1-9])"
    r"|(?:3[01]|[12][0-9]|0?[1-9])(?P<last>[-/.])(?:3[01]|[12][0-9]|0?[1-9])(?P=last)(?:(?:1[89]|20)[0-9]{2}|[0-9]{2})"
)
_DATE = re.compile(rf"(?i){_BEFORE}(?:(?:{_DIGITS})(?:[T ]{_TIME}Z?)?|{_WORDS}|{_TIME}){_AFTER}")
_PERIOD = re.compile(
    rf"(?i){_BEFORE}(?:(?:in|since|until|till|from|by|during|of|after|before|around|and|to|year) ({_YEAR})"
    rf"|({_YEAR}(?:[-/](?:{_YEAR}|[0-9]{{2}})|s)))(?![A-Za-z0-9]|[-/.,:][0-9])"
)
_WEEKDAY = re.compile(
    r"(?<![A-Za-z])((?i:Mondays?|Tuesdays?|Wednesdays?|Thursdays?|Fridays?|Saturdays?|Sundays?)"
    rf"|(?:[Ii]n|[Ss]ince|[Uu]ntil|[Dd]uring|[Bb]y|[Ll]ast|[Nn]ext|[Oo]f|[Ee]arly|[Mm]id|[Ll]ate) {_MONTH})(?![A-Za-z])"
)
_ALONE = re.compile(rf"(?i)(?:{_MONTH}|{_YEAR})")
# only a model's guess may be one: "500 hours" and "2 years" are intervals of maintenance as well
_DURATION = re.compile(
    r"(?i)(?:[0-9]{1,3}|[a-z]{3,9}(?:[ -][a-z]{3,5})?)[ -](?:day|week|month|year)s?['’]?"
    r"(?: and (?:[0-9]{1,3}|[a-z]{3,9}) (?:day|week|month)s?['’]?)?"
)
_BIRTH = re.compile(
    rf"(?i)(?<![a-z])(?:born(?: on| in)?|birth ?(?:date|day)|date of birth|d\.?o\.?b\.?)"
    rf"(?:[ :.=)]| is| it's| was){{0,8}}(?P<birth>(?:{_DIGITS})|{_WORDS}|{_YEAR}){_AFTER}"
)


class EnglishDates:
    """Written dates and times, and dates of birth, as one recognizer."""

    name = "english-dates"

    def find(self, texts: Sequence[str]) -> list[list[Guess]]:
        """Return the guesses for each text."""
        return [list(_all(text)) for text in texts]


def is_written_date(text: str) -> bool:
    """Say whether a text holds what only dates and times hold: a month, a weekday, a year, a span of days."""
    if any(pattern.search(text) for pattern in (_DATE, _PERIOD, _WEEKDAY)):
        return True
    return bool(_DURATION.fullmatch(text) or _ALONE.fullmatch(text))


def _all(text: str) -> Iterator[Guess]:
    for match in _DATE.finditer(text):
        yield Guess(*match.span(), "DATE_TIME", 0.8, "en-date")
    for match in _PERIOD.finditer(text):
        yield Guess(*match.span(match.lastindex or 0), "DATE_TIME", 0.6, "en-year")
    for match in _WEEKDAY.finditer(text):
        yield Guess(*match.span(1), "DATE_TIME", 0.6, "en-weekday")
    for match in _BIRTH.finditer(text):
        yield Guess(*match.span("birth"), "BIRTH_DATE", 0.9, "en-birth-date")
