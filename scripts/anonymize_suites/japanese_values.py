"""Made-up Japanese identifiers, addresses and dates for the suite japanese_identifiers, drawn by a seed."""

import random
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Maker:
    """One way of writing one kind, and the labels that stand beside it."""

    kind: str
    name: str
    value: Callable[[random.Random], str]
    labels: tuple[str, ...]
    needs_label: bool = True  # false: the form alone tells


def digits(rng: random.Random, count: int, first: str = "0123456789") -> str:
    """Return so many digits."""
    return rng.choice(first) + "".join(rng.choices("0123456789", k=count - 1))


def my_number(rng: random.Random) -> str:
    """Return twelve digits with the check digit of Ministry ordinance No. 85 of 2014, in one of three spellings."""
    head = digits(rng, 11, "3456789")
    weights = (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
    rest = sum(weight * int(digit) for weight, digit in zip(weights, head, strict=True)) % 11
    number = head + str(0 if rest <= 1 else 11 - rest)
    joint = rng.choice(["", "-", " "])
    return joint.join((number[:4], number[4:8], number[8:]))


def corporate_number(rng: random.Random) -> str:
    """Return thirteen digits with the check digit in front, none that could be a JAN article code (45, 49)."""
    while True:
        tail = digits(rng, 12)
        total = sum(int(digit) * (1 + (11 - at) % 2) for at, digit in enumerate(tail))
        number = str(9 - total % 9) + tail
        if number[:2] not in {"45", "49"}:
            return number


def insurer_number(rng: random.Random) -> str:
    """Return six or eight digits with their check digit."""
    head = digits(rng, rng.choice([5, 7]))
    total = 0
    for place, digit in enumerate(reversed(head)):
        product = int(digit) * (2 if place % 2 == 0 else 1)
        total += product if product < 10 else product - 9
    return head + str((10 - total % 10) % 10)


def phone(rng: random.Random) -> str:
    """Return a landline, mobile, IP, free or international number."""
    area = rng.choice(["03", "06", "045", "052", "075", "0466", "0952", "0138", "04992", "09969"])
    local = digits(rng, 6 - len(area), "23456789") if len(area) < 6 else ""
    mobile = rng.choice(["090", "080", "070", "050"])
    last = digits(rng, 4)
    return rng.choice(
        [
            f"{area}-{local}-{last}",
            f"({area}){local}-{last}",
            f"{area}({local}){last}" if len(area) < 5 else f"{area}-{local}-{last}",
            f"{area} {local} {last}",
            f"{mobile}-{digits(rng, 4)}-{last}",
            f"{mobile}{digits(rng, 8)}",
            f"0120-{digits(rng, 3)}-{digits(rng, 3)}",
            f"0800-{digits(rng, 3)}-{last}",
            f"0570-{digits(rng, 3)}-{digits(rng, 3)}",
            f"+81-{area[1:]}-{local}-{last}",
            f"+81 {mobile[1:]} {digits(rng, 4)} {last}",
        ]
    )


_AREAS = (
    ("東京都", "渋谷区", "宇田川町"),
    ("東京都", "港区", "六本木"),
    ("大阪府", "大阪市淀川区", "西中島"),
    ("愛知県", "名古屋市中区", "栄"),
    ("福岡県", "福岡市博多区", "博多駅前"),
    ("神奈川県", "横浜市西区", "みなとみらい"),
    ("京都府", "京都市左京区", "聖護院川原町"),
    ("長野県", "松本市", "丸の内"),
    ("静岡県", "浜松市中央区", "砂山町"),
    ("広島県", "安芸郡府中町", "大須"),
    ("北海道", "函館市", "五稜郭町"),
    ("三重県", "四日市市", "ときわ"),
    ("茨城県", "つくば市", "吾妻"),
    ("岡山県", "倉敷市", "大字水島"),
)
_BUILDINGS = (
    "渋谷パークタワー",
    "メゾン青葉",
    "第二コーポ",
    "サンハイツ",
    "JR新町ビル",
    "社宅A棟",
    "グランドマンション緑",
)


def address(rng: random.Random) -> str:
    """Return an address with block numbers, with or without its prefecture and a building."""
    prefecture, city, town = rng.choice(_AREAS)
    first, second, third = (str(rng.randint(1, limit)) for limit in (9, 40, 30))
    kanji = "一二三四五六七八九"[int(first) - 1]
    blocks = rng.choice(
        [
            f"{first}-{second}-{third}",
            f"{first}-{second}",
            f"{first}丁目{second}番{third}号",
            f"{kanji}丁目{second}番地{third}",
            f"{second}番地",
            f"{first}丁目{second}-{third}",
        ]
    )
    building = rng.choice(
        [
            "",
            "",
            f" {rng.choice(_BUILDINGS)}{rng.randint(101, 1299)}号室",
            f" {rng.choice(_BUILDINGS)}{rng.randint(101, 999)}号",
        ]
    )
    return rng.choice([prefecture, ""]) + city + town + blocks + building


def date(rng: random.Random) -> str:
    """Return a date with a western or an era year."""
    year, month, day = rng.randint(1950, 2029), rng.randint(1, 12), rng.randint(1, 28)
    era, letter, count = rng.choice([("令和", "R", 9), ("平成", "H", 30), ("昭和", "S", 63)])
    number = rng.randint(1, count)
    return rng.choice(
        [
            f"{year}年{month}月{day}日",
            f"{year}/{month}/{day}",
            f"{year}-{month:02}-{day:02}",
            f"{year}.{month:02}.{day:02}",
            f"{era}{number}年{month}月{day}日",
            f"{era}元年{month}月{day}日",
            f"{letter}{number}.{month}.{day}",
        ]
    )


def birth_date(rng: random.Random) -> str:
    """Return a date as forms ask for a date of birth."""
    short = f"{rng.choice('昭平SHRT')}{rng.randint(1, 14)}年{rng.randint(1, 12)}月{rng.randint(1, 28)}日"
    glued = f"{rng.randint(1940, 2005)}{rng.randint(1, 12):02}{rng.randint(1, 28):02}"
    return rng.choice([date(rng), date(rng), short, glued])


def time_of_day(rng: random.Random) -> str:
    """Return a time of day."""
    hour, minute = rng.randint(0, 23), rng.randint(0, 59)
    return rng.choice(
        [f"{hour}:{minute:02}", f"{hour}:{minute:02}:{minute:02}", f"{hour}時{minute}分", f"午後{hour % 12}時"]
    )


def company_number(rng: random.Random) -> str:
    """Return a number as companies and clinics give them out."""
    letters = "".join(rng.choices("ABCDEHKMNPRT", k=rng.randint(1, 3)))
    return rng.choice(
        [
            digits(rng, rng.randint(4, 8)),
            f"{letters}-{digits(rng, 5)}",
            f"{letters}{digits(rng, 6)}",
            f"{letters}-24-{digits(rng, 4)}",
        ]
    )


def bank_account(rng: random.Random) -> str:
    """Return the seven digits of an account; none starts as a year does."""
    return digits(rng, 7, "03456789")


def post_account(rng: random.Random) -> str:
    """Return symbol and number of a post-office account."""
    return f"1{digits(rng, 3)}0-{digits(rng, 7)}1"


def plate(rng: random.Random) -> str:
    """Return a number plate, written out or glued."""
    place = rng.choice(["品川", "横浜", "なにわ", "尾張小牧", "札幌", "富士山", "とちぎ"])
    head, kana, tail = digits(rng, 3, "1235"), rng.choice("あいうえかきくけさすせそ"), digits(rng, 4, "123456789")
    return rng.choice(
        [
            f"{place} {head} {kana} {tail[:2]}-{tail[2:]}",
            f"{place}{head}{kana}{tail}",
            f"{place}{head}{kana}{tail[:2]}-{tail[2:]}",
        ]
    )


def _letters(rng: random.Random, count: int) -> str:
    return "".join(rng.choices("ABCDEFGHKLMRTUZ", k=count))


MAKERS: tuple[Maker, ...] = (
    Maker("JP_MY_NUMBER", "", my_number, ("マイナンバー", "個人番号"), needs_label=False),
    Maker("JP_CORPORATE_NUMBER", "", corporate_number, ("法人番号",), needs_label=False),
    Maker("JP_DRIVER_LICENSE", "", lambda rng: digits(rng, 12, "1345"), ("免許証番号", "運転免許証", "免許番号")),
    Maker(
        "JP_PASSPORT", "", lambda rng: _letters(rng, 2) + digits(rng, 7), ("旅券番号", "パスポート番号", "パスポート")
    ),
    Maker(
        "JP_RESIDENCE_CARD",
        "",
        lambda rng: _letters(rng, 2) + digits(rng, 8) + _letters(rng, 2),
        ("在留カード番号",),
        needs_label=False,
    ),
    Maker("JP_HEALTH_INSURANCE", "insurer", insurer_number, ("保険者番号",)),
    Maker(
        "JP_HEALTH_INSURANCE",
        "insured",
        lambda rng: f"{digits(rng, 4)}・{digits(rng, 3)}",
        ("記号・番号", "保険証の記号番号", "被保険者証番号"),
    ),
    Maker(
        "JP_PENSION_NUMBER",
        "",
        lambda rng: f"{digits(rng, 4)}-{digits(rng, 6)}",
        ("基礎年金番号", "年金番号", "年金手帳の番号"),
    ),
    Maker("JP_BANK_ACCOUNT", "bank", bank_account, ("みずほ銀行新宿支店 普通", "口座番号", "当座", "普通預金")),
    Maker("JP_BANK_ACCOUNT", "post", post_account, ("ゆうちょ銀行 記号番号", "ゆうちょ", "記号・番号")),
    Maker("PHONE_NUMBER", "", phone, ("電話", "携帯", "TEL", "連絡先", "FAX"), needs_label=False),
    Maker("PHONE_NUMBER", "glued", lambda rng: "0" + digits(rng, 9, "3456"), ("電話番号", "TEL", "直通")),
    Maker("PHONE_NUMBER", "extension", lambda rng: digits(rng, rng.choice([3, 4, 5])), ("内線", "内線番号")),
    Maker("POSTAL_CODE", "", lambda rng: f"{digits(rng, 3)}-{digits(rng, 4)}", ("〒", "郵便番号")),
    Maker("ADDRESS", "", address, ("住所", "現住所", "所在地"), needs_label=False),
    Maker("DATE_TIME", "date", date, ("点検日", "日付", "実施日"), needs_label=False),
    Maker("DATE_TIME", "time", time_of_day, ("時刻", "開始"), needs_label=False),
    Maker("BIRTH_DATE", "", birth_date, ("生年月日", "誕生日")),
    Maker("AGE", "", lambda rng: f"{rng.randint(1, 104)}歳", ("年齢",), needs_label=False),
    Maker("EMPLOYEE_ID", "", company_number, ("社員番号", "社員ID", "従業員コード", "職員番号", "社番")),
    Maker(
        "PERSONAL_ID",
        "",
        company_number,
        ("患者ID", "顧客番号", "会員番号", "受付番号", "案件番号", "契約番号", "カルテ番号"),
    ),
    Maker("VEHICLE_PLATE", "", plate, ("車両番号", "車番"), needs_label=False),
)
