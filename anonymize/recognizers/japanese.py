"""Rules for Japanese text: phone and postal numbers, My Number, names beside labels and honorifics.

Text must be folded first (full-width digits are plain then). No rule uses `\\b`: kana and kanji count as letters there,
so that a number glued to Japanese text would not be found.
Does not cover: names with neither label nor honorific (the language model looks for these), postal addresses.
"""

import re
from collections.abc import Iterator, Sequence

from anonymize.recognizers.guesses import Guess

_DIGIT_BEFORE = r"(?<![0-9A-Za-z-])"
_DIGIT_AFTER = r"(?![0-9A-Za-z]|-[0-9])"
_PHONE = re.compile(
    _DIGIT_BEFORE
    + r"(?:\+81[- ]?\(?0?\)?[- ]?[1-9][0-9]{0,3}[- ]?[0-9]{1,4}[- ]?[0-9]{3,4}"
    + r"|0[5789]0[- ]?[0-9]{4}[- ]?[0-9]{4}"
    + r"|0(?:120|800|570)[- ]?[0-9]{2,3}[- ]?[0-9]{3,4}"
    + r"|\(?0[1-9][0-9]{0,3}[-) ]{1,2}[0-9]{1,4}[- ][0-9]{4})"
    + _DIGIT_AFTER
)
_LABELLED_PHONE = re.compile(r"(?:電話(?:番号)?|携帯|TEL|Tel|FAX|直通)[:は ]*(0[0-9]{9,10})" + _DIGIT_AFTER)
_EXTENSION = re.compile(r"内線(?:番号)?[:は ]*([0-9]{3,5})(?![0-9])")
_POSTAL_CODE = re.compile(r"(?:〒|郵便番号[:は ]*) ?([0-9]{3}-?[0-9]{4})(?![0-9])")
_MY_NUMBER = re.compile(_DIGIT_BEFORE + r"[0-9]{4}([- ]?)[0-9]{4}\1[0-9]{4}" + _DIGIT_AFTER)
_EMPLOYEE = re.compile(
    r"(?:社番|(?:社員|従業員|職員|作業員)(?:番号|コード|ID|No\.?))[:は ]*([A-Za-z]{0,3}-?[0-9]{3,8})(?![0-9])"
)
_LABELLED = (
    (_LABELLED_PHONE, "PHONE_NUMBER", "jp-phone"),
    (_EXTENSION, "PHONE_NUMBER", "jp-extension"),
    (_POSTAL_CODE, "POSTAL_CODE", "jp-postal-code"),
    (_EMPLOYEE, "EMPLOYEE_ID", "jp-employee-id"),
)

_KANJI = "[々〆ヶ一-鿿]"
_NAME = rf"{_KANJI}{{1,6}}(?:[ ]{_KANJI}{{1,3}})?|[ァ-ヺー]{{2,10}}(?:・[ァ-ヺー]{{2,10}}){{0,3}}"
_HONORIFIC = re.compile(
    rf"(?P<name>{_NAME})[ ]?(?:さん|様|さま|殿|氏(?!名)|君|くん|先生|"
    r"主任|係長|課長|次長|部長|班長|組長|職長|工場長|所長|社長|リーダー|チーフ)"
)
_LABEL = re.compile(
    r"(?:担当者?|作業者|作業員|点検者|確認者|報告者|記入者|依頼者|依頼元|発見者|責任者|立会者?|承認者|検査員|通報者|"
    rf"氏名|名前|連絡先|問い?合わ?せ先|窓口|受付者?)(?:[:/]|は|=| )[ ]?(?P<name>{_NAME}|[A-Z][a-z]+(?: [A-Z][a-z]+)?)"
)
# words that stand before an honorific or after a label and are no names
_NO_NAMES = frozenset(
    """
    お客 客 客先 皆 皆々 各位 業者 担当 担当者 関係者 責任者 作業者 作業員 先方 現場 設備
    設備課 保全 保全課 製造 製造課 品質 生産 整備 整備課 電気 電気課 機械 機械課 営業 総務
    技術 購買 業務 工務 夜勤 日勤 交替 交代 前任 後任 副 元 現 新 全 当 同 不明 未定
    変更 確認 確認中 調整 調整中 手配 手配中 点検 対応 連絡 報告 依頼 工場 本社 支社 会社
    御社 弊社 当社 他社 協力会社 取引先 仕入先 外注 外注先 施工 安全 環境 物流 倉庫 運転
    操作 監視 巡回 外部 内部 別途 後日 本日 明日 昨日 午前 午後 翌日 一式 模様 仕様 同様
    異様 多様 メーカー オペレーター オペレータ ベンダー ドライバー サプライヤー スタッフ リーダー
    チーフ マネージャー ユーザー メンテナンス サービス
    """.split()  # noqa: SIM905 - one word a line would fill three screens
)
_LEADING = re.compile(
    r"^(?:本日|昨日|今日|明日|今朝|昨夜|当日|先日|翌日|前日|午前|午後|夜勤|日勤|交替|現場|工場|協力会社|担当者?|"
    r"[一-鿿]{1,4}(?:課|部|係|班|室|組)(?=[一-鿿]{2})|弊社|当社|同社|業者|主任|係長|課長|班長|済|後|時|分|日|の)+"
)
# 阿部, 田中, 田所 and 松元 are names: such an ending speaks only after two characters or after a department
_ENDS_LIKE_A_GROUP = re.compile(
    r"(?:..(?:課|係|班|室|社|者|側|先|場|中|済|業|員)"
    r"|(?:製造|保全|設備|品質|生産|技術|総務|営業|業務|工務|購買|管理|電気|機械|整備|資材|物流|開発|情報)(?:部|課|係|班|室)?)$"
)
_WORDS_IN_SAMA = re.compile(r"(?:仕|同|模|多|異|一)$")  # 仕様, 同様, 模様 are words
MAX_NAME = 5  # kanji; a longer run is not all name


