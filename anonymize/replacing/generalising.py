"""Say less: a month for a day, a decade for an age, a prefecture for an address, three digits of a postal code.

Covers: the forms that dates.py and places.py read, ages in digits, Japanese and US postal codes.
Does not cover: k-anonymity: whether what is left still singles somebody out is not counted.
"""

import re

from anonymize.matching.folding import canonical
from anonymize.matching.watchlist import has_japanese
from anonymize.replacing.dates import cut_to, read_date
from anonymize.replacing.places import wider_area
from anonymize.replacing.techniques import DatePart

_AGE = re.compile(r"(?<![0-9])(1?[0-9]{1,2})(?![0-9])")
_POSTAL = re.compile(r"〒? ?([0-9]{3})(?:-?[0-9]{4}|[0-9]{2}(?:-[0-9]{4})?)")
_OLDEST = 90  # older people are so few that they are one group: 45 CFR 164.514(b)(2)(i)(C)


def generalised(kind: str, value: str, dates_to: DatePart) -> str | None:
    """Return what may still be told of a value, or None where its form is not known."""
    plain = canonical(value)
    if kind in ("BIRTH_DATE", "DATE_TIME"):
        written = read_date(plain)
        part = cut_to(written, dates_to) if written else None
        return part.title() if part and part.isascii() else part
    if kind == "AGE":
        return _decade(plain)
    if kind in ("ADDRESS", "LOCATION"):
        return wider_area(plain)
    if kind == "POSTAL_CODE":
        code = _POSTAL.fullmatch(plain)
        return code[1] if code else None
    return None


def _decade(plain: str) -> str | None:
    age = _AGE.search(plain)
    if age is None:
        return None
    first = int(age[1]) // 10 * 10
    if has_japanese(plain):
        return f"{_OLDEST}歳以上" if first >= _OLDEST else f"{first}代"
    return f"{_OLDEST}+" if first >= _OLDEST else f"{first}-{first + 9}"
