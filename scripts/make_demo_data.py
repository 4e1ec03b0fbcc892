"""Write the demo export: real maintenance lines of MaintNorm, with invented people planted around them.

    python scripts/make_demo_data.py --maintnorm FOLDER --out work_orders.csv --planted planted.json --rows 500 --seed 7

The same seed gives the same bytes. People, telephone numbers and addresses are invented; numbers are taken from ranges
that are not assigned (555-01xx, 0491 570 xxx, 5550 xxxx, 0000 after a Japanese prefix).
"""

import argparse
import csv
import json
import random
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

COLUMNS = (
    "work_order",
    "date",
    "site",
    "functional_location",
    "priority",
    "description",
    "normalised",
    "reporter",
    "phone",
    "email",
    "remark",
    "cost_centre",
)
REMARK_SHARE = 0.6
CONTRACTOR_SHARE = 0.15
NOBODY_SHARE = 0.1
OTHER_SHARE = 0.3
FULL_WIDTH_SHARE = 0.3

ENGLISH_PEOPLE = """
Sarah Whitfield|Liam Okafor|Priya Ramanathan|Declan O'Rourke|Hannah Lindqvist|Marcus Thibodeaux|Aisha Mahmoud|
Callum Macpherson|Ingrid Halvorsen|Trevor Nkemelu|Bronwyn Pritchard|Joaquin Villareal|Matilda Kowalczyk|Rhys Gallagher|
Svetlana Petrova|Nathan Abernathy|Fiona McAllister|Tobias Reinhardt|Chloe Fairweather|Emeka Adeyemi|Gareth Llewellyn|
Yasmin Karimi|Duncan Fotheringham|Leilani Kealoha|Oscar Lundgren|Beatrice Montague|Vikram Deshpande|Jasmine Arbuthnot|
Wesley Thornbury|Niamh Donoghue
"""
JAPANESE_PEOPLE = """
佐藤 健一/sato kenichi|鈴木 美咲/suzuki misaki|高橋 大輔/takahashi daisuke|田中 由美子/tanaka yumiko|
伊藤 翔太/ito shota|渡辺 直樹/watanabe naoki|山本 恵子/yamamoto keiko|中村 拓也/nakamura takuya|
小林 真由美/kobayashi mayumi|加藤 隆/kato takashi|吉田 和也/yoshida kazuya|山田 太郎/yamada taro|
佐々木 亮/sasaki ryo|山口 千尋/yamaguchi chihiro|松本 誠/matsumoto makoto|井上 彩香/inoue ayaka|
木村 浩二/kimura koji|斎藤 裕子/saito yuko|清水 健太/shimizu kenta|山崎 明美/yamazaki akemi|
阿部 雄介/abe yusuke|池田 智子/ikeda tomoko|橋本 康弘/hashimoto yasuhiro|石川 奈々/ishikawa nana|
前田 光一/maeda koichi|藤田 早紀/fujita saki|後藤 正樹/goto masaki|岡田 優子/okada yuko|
長谷川 潤/hasegawa jun|村上 哲也/murakami tetsuya
"""
ENGLISH_CONTRACTORS = (
    "Zbigniew Wojcik|Moira Cholmondeley|Anselm Bergstrom|Tamsin Trevelyan|Kofi Boateng|Rosalind Haversham|"
    "Ignatius Papadakis|Delphine Rousseau|Magnus Sigurdsson|Olumide Akintola"
)
JAPANESE_CONTRACTORS = (
    "宮下 達郎|黒木 沙織|大西 勇人|桑原 徹|三浦 綾乃|ジョンソン|マルティネス|戸田 信吾|片桐 修|グエン"
)

