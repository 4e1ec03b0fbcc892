"""Postal addresses in Latin (and Greek) letters: a street with its number, a unit, a post box, a postcode.

An address is read token by token: a run of capitalised words, numbers and small joining words, with spaces, commas or
line breaks between. Such a run is an address from its first number on if something in it says so: a street word or
ending of a dozen languages, a flat, a post box, a military post office, or a label before it.
Covers: US, UK, Irish, Canadian, Australian, German, French, Italian, Spanish, Portuguese, Dutch, Nordic, Polish and
Hungarian forms, on one line or several.
Does not cover: a street without number and without street word; addresses written in small letters throughout.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from anonymize.recognizers.english_words import NO_ADDRESS, PARTICLES, STREET_WORDS, UNIT_WORDS, WEAK_STREET_WORDS
from anonymize.recognizers.guesses import Guess

_TOKEN = re.compile(
    r"(?:p\.? ?o\.? ?box(?![a-z])|[0-9]{1,5}(?:[-/][0-9]{1,4})?[a-z]?(?![a-z0-9])|#[0-9]{1,5}"
    r"|[^\W\d_][^\W_]{0,30}(?:[-'’.][^\W\d_]{1,20}){0,3})",
    re.IGNORECASE,
)
# a stop ends a sentence, but for these abbreviations and single letters
_ABBREVIATION = re.compile(r"(?i)(?:[^\W\d_]|apt|ste|st|ave?|rd|blvd|ul|str|dr|mt|no|nr|sq|flr|[0-9]{1,4})")
_GAP = re.compile(r"[ \t]{0,4},?[ \t]{0,4}(?:\r?\n[ \t>?]{0,8},?[ \t]{0,4}){0,2}")
_STREET_ENDING = re.compile(
    r"(?:stra(?:ss|ß)e|straat|gasse|weg|platz|allee|ufer|damm|laan|plein|dijk|kade|gracht|singel|gade|vej|gata|gatan|"
    r"vägen|väg|veien|vegen|vei|veg|gränd|stigen|katu|kuja|polku|utca|steeg|brücke|haugen)$"
)
_BOX_WORDS = frozenset(("p.o. box", "po box", "p o box", "p.o.box", "box"))
_MILITARY = frozenset(("apo", "fpo", "dpo"))
_MILITARY_BOX = re.compile(
    r"(?i)(?<![a-z0-9])(?:(?:psc|cmr|unit) [0-9]{1,5},? box [0-9]{1,5}|(?:uss|usns|usnv|uscgc) [^\W\d_]{2,30})"
    r"\s{1,4}[adf]po,? a[aep] [0-9]{5}(?:-[0-9]{4})?(?![0-9])"
)
# after a label an address may be in small letters, if a postcode ends it
_LABELLED_ADDRESS = re.compile(
    r"(?i)(?<![a-z])(?:address(?:es)?(?: is| with| to)?|lives at|located at|(?:sent|taxi|return) to|arrived at|"
    r"office is at|to the same|one to)[: \n]{1,8}"
    r"([0-9]{1,5} [^.?!;:=]{6,90}?(?<![0-9])[0-9]{5}(?:-[0-9]{4})?(?![0-9]))"
)
_CUE = re.compile(
    r"(?i)(?:address(?:es)?(?: is| with| to|, here they are)?|addr|live[sd]? (?:at|in)|resid(?:es|ing|ent) (?:at|in)|"
    r"located at|is at|it's in|(?:sent|taxi|return|deliver(?:ed)?|ship(?:ped)?) to|"
    r"meet me at|meet you at|arrived at|"
    r"to the same|one to|restaurant is at|domiciled (?:at|in))[:,]?\s{0,6}$"
)
CUE_LENGTH = 48  # code points that are read before an address
MAX_TOKENS = 18
MAX_STREET_TOKENS = 6  # between an address's first number and its street word
_ZIP = re.compile(r"[0-9]{5}(?:-[0-9]{4})?")
_REST_OF_ADDRESS = re.compile(r"[^0-9:;?!]{1,50}(?<![0-9A-Za-z.-])([0-9]{5}(?:-[0-9]{4})?)(?![0-9A-Za-z]|[-.,][0-9])")
_UK_POSTCODE = re.compile(r"(?<![A-Z0-9])[A-Z]{1,2}[0-9][0-9A-Z]? [0-9][ABD-HJLNP-UW-Z]{2}(?![A-Z0-9])")
_OTHER_POSTCODE = re.compile(
    r"(?<![A-Z0-9])([A-Z][0-9][A-Z] [0-9][A-Z][0-9](?![A-Z0-9])"  # Canada
    r"|(?:(?<=, )|(?<=\n))(?:D|CH|A|F|B|L)-[0-9]{4,5}(?= [A-ZÀ-Þ])"  # the old European way; elsewhere a tag: B-1201
    r"|SE?-[0-9]{3} [0-9]{2}(?= [A-ZÀ-Þ])"
    r"|[0-9]{4} [A-Z]{2}(?= [A-Z][a-z]))"  # Netherlands
)
_LABELLED_POSTCODE = re.compile(
    r"(?i)(?<![a-z])(?:zip|zip ?code|post ?code|postal code|plz|cap)(?: is|:| ){1,4}([0-9]{4,5}(?:-[0-9]{4})?)(?![0-9])"
)
_STATE_ZIP = re.compile(
    r"(?<![A-Za-z0-9])((?:A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|T[NX]|UT|"
    r"V[AT]|W[AIVY]) [0-9]{5}(?:-[0-9]{4})?)(?![0-9A-Za-z-])"
)
_POSTCODES = (
    (_UK_POSTCODE, 0, 0.6),
    (_OTHER_POSTCODE, 1, 0.5),
    (_LABELLED_POSTCODE, 1, 0.9),
    (_STATE_ZIP, 1, 0.7),
)


@dataclass(frozen=True, slots=True)
class _Token:
    start: int
    end: int
    text: str  # lower case
    is_number: bool


Case = Literal["capitals", "small", "mixed"]


class EnglishAddresses:
    """Postal addresses and postcodes, as one recognizer."""

    name = "english-addresses"

    def find(self, texts: Sequence[str]) -> list[list[Guess]]:
        """Return the guesses for each text."""
        return [list(_all(text)) for text in texts]


def _all(text: str) -> Iterator[Guess]:
    for pattern, group, score in _POSTCODES:
        for match in pattern.finditer(text):
            yield Guess(*match.span(group), "POSTAL_CODE", score, "en-postcode")
    for match in _MILITARY_BOX.finditer(text):
        yield Guess(*match.span(), "ADDRESS", 0.9, "en-military-address")
    for match in _LABELLED_ADDRESS.finditer(text):
        yield Guess(*match.span(1), "ADDRESS", 0.6, "en-labelled-address")
    case: Case = "small" if text.islower() else "capitals" if text.isupper() else "mixed"
    for run in _runs(text, case):
        yield from _addresses(text, run, case)


def _runs(text: str, case: Case) -> Iterator[list[_Token]]:
    """Runs of tokens that may belong to one address."""
    run: list[_Token] = []
    for match in _TOKEN.finditer(text):
        token = _token(match, case)
        if run and (token is None or not _joins(text, run[-1], match.start())):
            yield run
            run = []
        if token:
            run.append(token)
    if run:
        yield run


def _joins(text: str, before: _Token, start: int) -> bool:
    end = before.end
    if text[end : end + 1] == "." and _ABBREVIATION.fullmatch(before.text):
        end += 1
    return _GAP.fullmatch(text, end, start) is not None


def _token(match: re.Match[str], case: Case) -> _Token | None:
    word = match[0]
    small = word.lower()
    is_number = word[0].isdigit() or word[0] == "#"
    fits = is_number or ((word[0].isupper() or case == "small") and small not in NO_ADDRESS)
    if fits or small in PARTICLES or small in STREET_WORDS or small in UNIT_WORDS or _STREET_ENDING.search(small):
        return _Token(*match.span(), small, is_number)
    return None


def _addresses(text: str, run: list[_Token], case: Case) -> Iterator[Guess]:
    at = 0
    while at < len(run):
        end = _end(text, run, at, case) if _may_begin(run, at) else at
        if end > at:
            yield Guess(run[at].start, run[end - 1].end, "ADDRESS", 0.75, "en-address")
            yield from _postcode_after(text, run[end - 1].end)
        at = max(end, at + 1)


def _postcode_after(text: str, end: int) -> Iterator[Guess]:
    """A town in small letters, or a word that is none of ours, may stand between a street and its postcode."""
    match = _REST_OF_ADDRESS.match(text, end)
    if match:
        yield Guess(*match.span(1), "POSTAL_CODE", 0.6, "en-postcode")


def _may_begin(run: list[_Token], at: int) -> bool:
    token = run[at]
    return (
        token.is_number
        or token.text in _BOX_WORDS
        or token.text in _MILITARY
        or _is_unit(run, at)
        or _is_named(run, at)
    )


def _is_unit(run: list[_Token], at: int) -> bool:
    return run[at].text in UNIT_WORDS and at + 1 < len(run) and run[at + 1].is_number


def _is_named(run: list[_Token], at: int) -> bool:
    """Tell a street that is written before its number: Lozerlaan 172, Via Roma 3."""
    if not (_STREET_ENDING.search(run[at].text) or run[at].text in STREET_WORDS):
        return False
    return any(token.is_number for token in run[at + 1 : at + 5])


def _end(text: str, run: list[_Token], at: int, case: Case) -> int:
    """Return where the address that begins at a token ends, or the same place if nothing says that it is one."""
    end = at
    words = 0
    is_address = False
    has_postcode = False
    for place in range(at, min(len(run), at + MAX_TOKENS)):
        token = run[place]
        words += not token.is_number
        is_address = is_address or _tells(text, run, at, place, case)
        end = place + 1
        if words and token.is_number and _ZIP.fullmatch(token.text):
            is_address, has_postcode = is_address or words >= 3, True
            break
    while end > at and run[end - 1].text in PARTICLES:
        end -= 1
    if case == "small" and not has_postcode:
        return at  # nothing says where it ends
    has_name = any(not token.is_number for token in run[at:end])
    return end if has_name and (is_address or _has_cue(text, run, at)) else at


def _tells(text: str, run: list[_Token], at: int, place: int, case: Case) -> bool:
    word = run[place].text
    if word in _MILITARY or (word in _BOX_WORDS and place + 1 < len(run) and run[place + 1].is_number):
        return True
    if _is_unit(run, place):
        return True
    if place == at and not _is_named(run, at):
        return False
    if place - at > MAX_STREET_TOKENS or (case == "capitals" and not _has_cue(text, run, at)):
        return False  # in capitals throughout any word may follow a number
    if word in WEAK_STREET_WORDS:
        return text[run[place].end : run[place].end + 1] in (",", "\n") and run[at].is_number
    return word in STREET_WORDS or bool(_STREET_ENDING.search(word) and len(word) > 6)


def _has_cue(text: str, run: list[_Token], at: int) -> bool:
    return run[at].is_number and bool(_CUE.search(text, max(0, run[at].start - CUE_LENGTH), run[at].start))
