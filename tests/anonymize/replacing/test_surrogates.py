import re

import pytest

from anonymize.replacing.keys import Draw, Key
from anonymize.replacing.name_words import japanese_names
from anonymize.replacing.number_surrogates import MY_NUMBER_WEIGHTS
from anonymize.replacing.pseudonyms import Values, assign
from anonymize.replacing.surrogates import candidate, date_shift
from anonymize.replacing.techniques import Techniques

KEY = Key(b"s" * 32)
ALL = Techniques(default="surrogate")


def surrogate(kind: str, *written: str) -> tuple[str, ...]:
    values = Values()
    for each in written:
        values.add(kind, each)
    pseudonyms = assign(values, KEY, ALL)
    return tuple(pseudonyms.of(kind, each) for each in written)


@pytest.mark.parametrize(
    ("kind", "written", "form"),
    [
        ("PERSON", "佐藤 太郎", r"[一-鿿々ヶノ]+ [一-鿿々]+"),
        ("PERSON", "さとうたろう", r"[ぁ-んー]+"),
        ("PERSON", "ｻﾄｳ ﾀﾛｳ", r"[ｦ-ﾟ]+ [ｦ-ﾟ]+"),
        ("PERSON", "サトウ", r"[ァ-ヶー]+"),
        ("PERSON", "Mr. J. Whitfield", r"Mr\. [A-Z]\. [A-Z][a-z]+"),
        ("PERSON", "SARAH WHITFIELD", r"[A-Z]+ [A-Z]+"),
        ("PERSON", "Whitfield, Sarah", r"[A-Z][a-z]+, [A-Z][a-z]+"),
        ("PHONE_NUMBER", "090-1234-5678", r"090-0\d{3}-\d{4}"),
        ("PHONE_NUMBER", "+81 90 1234 5678", r"\+81 90 0\d{3} \d{4}"),
        (
            "PHONE_NUMBER",
            "０５２（９５１）１２３４",
            r"０５２\(０[０-９]{2}\)[０-９]{4}|０５２（０[０-９]{2}）[０-９]{4}",
        ),
        ("PHONE_NUMBER", "0120-444-113", r"0120-0\d{2}-\d{3}"),
        ("PHONE_NUMBER", "(212) 664-7665", r"\(212\) 555-01\d{2}"),
        ("PHONE_NUMBER", "+44 7911 123456", r"\+44 7700 900\d{3}"),
        ("PHONE_NUMBER", "内線4123", r"内線\d{4}"),
        ("EMAIL_ADDRESS", "taro.sato42@plant.co.jp", r"[a-z]+\.[a-z]+\d{2}@example\.jp"),
        ("EMPLOYEE_ID", "Ab-100234", r"[A-Z][a-z]-\d{6}"),
        ("IP_ADDRESS", "192.168.1.20:8080", r"2[45]\d\.\d+\.\d+\.\d+:8080"),
        ("IP_ADDRESS", "fe80::1", r"2001:db8:[0-9a-f:]+"),
        ("MAC_ADDRESS", "00:1B:44:11:3A:B7", r"[0-9A-F][26AE](:[0-9A-F]{2}){5}"),
        ("ADDRESS", "愛知県名古屋市千種区今池1-2-3", r".{2,4}[都道府県].*\d-\d-\d"),
        ("ADDRESS", "12 Baker Street, London", r"\d\d [A-Z][a-z]+ Street, [A-Z][a-z]+"),
        ("ORGANIZATION", "株式会社トーエネック", r"株式会社[ァ-ヺー]+[一-鿿]*"),
        ("ORGANIZATION", "Acme Tools Ltd.", r"[A-Z][a-z]+ [A-Z][a-z]+ Ltd\."),
        ("URL", "https://srv01.plant.local/users/7", r"https://[a-z]+\d\d\.example\.com/[a-z]{5}/\d"),
        ("US_SSN", "123-45-6789", r"9\d\d-00-\d{4}"),
        ("IBAN_CODE", "GB82 WEST 1234 5698 7654 32", r"GB00 [A-Z]{4} \d{4} \d{4} \d{4} \d\d"),
        ("GATE_BADGE", "k47-Ｑ", r"[a-z]\d\d-[A-Z]"),
    ],
)
def test_a_surrogate_has_the_form_of_its_value(kind: str, written: str, form: str) -> None:
    (replaced,) = surrogate(kind, written)
    assert re.fullmatch(form, replaced), replaced
    assert replaced != written


