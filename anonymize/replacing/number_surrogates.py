"""Draw another number of the same form that belongs to nobody, as far as a numbering plan allows.

Phones: US 555-0100 to 555-0199; UK Ofcom's drama numbers 01632 960xxx and 07700 900xxx; Japan sets no numbers aside, so
the area or mobile prefix is kept and the next digit is 0, which the plan (MIC, 電気通信番号計画) gives to no subscriber
of 050/070/080/090 and to no exchange. Other countries: the country's first digits are kept, the rest is permuted.
Numbers with a check digit get a wrong one on purpose: a surrogate can never be a valid card, My Number or IBAN.
Does not cover: Japanese area codes of four and five digits, where the digit 0 falls into the area code.
"""

import re

from anonymize.replacing.keys import Draw, Key
from anonymize.replacing.permutations import same_form

_JP_MOBILE = re.compile(r"0[5789]0[0-9]{8}")
_JP_FIXED = re.compile(r"(0120|0570|0[346]|0[1-9]{2}|0[1-9]0)[0-9]{6,8}")
_US = re.compile(r"(\+?1)?([2-9][0-9]{2})[2-9][0-9]{6}")
_US_LOCAL = re.compile(r"[2-9][0-9]{6}")
UK_LENGTH = 13  # +44 and ten digits
MY_NUMBER_WEIGHTS = (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)  # 番号法の規定による通知カード…省令 第5条
CORPORATE_WEIGHTS = (1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2)  # 法人番号の指定等に関する省令 第2条, from the right
LICENCE_WEIGHTS = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)  # 警察庁: modulus 11, the eleventh digit


def other_phone(digits: str, draw: Draw, key: Key, attempt: int) -> str:
    """Return the digits of a phone number of the same length and kind of area."""
    if _JP_MOBILE.fullmatch(digits):
        return f"{digits[:3]}0{draw.digits(7)}"
    if fixed := _JP_FIXED.fullmatch(digits):
        area = fixed[1]
        return f"{area}0{draw.digits(len(digits) - len(area) - 1)}"
    if digits.startswith("+44"):
        return _uk_phone(digits, draw, key, attempt)
    if us := _US.fullmatch(digits):
        area = us[2] if attempt == 0 else str(200 + draw.below(800))
        return f"{us[1] or ''}{area}55501{draw.digits(2)}"
    if _US_LOCAL.fullmatch(digits) and attempt == 0:
        return f"55501{draw.digits(2)}"
    kept = 3 if digits.startswith("+") else 0
    return digits[:kept] + same_form(digits[kept:], key, "PHONE_NUMBER", attempt)


def _uk_phone(digits: str, draw: Draw, key: Key, attempt: int) -> str:
    if len(digits) == UK_LENGTH:
        return f"{'+447700900' if digits[3] == '7' else '+441632960'}{draw.digits(3)}"
    return digits[:3] + same_form(digits[3:], key, "PHONE_NUMBER", attempt)


def other_number(kind: str, value: str, key: Key, attempt: int) -> str:
    """Return a number of the same form, whose check digit, if the kind has one, is wrong."""
    if kind == "IBAN_CODE" and len(value) > 4:
        return (
            f"{value[:2]}00{same_form(value[4:], key, kind, attempt)}"  # 00 is no check number: ISO 13616 has 02 to 98
        )
    if kind == "US_SSN" and len(value) == 9 and value.isdecimal():
        drawn = same_form(value[1:3] + value[5:], key, f"{kind} {value[0]}{value[3:5]}", attempt)
        return f"9{drawn[:2]}00{drawn[2:]}"  # no number has the group 00
    drawn = same_form(value, key, kind, attempt)
    if not value.isdecimal():
        return drawn
    at = _check_digit_at(kind, len(value))
    if at is None:
        return drawn
    body = same_form(value[:at] + value[at + 1 :], key, kind, attempt)
    wrong = (_check_digit(kind, body) + 1) % 10
    return f"{body[:at]}{wrong}{body[at:]}"


def _check_digit_at(kind: str, length: int) -> int | None:
    if kind == "JP_MY_NUMBER" and length == 12:
        return 11
    if kind == "JP_CORPORATE_NUMBER" and length == 13:
        return 0
    if kind == "JP_DRIVER_LICENSE" and length == 12:
        return 10
    return length - 1 if kind == "CREDIT_CARD" or (kind == "JP_HEALTH_INSURANCE" and length == 8) else None


def _check_digit(kind: str, body: str) -> int:
    digits = [int(char) for char in body]
    if kind == "JP_MY_NUMBER":
        return _modulus_11(digits, MY_NUMBER_WEIGHTS)
    if kind == "JP_DRIVER_LICENSE":
        return _modulus_11(digits[:10], LICENCE_WEIGHTS)
    if kind == "JP_CORPORATE_NUMBER":
        return 9 - sum(d * w for d, w in zip(reversed(digits), CORPORATE_WEIGHTS, strict=True)) % 9
    doubled = [digit * 2 if at % 2 == 0 else digit for at, digit in enumerate(reversed(digits))]
    return -sum(digit // 10 + digit % 10 for digit in doubled) % 10  # Luhn, ISO/IEC 7812-1


def _modulus_11(digits: list[int], weights: tuple[int, ...]) -> int:
    rest = sum(digit * weight for digit, weight in zip(digits, weights, strict=True)) % 11
    return 0 if rest <= 1 else 11 - rest
