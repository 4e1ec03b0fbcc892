"""What follows the municipality in a Japanese address: town, block numbers, building and room.

Covers: 宇田川町15-1, 西中島五丁目16番1号, 大字青木字下原12番地の3, 北1条西5丁目, 寺町通御池上る488, a building by
its word (ビル, ハイツ ...) or its room (305号室).
Does not cover: a building of another name without a room number.
"""

import re
from dataclasses import dataclass

from anonymize.recognizers.japanese_places import longest_name, towns

_KANJI = "一-鿿々〆"
# a kanji digit before other kanji is a part of a name: 渋野町三ツ岩
_NUMBER = r"(?:[0-9]{1,5}|[〇一二三四五六七八九十百千]{1,5}(?=丁目|番|号|地割|[^〇一-鿿ァ-ヺ]|\Z))"
_UNIT = r"(?:丁目(?!駅)|番地|番(?![目線])|号(?![機炉車線基盤器系])|地割)"
BLOCKS = re.compile(
    rf"{_NUMBER}(?:(?: ?[-ー─] ?|の|ノ|(?:丁目[東西南北]?|番地の?|番町?|号|地割)[ -]?){_NUMBER}){{0,4}}{_UNIT}?"
    r"(?:の[0-9]{1,3})?(?![0-9]|[-ー][0-9])"
)
_PARTS = re.compile(r"[0-9]+|[〇一二三四五六七八九十百千]+")
_HAS_UNIT = re.compile(r"丁目|番地|番[0-9一二三四五六七八九十の]|番\Z|地割")
# what stands behind one plain number that counts or measures something
_COUNTS = re.compile(r" ?(?:[A-Za-z%年月日時分秒件名人台個本回階基系機度割倍枚箱万円歳才-]|号[機炉車線基])")
_TOWN = re.compile(
    rf"[{_KANJI}]{{0,4}}(?:[0-9]{{1,2}}|[一二三四五六七八九十]{{1,3}})(?:条|線)(?:[東西南北]|通り?)?"
    rf"|(?:[{_KANJI}ヶケノツァ-ヺー]|(?<=[{_KANJI}])[のがつ](?=[{_KANJI}])|(?<=[上下入])る){{1,15}}"
)
_NUMERAL_TAIL = re.compile(r"[〇一二三四五六七八九十百千]{1,5}(?=丁目|番)")
_NOT_A_BUILDING = r"(?!電話|携帯|内線|担当|連絡|TEL|FAX|Tel|Fax|郵便|氏名|宛)"
_NAME = rf"(?:{_NOT_A_BUILDING}[{_KANJI}ァ-ヺーヶA-Za-z0-9・&'の])"
_WORD = (
    "ビルディング|ビル|タワー|マンション|アパート|レジデンス|プラザ|寮|館|棟|団地|ハウス|ガーデン|ヒルズ|コート|テラス|スクエア|"
    "センター|ハイム|シティ|パーク|社宅|住宅|キャッスル|荘|ハイツ|コーポ|パレス|ステーション|フォレスト|庁舎|会館|本館"
)
_WORD_BEFORE_NAME = (
    "メゾン|コーポ|ハイツ|レジデンス|パレス|ヴィラ|グラン|カーサ|シャトー|ハイム|サン|パーク|ロイヤル|ライオンズ"
)
_ROOM = (
    r"(?: ?[A-Za-z0-9]{1,2}号?棟)?(?:(?: ?-?|の)(?:[A-Za-z]{1,2}-?)?[0-9]{1,5}"
    r"(?:号室?(?!機)|室|階|F(?![A-Za-z])|(?![0-9A-Za-z年月日時名台号]|-[0-9])))"
)
_BUILDING = re.compile(
    rf"(?:[ \n]?(?:第?[0-9]{{1,2}})?(?:{_WORD_BEFORE_NAME}){_NAME}{{1,10}}?(?=[ -]?[0-9]{{2,5}}(?![0-9年月日時]))"
    rf"|[ \n]?(?:メゾン|コーポ|ハイツ|レジデンス|ヴィラ|カーサ|シャトー){_NAME}{{1,10}}?"
    rf"(?=[^{_KANJI}ァ-ヺーA-Za-z0-9・&'の]|\Z)"
    rf"|[ \n、]?{_NAME}{{0,14}}(?:{_WORD})(?:{_NAME}{{1,8}}?(?= ?[0-9]{{1,5}}(?:号室?|室|階)))?"
    rf"|[ ][ぁ-ゖ]{{2,8}}(?:{_WORD}))(?:{_ROOM}){{0,2}}"
    rf"|[ ]?(?:{_NOT_A_BUILDING}[{_KANJI}ァ-ヺーA-Za-z・&'の]){{2,14}} ?[0-9]{{1,5}}(?:号室?|階|室)(?![機炉車線])"
    r"|[ ]?[A-Za-z]?[0-9]{1,5}(?:号室|階|号(?![機炉車線]))"
)
_SECTION = re.compile(rf"(?:字[{_KANJI}ぁ-ゖァ-ヺー]{{1,6}}?(?=[0-9]))?[ ]?")


@dataclass(frozen=True, slots=True)
class Street:
    """The end of the town, and the end of the whole; `blocks` counts the numbers, the post has a known town."""

    town: int
    end: int
    blocks: int
    is_known: bool
    has_unit: bool


def read_street(text: str, at: int) -> Street:
    """Read on from the end of a municipality, at most one space further."""
    start = at + (text[at : at + 1] in {" ", "\n"} and at > 0)
    known = longest_name(text, _after_section(text, start), towns())
    is_known = known > _after_section(text, start)
    if is_known:
        street = _numbers(text, known, is_known=True)
        if street.blocks:
            return street
    free = _TOWN.match(text, start)
    if free:
        for end in _town_ends(free[0]):
            street = _numbers(text, start + end, is_known=False)
            if street.blocks:
                return street
    if start == at and not is_known:
        street = _numbers(text, start, is_known=False)
        if street.blocks:
            return street
    return Street(known, known, 0, is_known, False) if is_known and start == at else Street(at, at, 0, False, False)


def _after_section(text: str, start: int) -> int:
    return start + 2 if text.startswith("大字", start) else start


def _town_ends(town: str) -> list[int]:
    """Return where the town's name may end: at the end of its run, or before kanji digits of a block."""
    numeral = _NUMERAL_TAIL.search(town)
    return [numeral.start(), len(town)] if numeral else [len(town)]


def _numbers(text: str, at: int, *, is_known: bool) -> Street:
    section = _SECTION.match(text, at)
    start = section.end() if section else at
    blocks = BLOCKS.match(text, start)
    if not blocks:
        return Street(at, at, 0, is_known, False)
    count, has_unit = len(_PARTS.findall(blocks[0])), _HAS_UNIT.search(blocks[0]) is not None
    is_plain = count == 1 and not has_unit
    if is_plain and (not is_known or not blocks[0][0].isascii() or _COUNTS.match(text, blocks.end())):
        return Street(at, at, 0, is_known, False)
    building = _BUILDING.match(text, blocks.end())
    end = building.end() if building else blocks.end()
    return Street(at, end, count, is_known, has_unit)
