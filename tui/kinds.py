"""The kinds of personal data as a reviewer picks them: the nine of the number keys first."""

from typing import get_args

from appliance.core.sections import Kind
from tui.language import message

# the number keys, in this order
NUMBERED = (
    "PERSON",
    "PHONE_NUMBER",
    "EMAIL_ADDRESS",
    "EMPLOYEE_ID",
    "PERSONAL_ID",
    "ADDRESS",
    "POSTAL_CODE",
    "BIRTH_DATE",
    "SECRET",
)
MEANINGS = {
    "PERSON": message("name of a person"),
    "PHONE_NUMBER": message("phone number"),
    "EMAIL_ADDRESS": message("e-mail address"),
    "EMPLOYEE_ID": message("number of an employee"),
    "PERSONAL_ID": message("number of a customer, patient, case"),
    "ADDRESS": message("postal address"),
    "POSTAL_CODE": message("postal code"),
    "BIRTH_DATE": message("date of birth"),
    "SECRET": message("password, key, token"),
    "LOCATION": message("place"),
    "ORGANIZATION": message("company, authority"),
    "IP_ADDRESS": message("IP address"),
    "MAC_ADDRESS": message("MAC address"),
    "HOST_NAME": message("name of a computer"),
    "URL": message("web address"),
    "CREDIT_CARD": message("credit card"),
    "VEHICLE_PLATE": message("vehicle plate"),
    "JP_MY_NUMBER": message("My Number (Japan)"),
    "DATE_TIME": message("date or time"),
    "AGE": message("age"),
    "DEMOGRAPHIC": message("profession, nationality, religion"),
}


def pickable() -> tuple[str, ...]:
    """Return every kind that can be picked, the numbered ones first."""
    return (*NUMBERED, *(kind for kind in get_args(Kind) if kind not in NUMBERED))
