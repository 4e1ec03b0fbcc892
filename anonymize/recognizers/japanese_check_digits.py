"""Check digits of Japanese official numbers.

Covers: My Number, corporate number, insurer's number of the health insurance, and JAN (EAN-13) article codes, which
must not be taken for corporate numbers.
Does not cover: driver's licences (their check digit is not published), basic pension numbers (they have none).
"""


def is_my_number(digits: str) -> bool:
    """Check the last of 12 digits (Ministry of Internal Affairs ordinance No. 85 of 2014, article 5)."""
    if len(digits) != 12 or len(set(digits)) == 1:
        return False
    weights = (2, 3, 4, 5, 6, 7, 2, 3, 4, 5, 6)  # from the eleventh digit to the first
    remainder = sum(weight * int(digit) for weight, digit in zip(weights, reversed(digits[:11]), strict=True)) % 11
    return int(digits[11]) == (0 if remainder <= 1 else 11 - remainder)


def is_corporate_number(digits: str) -> bool:
    """Check the first of 13 digits (Ministry of Finance ordinance No. 70 of 2014, article 2)."""
    if len(digits) != 13 or len(set(digits)) == 1:
        return False
    total = sum(int(digit) * (1 + at % 2) for at, digit in enumerate(reversed(digits[1:])))
    return int(digits[0]) == 9 - total % 9


def is_insurer_number(digits: str) -> bool:
    """Check the last of 6 or 8 digits (modulus 10 with weights 2 and 1, the digits of each product added)."""
    if len(digits) not in {6, 8} or len(set(digits)) == 1:
        return False
    products = [int(digit) * (2 - at % 2) for at, digit in enumerate(reversed(digits[:-1]))]
    total = sum(product // 10 + product % 10 for product in products)
    return int(digits[-1]) == -total % 10


def is_article_code(digits: str) -> bool:
    """Say whether 13 digits are a JAN code of a Japanese company: 45 or 49, and the check digit of EAN-13."""
    if len(digits) != 13 or digits[:2] not in {"45", "49"}:
        return False
    total = sum(int(digit) * (1 + 2 * (at % 2)) for at, digit in enumerate(digits[:12]))
    return int(digits[12]) == -total % 10