class JapaneseRules:
    """The rules as one recognizer."""

    name = "japanese-rules"

    def find(self, texts: Sequence[str]) -> list[list[Guess]]:
        """Return the guesses for each text."""
        return [list(_all(text)) for text in texts]


def is_my_number(digits: str) -> bool:
    """Check the last of 12 digits (Ministry of Internal Affairs ordinance No. 85 of 2014, article 5)."""
    if len(digits) != 12 or len(set(digits)) == 1:
        return False
    weights = (2, 3, 4, 5, 6, 7, 2, 3, 4, 5, 6)  # from the eleventh digit to the first
    remainder = sum(weight * int(digit) for weight, digit in zip(weights, reversed(digits[:11]), strict=True)) % 11
    return int(digits[11]) == (0 if remainder <= 1 else 11 - remainder)


def _all(text: str) -> Iterator[Guess]:
    yield from _numbers(text)
    yield from _names(text)


def _numbers(text: str) -> Iterator[Guess]:
    for match in _PHONE.finditer(text):
        if 10 <= sum(char.isdigit() for char in match[0]) <= 13:
            yield Guess(*match.span(), "PHONE_NUMBER", 0.8, "jp-phone")
    for match in _MY_NUMBER.finditer(text):
        if is_my_number(re.sub(r"\D", "", match[0])):
            yield Guess(*match.span(), "JP_MY_NUMBER", 0.9, "jp-my-number")
    for pattern, kind, recognizer in _LABELLED:
        for match in pattern.finditer(text):
            yield Guess(*match.span(1), kind, 0.9, recognizer)


def _names(text: str) -> Iterator[Guess]:
    for match in _HONORIFIC.finditer(text):
        span = _name_before(text, *match.span("name"))
        if span:
            yield Guess(*span, "PERSON", 0.9, "jp-honorific")
    for match in _LABEL.finditer(text):
        span = _name_after(text, *match.span("name"))
        if span:
            yield Guess(*span, "PERSON", 0.85, "jp-label")


def _name_before(text: str, start: int, end: int) -> tuple[int, int] | None:
    """Cut what stands before the name off a run of kanji: 本日佐藤 → 佐藤."""
    leading = _LEADING.match(text[start:end])
    if leading and leading.end() < end - start:
        start += leading.end()
    if re.match(_KANJI, text[start]):
        start = max(start, end - MAX_NAME)
    name = text[start:end].strip()
    is_no_name = name in _NO_NAMES or _ENDS_LIKE_A_GROUP.search(name) or _WORDS_IN_SAMA.search(name)
    return None if not name or is_no_name else (start, end)


def _name_after(text: str, start: int, end: int) -> tuple[int, int] | None:
    name = text[start:end]
    if name in _NO_NAMES or len(name) > MAX_NAME + 3 or _ENDS_LIKE_A_GROUP.search(name):
        return None
    if re.match(_KANJI, name) and len(name.split()[0]) > MAX_NAME:
        return None
    return start, end
