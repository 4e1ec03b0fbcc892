"""Draw a surrogate for a value: another value of the same kind, form and language.

A candidate is one attempt of an endless series that depends on the key, the kind and the value alone; which attempt is
taken, so that no two values share one and none is real, is decided in pseudonyms.py.
"""

from anonymize.kinds import KINDS
from anonymize.replacing.dates import read_date, shifted
from anonymize.replacing.keys import Draw, Key
from anonymize.replacing.names import other_name
from anonymize.replacing.network_surrogates import other_email, other_host, other_ip, other_mac, other_url
from anonymize.replacing.number_surrogates import other_number, other_phone
from anonymize.replacing.permutations import same_form
from anonymize.replacing.places import other_address, other_location, other_organisation

MAX_SHIFT = 730  # days; two years to either side keep a person's age and a plant's history plausible
MIN_SHIFT = 30
# words that only a reader could exchange, or values without a form: they get a placeholder
WITHOUT_SURROGATE = frozenset({"DEMOGRAPHIC", "QUANTITY", "AGE", "SECRET"})
DATE_KINDS = frozenset(kind.name for kind in KINDS if kind.group == "time")
_NUMBERS = frozenset(kind.name for kind in KINDS if kind.group == "number") | {"JP_CORPORATE_NUMBER"}


def date_shift(key: Key) -> int:
    """Return the number of days that every date of this key moves by, so that the time between dates stays."""
    draw = Draw(key.digest("date shift"))
    days = MIN_SHIFT + draw.below(MAX_SHIFT - MIN_SHIFT + 1)
    return days if draw.below(2) else -days


def candidate(kind: str, value: str, key: Key, attempt: int) -> str | None:
    """Return a surrogate for an identity (spelling.py), in lower case; None where the kind or form has none."""
    if kind in WITHOUT_SURROGATE:
        return None
    if kind in DATE_KINDS:
        return _moved_date(value, key) if attempt == 0 else None
    draw = Draw(key.digest(kind, value) if attempt == 0 else key.digest(kind, value, str(attempt)))
    if kind == "PERSON":
        return other_name(value, draw, attempt)
    if kind in ("ADDRESS", "LOCATION", "ORGANIZATION"):
        return _place(kind, value, draw, key, attempt)
    if kind in ("EMAIL_ADDRESS", "IP_ADDRESS", "MAC_ADDRESS", "HOST_NAME", "URL"):
        return _network(kind, value, draw, key, attempt)
    return _number(kind, value, draw, key, attempt)


def _moved_date(value: str, key: Key) -> str | None:
    written = read_date(value)
    return shifted(written, date_shift(key)) if written else None


def _place(kind: str, value: str, draw: Draw, key: Key, attempt: int) -> str:
    if kind == "ADDRESS":
        return other_address(value, draw, key, attempt)
    return other_location(value, draw, attempt) if kind == "LOCATION" else other_organisation(value, draw, attempt)


def _number(kind: str, value: str, draw: Draw, key: Key, attempt: int) -> str:
    if kind == "PHONE_NUMBER":
        return other_phone(value, draw, key, attempt)
    return other_number(kind, value, key, attempt) if kind in _NUMBERS else same_form(value, key, kind, attempt)


def _network(kind: str, value: str, draw: Draw, key: Key, attempt: int) -> str:
    match kind:
        case "EMAIL_ADDRESS":
            return other_email(value, draw, attempt)
        case "IP_ADDRESS":
            return other_ip(value, draw)
        case "MAC_ADDRESS":
            return other_mac(value, draw, key, attempt)
        case "HOST_NAME":
            return other_host(value, draw, key, kind, attempt)
    return other_url(value, draw, key, attempt)
