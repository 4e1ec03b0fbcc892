"""What the form of a token alone says: tag numbers, codes, measured values, paths, module names.

Covers: a token with a digit or a sign that no name holds (P-922, ERR_FAIL, L/H, 6205-2RS, 0x80070005), units, file
paths, dotted module names (Recipe.Manager), compounds with inner capitals (MotorDrive), the key before an equals sign.
Does not cover: ordinary words, which only a vocabulary knows.
"""

import re

from anonymize.protecting.given_names import is_given_name

TOKEN = re.compile(r"[^\s,;:!?()\[\]{}<>\"=+、。：；（）「」・]+")
_CODE = re.compile(r"[0-9/#&@\\%°_*^~|$]")  # no name holds one: PH639, L/H, W/SHOP, 1000H, P-922, #3
_DOTTED = re.compile(r"[A-Za-z]{3,40}(?:\.[A-Za-z]{3,40}){1,10}")
_FILE = re.compile(
    r"(?i)[a-z-]{1,60}\.(?:log|csv|txt|xml|json|ini|cfg|dll|exe|sys|so|py|conf|dat|bin|pdf|dwg|dxf|xls|xlsx|bak)"
)
_COMPOUND = re.compile(r"[A-Z]?[a-z]{2,20}(?:[A-Z][a-z]{1,20}){1,6}[A-Z]{0,4}|[a-z]{1,12}[A-Z][A-Za-z]{0,30}")
_NAME_PREFIX = re.compile(r"(?:Mc|Mac|De|Del|Di|Da|Du|Le|La|Van|Fitz|St|Al|El|Ben|O)[A-Z]|d[A-Z]")
_UNITS = frozenset(
    """
    a v w hz khz mhz ghz kw mw kwh kva va ma mv kv pa kpa mpa hpa bar mbar psi nm knm mm cm km um kg mg lb lbs hr
    hrs sec min msec rpm rps ppm ppb lpm cfm gpm deg degc degf vac vdc amp amps volt volts ohm kohm db dba ntu cst
    """.split()  # noqa: SIM905 - one unit a line would fill a screen
)
_WORDS = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2,}(?![A-Za-z0-9])")  # of PH639 the letters are no word
_BORDER = re.compile(r"\s-{1,3}\s|[;\n。]|(?<![A-Z])[.!?]\s")
_LABEL = re.compile(
    r"(?:(?<![A-Za-z])(?i:order|lot|part|batch|serial|drawing|dwg|material|notification|article|counter|po|wo|s/n|p/n)"
    r"|品番|図番|型番|部番|製番|ロット|製造番号|注文番号|伝票番号|オーダー)"
    r"(?:[ ]?(?i:no|number|nr)\.?|番号|No\.?)?[ :#=]{0,3}$"
)
_LABEL_REACH = 24  # code points before a number in which its label stands
_FAR = 200  # code points on either side of a place that are read for its clause


def is_code(token: str) -> bool:
    """Say whether the form of a token rules a name out."""
    if _CODE.search(token) or _FILE.fullmatch(token) or token.rstrip(".").casefold() in _UNITS:
        return True
    if _DOTTED.fullmatch(token):
        return not is_given_name(token.partition(".")[0])
    return _COMPOUND.fullmatch(token) is not None and not _NAME_PREFIX.match(token)


def is_key(text: str, end: int) -> bool:
    """Say whether a token that ends here is the key of a value: Temp=45, Pressure = 3.2."""
    return text[end : end + 2].lstrip(" ").startswith("=")


def follows_technical_label(text: str, start: int) -> bool:
    """Say whether what begins here is numbered by a label of the trade: order 4583532082, 品番 4512-3456-789.

    For patterns that digits alone satisfy (a telephone number without its country); never for a checked value.
    """
    return _LABEL.search(text, max(0, start - _LABEL_REACH), start) is not None


def case_tells(text: str) -> bool:
    """Say whether capitals mean something in a clause of the text: half of its Latin words or more begin small.

    In ALL CAPITALS, or Where Every Word Has One, the English model takes any word for a name.
    """
    return any(_half_are_small(clause) for clause in clauses(text))


def case_tells_at(text: str, start: int, end: int) -> bool:
    """Say the same of the clause around a place: REPLACE TURBO - ask Kowalski first."""
    borders = [match.span() for match in _BORDER.finditer(text, max(0, start - _FAR), end + _FAR)]
    first = max((after for _, after in borders if after <= start), default=max(0, start - _FAR))
    last = min((before for before, _ in borders if before >= end), default=end + _FAR)
    return _half_are_small(text[first:last])


def case_tells_beside(text: str, start: int, end: int) -> bool:
    """Say the same of the clause around a supposed name, whose own capitals prove nothing: contact Piotr McAllister."""
    blanked = text[max(0, start - _FAR) : start] + " " + text[end : end + _FAR]
    at = min(start, _FAR)
    return case_tells_at(blanked, at, at + 1)


def clauses(text: str) -> list[str]:
    """Return the parts of a text between dashes, semicolons, full stops and line ends."""
    return _BORDER.split(text)


def _half_are_small(text: str) -> bool:
    words: list[str] = _WORDS.findall(text)
    return 2 * sum(word[0].islower() for word in words) >= len(words)


def whole_token(text: str, start: int, end: int) -> tuple[int, int]:
    """Widen a place to the token in which it stands: a guess may end inside of one (W of W/SHOP)."""
    while start and TOKEN.fullmatch(text[start - 1]) and text[start - 1].isascii() and text[start].isascii():
        start -= 1
    while end < len(text) and TOKEN.fullmatch(text[end]) and text[end].isascii() and text[end - 1].isascii():
        end += 1
    return start, end