# {name} full name, {surname}, {phone}, {mail}
ENGLISH_REMARKS = """
{name} noticed the noise during the morning round and isolated the unit.
Reported by {name}, call back on {phone} before starting.
Spoke to {name} about the access permit, ladder is booked.
Please ring {name} on {phone} once the guard is back on.
{name} will bring the spare from the store on Thursday.
Photos were sent to {mail} after the inspection.
Parts are on order, {surname} is chasing the supplier.
Asked {surname} to confirm the oil grade, waiting for an answer.
Handover to {name} at the end of the shift, see the log book.
{name} asked us to keep the old hose for the failure analysis.
Any questions to {name} ({mail}).
Job was split, {surname} does the electrical part.
{surname} says the leak started after the last service.
Isolation was removed by {name} at the panel.
Tag was signed by {name}; second signature is missing.
Send the quote to {mail} and copy the planner.
{name} is on leave until Monday, phone {phone} if urgent.
Checked with {surname}, clearance is within the limit.
Found by {name} while greasing the pins.
Contact {name}, {phone}, for the crane.
Vibration was measured together with {name}, values are in the report.
The bearing was replaced under the supervision of {name}.
According to {surname} the alarm came twice this week.
Waiting for {name} to release the lock.
Report went to {mail}; no reply yet.
{name} and the night shift refitted the cover.
"""
ENGLISH_CONTRACTOR_REMARKS = """
Mr {surname} of the crane hire company will be on site at seven.
Ms {surname} from the insurer wants to see the broken part.
Called by {name}, the supplier's service desk, on {phone}.
Spoke to {name} from the hose supplier, mail {mail}.
Dr {surname} took an oil sample for the laboratory.
Contractor {name} needs an induction, phone {phone}.
Contact {name} for the warranty claim.
Mrs {surname} called about the invoice, number {phone}.
"""
JAPANESE_REMARKS = """
{surname}さんより異音の連絡あり。原因は軸受の摩耗。
担当:{name} 電話{phone}まで。
{name}が現場を確認、部品は手配済み。
本日{surname}主任が立会い、問題なし。
連絡先は{mail}まで。
{surname}係長に報告済み、次回定修で対応。
報告者:{name}({phone})
部品入荷後、{surname}さんへ{phone}に連絡すること。
{name}様の依頼により油圧ホースを交換した。
写真を{mail}に送付済み。
夜勤の{surname}さんから引継ぎ、増し締め実施。
{surname}氏と協議の上、運転を継続する。
点検者:{name} 異常なし。
作業者は{name}、終了後に復電した。
警報E487が再発、{surname}班長へ連絡。
{name}さんがポンプP-922を停止した。
予備品は倉庫にあり、{surname}さんが持参する。
質問は{name}({mail})まで。
{surname}課長の承認待ち。
漏れ量は微少。{surname}さんの判断で経過観察。
確認者:{name} 確認後、カバー復旧。
担当{surname}さん不在のため{phone}へ連絡した。
{surname}さんと{phone}で打合せ、日程調整中。
モータ更新の件、{name}に見積を依頼。
昼休みに{surname}さんがグリスを補給した。
至急{mail}へ結果を送ること。
"""
JAPANESE_CONTRACTOR_REMARKS = """
業者の{surname}氏が来社、見積は来週。
メーカーの{surname}様より回答あり。{mail}に返信のこと。
協力会社の{surname}さんが溶接を実施。携帯{phone}。
担当者:{surname} 連絡は{phone}まで。
検査員の{surname}さんが立会い、合格。
レンタル会社の{surname}様へ返却を連絡した。
保険会社の{surname}さんから{phone}に入電あり。
据付業者{surname}さん、明日八時に入構予定。
"""
NOBODY_REMARKS = """
Seal for P-922 is ordered, two weeks lead time.
Alarm E487 came back at 1000H, reset and running.
See drawing L-204 rev 3, torque 85 Nm.
POS 7 tyre at 40 %, replace at the next stop.
ポンプP-922のシール交換、次回定修で実施。
E487発生、リセット後正常。原因調査中。
仕様変更のため図面L-204を改訂する。
お客様立会いは不要。潤滑油ISO VG46を使用。
"""
SITES = ("North Works", "South Works", "Harbour Plant", "Quarry 2")
SYSTEMS = ("CRU", "CNV", "LDR", "TRK", "PMP", "DRL")