def test_the_spellings_of_one_value_get_one_surrogate_in_their_own_spelling() -> None:
    spaced, together, honoured = surrogate("PERSON", "佐藤　太郎", "佐藤太郎", "佐藤太郎様")
    assert together == spaced.replace("　", "").replace(" ", "")
    assert honoured == together + "様"
    upper, plain = surrogate("PERSON", "SARAH WHITFIELD", "Sarah Whitfield")
    assert plain.upper() == upper
    local, abroad = surrogate("PHONE_NUMBER", "090-1234-5678", "+81-90-1234-5678")
    assert abroad == "+81-" + local[1:]


def luhn(digits: str) -> int:
    doubled = [int(char) * (2 if at % 2 else 1) for at, char in enumerate(reversed(digits))]
    return sum(digit // 10 + digit % 10 for digit in doubled) % 10


def test_no_surrogate_of_a_card_or_my_number_has_a_right_check_digit() -> None:
    cards = surrogate("CREDIT_CARD", *(f"4111 1111 {number:04d} 1111" for number in range(200)))
    assert all(luhn(card.replace(" ", "")) for card in cards)
    for number in surrogate("JP_MY_NUMBER", *(f"1234{number:08d}" for number in range(200))):
        rest = sum(int(digit) * weight for digit, weight in zip(number, MY_NUMBER_WEIGHTS, strict=False)) % 11
        assert int(number[-1]) != (0 if rest <= 1 else 11 - rest)


def test_all_dates_move_by_one_number_of_days_and_keep_their_form() -> None:
    first, second, japanese, full_width, english = surrogate(
        "DATE_TIME", "2024-05-01", "2024-05-03", "令和6年5月1日", "２０２４年５月１日", "May 1st, 2024"
    )
    assert int(second[-2:]) - int(first[-2:]) in {2, 2 - 28, 2 - 29, 2 - 30, 2 - 31}
    assert re.fullmatch(r"令和\d年\d+月\d+日", japanese)
    assert re.fullmatch(r"２０２[０-９]年[０-９]+月[０-９]+日", full_width)
    assert re.fullmatch(r"[A-Z][a-z]+ \d+(st|nd|rd|th), 202\d", english)
    assert 30 <= abs(date_shift(KEY)) <= 730


def test_two_spellings_of_one_day_move_to_one_day() -> None:
    plain, slashed, short = surrogate("BIRTH_DATE", "1985-04-01", "1985/04/01", "1985-4-1")
    assert slashed == plain.replace("-", "/")
    assert [int(part) for part in short.split("-")] == [int(part) for part in plain.split("-")]


def test_two_days_that_would_be_written_alike_do_not_share_a_surrogate() -> None:
    dates = [f"{first}/{second}/2024" for first in range(1, 29) for second in range(1, 13)]
    replaced = surrogate("DATE_TIME", *dates)
    assert len(set(replaced)) == len(dates)


def test_a_kind_without_a_form_gets_a_placeholder() -> None:
    assert re.fullmatch(r"<DEMOGRAPHIC_[A-Z2-9]{12}>", *surrogate("DEMOGRAPHIC", "溶接工"))
    assert re.fullmatch(r"<BIRTH_DATE_[A-Z2-9]{12}>", *surrogate("BIRTH_DATE", "last spring"))


def test_more_values_than_a_list_of_names_has_get_longer_names_and_no_two_the_same() -> None:
    surnames = japanese_names().surnames[:1500]
    replaced = surrogate("PERSON", *surnames)
    assert len(set(replaced)) == 1500
    assert not set(replaced) & set(surnames)
    assert sum(name.startswith("<") for name in replaced) == 0


def test_a_draw_is_even() -> None:
    draw = Draw(KEY.digest("even"))
    counts = [0] * 10
    for _ in range(10_000):
        counts[draw.below(10)] += 1
    assert all(880 <= count <= 1120 for count in counts)  # 1000 expected, 4 standard deviations


@pytest.mark.parametrize(
    "kind", ["IP_ADDRESS", "EMAIL_ADDRESS", "URL", "HOST_NAME", "PHONE_NUMBER", "MAC_ADDRESS", "ADDRESS"]
)
@pytest.mark.parametrize("value", ["x", "!?", "@", "：", "+", "佐藤", "1", "://", "3,"])
def test_an_odd_value_of_any_kind_is_replaced_or_left_to_a_placeholder(kind: str, value: str) -> None:
    (replaced,) = surrogate(kind, value)
    assert replaced != value


def test_without_the_key_a_candidate_cannot_be_confirmed() -> None:
    assert candidate("PERSON", "佐藤太郎", KEY, 0) != candidate("PERSON", "佐藤太郎", Key(b"t" * 32), 0)
