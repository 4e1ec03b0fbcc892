"""The kinds of personal data that this library knows by name, and what sets each apart.

An operator's own identifier forms add kinds of their own; those are written in capitals too.
"""

import re
from dataclasses import dataclass
from typing import Literal

Group = Literal["person", "contact", "place", "organisation", "time", "number", "network", "secret"]

NAME = re.compile(r"[A-Z][A-Z0-9_]{1,39}")  # how a kind is written; it stands in placeholders: <PERSON_1>


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind: `direct` ones identify a person by themselves and are looked for unless a policy says otherwise."""

    name: str
    group: Group
    direct: bool = True
    spreads: bool = True  # found once, the value is looked for everywhere; false where equal digits mean other things


KINDS: tuple[Kind, ...] = (
    Kind("PERSON", "person"),
    Kind("EMAIL_ADDRESS", "contact"),
    Kind("PHONE_NUMBER", "contact"),
    Kind("EMPLOYEE_ID", "number"),
    Kind("PERSONAL_ID", "number"),  # patient, customer, member, case number beside its label
    Kind("JP_MY_NUMBER", "number"),
    Kind("JP_DRIVER_LICENSE", "number"),
    Kind("JP_PASSPORT", "number"),
    Kind("JP_RESIDENCE_CARD", "number"),
    Kind("JP_HEALTH_INSURANCE", "number"),
    Kind("JP_PENSION_NUMBER", "number"),
    Kind("JP_BANK_ACCOUNT", "number"),
    Kind("VEHICLE_PLATE", "number"),
    Kind("US_SSN", "number"),
    Kind("CREDIT_CARD", "number"),
    Kind("IBAN_CODE", "number"),
    Kind("ADDRESS", "place"),
    Kind("POSTAL_CODE", "place", spreads=False),
    Kind("BIRTH_DATE", "time", spreads=False),
    Kind("IP_ADDRESS", "network", spreads=False),
    Kind("MAC_ADDRESS", "network"),
    Kind("HOST_NAME", "network"),
    Kind("URL", "network"),
    Kind("SECRET", "secret"),
    # what singles a person out only together with something else: looked for where a policy asks
    Kind("LOCATION", "place", direct=False),
    Kind("ORGANIZATION", "organisation", direct=False),
    Kind("JP_CORPORATE_NUMBER", "organisation", direct=False),
    Kind("DATE_TIME", "time", direct=False, spreads=False),
    Kind("AGE", "person", direct=False, spreads=False),
    Kind("DEMOGRAPHIC", "person", direct=False, spreads=False),  # profession, title, nationality, religion
    Kind("QUANTITY", "number", direct=False, spreads=False),
)
DIRECT_KINDS: tuple[str, ...] = tuple(kind.name for kind in KINDS if kind.direct)
KNOWN_KINDS: tuple[str, ...] = tuple(kind.name for kind in KINDS)
_NOT_SPREAD = frozenset(kind.name for kind in KINDS if not kind.spreads)


def spreads(kind: str) -> bool:
    """Say whether a value of this kind, found once, is looked for everywhere; an operator's own kind is."""
    return kind not in _NOT_SPREAD
