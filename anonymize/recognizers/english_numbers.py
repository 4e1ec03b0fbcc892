"""Numbers that belong to one person, in English text: telephone, social security, licence, passport, account.

Covers: phone numbers of any country after a label or a verb of calling, before a label ("... office"), or in a form
that tells by itself (+49 ..., (555)123-4567x89, 0319 3649187); what stands beside the name of an identifier.
Does not cover: seven digits without any context; numbers that a company invented (learn a form for these).
"""

import re
from collections.abc import Iterator, Sequence

from anonymize.recognizers.guesses import Guess

_BEFORE = r"(?<![A-Za-z0-9./:+#-])"
_AFTER = r"(?![A-Za-z0-9]|[-./:][0-9A-Za-z])"
_EXTENSION = r"(?:(?: ?x| ?ext\.? ?| extension )[0-9]{1,6})?"
# one group after the other: a separator stands between two groups of digits, so no run can be cut in two ways
_GROUPS = r"(?:\+?\(?[0-9]{1,5}\)?)(?:[ .-]\(?[0-9]{1,8}\)?|(?<=\))[0-9]{2,8}){1,6}|\+?[0-9]{6,15}"
_TELEPHONE = (
    r"(?:tele?phone|phone|tel|mobile|cell(?:ular|phone)?|fax|hotline|pager|desk|landline|whatsapp|"
    r"contact (?:number|no))"
)
_CALL = r"(?:call|called|ring|dial|text|phone|reach|answering|contact)(?: [a-z']{1,12}){0,3} (?:at|on|to)|"
_LABELLED_PHONE = re.compile(
    rf"(?i)(?<![a-z])(?:{_TELEPHONE}(?:\.|:| number| no\.?| #| is){{0,4}}|{_CALL}"
    rf"call|dial|my number(?: is)?|messages to|registered)[ :.\n=]{{1,4}}({_GROUPS})({_EXTENSION}){_AFTER}"
)
_PHONE_BEFORE_LABEL = re.compile(
    rf"(?i){_BEFORE}({_GROUPS})({_EXTENSION})[ -]{{1,2}}\(?"
    r"(?:office|fax|mobile|cell|home|work|desk|direct|phone)(?![a-z])"
)
_BARE_PHONE = re.compile(
    rf"(?i){_BEFORE}("
    r"\+[1-9][0-9]{0,14}(?:[ .-]\(?[0-9]{1,8}\)?|\([0-9]{1,5}\)|(?<=\))[0-9]{1,8}){0,6}"
    r"|00[1-9][0-9]{0,2}(?:[ .-]\(?[0-9]{1,4}\)?){2,6}"
    r"|\([0-9]{2,5}\)[ -]?[0-9]{3,5}(?:[ .-][0-9]{3,5})?"
    r"|[2-9][0-9]{2}([.-])[0-9]{3}\2[0-9]{4}"
    r"|0[0-9]{1,4}[ -][0-9]{3,4}[ -][0-9]{2,4}(?:[ -][0-9]{2,4})?"
    rf"|0[1-9][0-9]{{1,3}}[ -][0-9]{{6,8}}){_EXTENSION}{_AFTER}"
)
# a line of its own, under an address
_SIGNATURE_PHONE = re.compile(r"(?m)^[>? \t]{0,4}([0-9]{2,4}(?:[ -][0-9]{2,4}){2,4})[ \t]{0,4}$")
_SSN = re.compile(r"(?<![0-9A-Za-z-])(?!000|666|9)[0-9]{3}-(?!00)[0-9]{2}-(?!0000)[0-9]{4}(?![0-9A-Za-z]|-[0-9A-Za-z])")
_LABELLED_SSN = re.compile(
    r"(?i)(?<![a-z])(?:ssn|social security(?: number| no\.?)?)(?:[ :#.]| is){0,4}"
    r"([0-9]{3}[- ]?[0-9]{2}[- ]?[0-9]{4})(?![0-9])"
)
_NATIONAL_INSURANCE = re.compile(  # the form that HMRC's manual NIM39110 gives
    r"(?<![A-Za-z0-9])[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[A-D](?![A-Za-z0-9])"
)
_LABELS = (
    ("PERSONAL_ID", r"driv(?:er|ing)(?:['’]?s)? licen[cs]e|passport|national insurance|nino|tax file"),
    (
        "PERSONAL_ID",
        r"(?:patient|customer|client|member(?:ship)?|policy|insurance|student|visa|residence permit|application|case|"
        r"(?:bank )?account)(?: (?:number|no|id|ref(?:erence)?)|(?= ?[:#]))|sort code|routing number",
    ),
    ("VEHICLE_PLATE", r"(?:licen[cs]e|number|registration) plate|vehicle registration"),
)
_LINK = r"(?:['’]s)?(?: card)?(?: number| num\.?| no\.?| nos\.?| id)?(?: is| was|[ :#.=]){1,4}"
_VALUE = r"((?=[A-Za-z]{0,4}[-/]?[0-9])[A-Za-z0-9]{1,20}(?:[-/][A-Za-z0-9]{1,12}){0,4})"
_LABELLED = tuple(
    (kind, re.compile(rf"(?i)(?<![a-z])(?:{label}){_LINK}{_VALUE}(?![A-Za-z0-9])")) for kind, label in _LABELS
)
# a part, a drawing or an order may have the form of a phone or social security number
_NOT_PERSONAL = re.compile(
    r"(?i)(?:(?<![a-z])(?:part|item|order|drawing|serial|model|catalog(?:ue)?|stock|lot|batch|invoice|material|p/n|s/n|p\.?o)"
    r"|部品|品番|図番|型番|図面|製造|注文|ロット|シリアル|品目|伝票|管理|型式|コード)"
    r"(?:番号| ?no\.?| ?number| ?#)?[ :=は]{0,3}$"
)
LABEL_LENGTH = 24  # code points that are read before a number
MIN_PHONE_DIGITS, MAX_PHONE_DIGITS = 6, 17  # with an international prefix and without an extension: ITU-T E.164
MIN_ID_DIGITS = 4