@dataclass(frozen=True)
class Person:
    """An invented person; the surname is what colleagues write."""

    name: str
    surname: str
    phone: str
    mail: str
    is_japanese: bool


class Planted:
    """What was planted, and in which rows and columns."""

    def __init__(self) -> None:
        self._where: dict[tuple[str, str], list[str]] = {}

    def add(self, kind: str, value: str, where: str) -> None:
        """Note that a value stands in a place."""
        self._where.setdefault((kind, value), []).append(where)

    def to_json(self) -> list[dict[str, object]]:
        """Return the values, sorted."""
        return [{"kind": kind, "value": value, "where": where} for (kind, value), where in sorted(self._where.items())]


def main() -> None:
    """Write the CSV file, and the planted identities if a file is given for them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--maintnorm", type=Path, required=True, help="folder with train.jsonl")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--planted", type=Path, help="JSON file for the planted identities")
    parser.add_argument("--rows", type=int, default=500)
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    planted = Planted()
    lines = maintenance_lines(arguments.maintnorm / "train.jsonl", arguments.rows, random.Random(arguments.seed))
    rows = list(work_orders(lines, random.Random(arguments.seed + 1), planted))
    with arguments.out.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\r\n")
        writer.writeheader()
        writer.writerows(rows)
    if arguments.planted:
        text = json.dumps(planted.to_json(), ensure_ascii=False, indent=1)
        arguments.planted.write_text(text + "\n", encoding="utf-8")


def maintenance_lines(file: Path, count: int, chance: random.Random) -> list[tuple[str, str]]:
    """Return (raw, normalised) pairs with distinct raw lines and two words or more."""
    pairs: dict[str, str] = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        plain = json.loads(line)
        if len(plain["target"].split()) >= 2:
            pairs.setdefault(plain["input"], plain["target"])
    return chance.sample(list(pairs.items()), count)


def work_orders(lines: list[tuple[str, str]], chance: random.Random, planted: Planted) -> Iterator[dict[str, str]]:
    """Yield one row per maintenance line."""
    staff = people(chance)
    contractors = outsiders(chance)
    for number, (raw, normalised) in enumerate(lines):
        order = f"WO-{1200 + number:06d}"
        reporter = chance.choice(staff)
        planted.add("PERSON", reporter.name, f"{order}/reporter")
        planted.add("PHONE_NUMBER", reporter.phone, f"{order}/phone")
        planted.add("EMAIL_ADDRESS", reporter.mail, f"{order}/email")
        yield {
            "work_order": order,
            "date": (date(2024, 1, 8) + timedelta(days=number // 2)).isoformat(),
            "site": chance.choice(SITES),
            "functional_location": f"N{chance.randint(1, 4):02d}-{chance.choice(SYSTEMS)}-{chance.randint(100, 999)}",
            "priority": str(chance.choice((1, 2, 2, 3, 3, 3, 4))),
            "description": raw,
            "normalised": normalised,
            "reporter": reporter.name,
            "phone": reporter.phone,
            "email": reporter.mail,
            "remark": remark(order, reporter, (staff, contractors), chance, planted),
            "cost_centre": f"CC-{chance.randint(41, 48)}{chance.choice((10, 20, 30))}",
        }


def people(chance: random.Random) -> list[Person]:
    """Return the staff, half of it with English and half with Japanese names."""
    english = [_english(name.strip(), chance) for name in ENGLISH_PEOPLE.split("|")]
    japanese = [_japanese(entry.strip(), chance) for entry in JAPANESE_PEOPLE.split("|")]
    return english + japanese


def outsiders(chance: random.Random) -> list[Person]:
    """Return people who stand in no structured column."""
    english = [_english(name, chance) for name in ENGLISH_CONTRACTORS.split("|")]
    names = JAPANESE_CONTRACTORS.split("|")
    japanese = [_japanese(f"{name}/gyosha {chr(97 + at)}", chance) for at, name in enumerate(names)]
    return english + japanese


def remark(
    order: str, reporter: Person, everybody: tuple[list[Person], list[Person]], chance: random.Random, planted: Planted
) -> str:
    """Return a remark that mentions a person, or nobody, or is empty."""
    staff, contractors = everybody
    if chance.random() >= REMARK_SHARE:
        return ""
    draw = chance.random()
    if draw < NOBODY_SHARE:
        return chance.choice(_lines(NOBODY_REMARKS))
    is_contractor = draw < NOBODY_SHARE + CONTRACTOR_SHARE
    is_other = draw < NOBODY_SHARE + CONTRACTOR_SHARE + OTHER_SHARE
    person = chance.choice(contractors if is_contractor else staff) if is_other else reporter
    english = ENGLISH_CONTRACTOR_REMARKS if is_contractor else ENGLISH_REMARKS
    japanese = JAPANESE_CONTRACTOR_REMARKS if is_contractor else JAPANESE_REMARKS
    template = chance.choice(_lines(japanese if person.is_japanese else english))
    return _filled(template, person, f"{order}/remark", chance, planted)


def _filled(template: str, person: Person, where: str, chance: random.Random, planted: Planted) -> str:
    spaceless = person.is_japanese and chance.random() < 0.6  # 山田太郎 as often as 山田 太郎
    name = person.name.replace(" ", "") if spaceless else person.name
    wide = person.is_japanese and chance.random() < FULL_WIDTH_SHARE
    values = (
        ("name", "PERSON", name, name),
        ("surname", "PERSON", person.surname, person.surname),
        ("phone", "PHONE_NUMBER", person.phone, _full_width(person.phone) if wide else person.phone),
        ("mail", "EMAIL_ADDRESS", person.mail, _full_width(person.mail) if wide else person.mail),
    )
    for field, kind, value, written in values:
        if f"{{{field}}}" in template:
            planted.add(kind, value, where)
            template = template.replace(f"{{{field}}}", written)
    return template


def _english(name: str, chance: random.Random) -> Person:
    given, surname = name.split(" ", 1)
    number = chance.choice(
        (
            f"0491 570 {chance.randint(100, 999)}",
            f"(03) 5550 {chance.randint(1000, 9999)}",
            f"+61 491 570 {chance.randint(100, 999)}",
            f"(206) 555-01{chance.randint(10, 99)}",
            f"+1 312-555-01{chance.randint(10, 99)}",
        )
    )
    host = chance.choice(("example.com", "plant01.local", "mail.example.org"))
    user = f"{given}.{surname}".replace("'", "").lower()
    return Person(name, surname, number, f"{user}@{host}", is_japanese=False)


def _japanese(entry: str, chance: random.Random) -> Person:
    name, roman = entry.split("/")
    surname, given = roman.split()
    number = chance.choice(
        (
            f"090-0000-{chance.randint(1000, 9999)}",
            f"080-0000-{chance.randint(1000, 9999)}",
            f"03-0000-{chance.randint(1000, 9999)}",
            f"0996-00-{chance.randint(1000, 9999)}",
            f"0120-000-{chance.randint(100, 999)}",
        )
    )
    host = chance.choice(("example.co.jp", "plant02.local", "example.com"))
    return Person(name, name.split()[0], number, f"{given[0]}.{surname}@{host}", is_japanese=True)


def _full_width(text: str) -> str:
    """Return the text as it is typed with a Japanese keyboard in full-width mode."""
    wide = "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in text)
    assert unicodedata.normalize("NFKC", wide) == text
    return wide


def _lines(text: str) -> list[str]:
    return text.strip().splitlines()


if __name__ == "__main__":
    main()