class EnglishNumbers:
    """Telephone numbers and labelled personal identifiers, as one recognizer."""

    name = "english-numbers"

    def find(self, texts: Sequence[str]) -> list[list[Guess]]:
        """Return the guesses for each text."""
        return [list(_all(text)) for text in texts]


def _all(text: str) -> Iterator[Guess]:
    if any(char.isdigit() for char in text):
        yield from _phones(text)
        yield from _by_form(text)
        yield from _labelled(text)


def _by_form(text: str) -> Iterator[Guess]:
    for match in _SSN.finditer(text):
        if _may_be_personal(text, match.start()):
            yield Guess(*match.span(), "US_SSN", 0.5, "en-ssn")
    for match in _NATIONAL_INSURANCE.finditer(text):
        yield Guess(*match.span(), "PERSONAL_ID", 0.5, "uk-national-insurance")


def _labelled(text: str) -> Iterator[Guess]:
    for match in _LABELLED_SSN.finditer(text):
        yield Guess(*match.span(1), "US_SSN", 0.9, "en-ssn")
    for kind, pattern in _LABELLED:
        for match in pattern.finditer(text):
            if kind == "VEHICLE_PLATE" or _digits(match[1]) >= MIN_ID_DIGITS:
                yield Guess(*match.span(1), kind, 0.85, "en-labelled-id")


def _phones(text: str) -> Iterator[Guess]:
    for pattern in (_LABELLED_PHONE, _PHONE_BEFORE_LABEL):
        for match in pattern.finditer(text):
            if MIN_PHONE_DIGITS <= _digits(match[1]) <= MAX_PHONE_DIGITS:
                yield Guess(match.start(1), match.end(2), "PHONE_NUMBER", 0.9, "en-phone-label")
    for match in _BARE_PHONE.finditer(text):
        is_long = MIN_PHONE_DIGITS + 2 <= _digits(match[1]) <= MAX_PHONE_DIGITS
        if is_long and _may_be_personal(text, match.start()):
            yield Guess(*match.span(), "PHONE_NUMBER", 0.6, "en-phone")
    for match in _SIGNATURE_PHONE.finditer(text):
        if 8 <= _digits(match[1]) <= 12:
            yield Guess(*match.span(1), "PHONE_NUMBER", 0.5, "en-phone-line")


def _may_be_personal(text: str, start: int) -> bool:
    return not _NOT_PERSONAL.search(text, max(0, start - LABEL_LENGTH), start)


def _digits(text: str) -> int:
    return sum(char.isdigit() for char in text)
