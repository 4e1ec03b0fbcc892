"""Rules for names in Japanese text: beside labels, titles, honorifics, relations and readings; Latin and spaced forms.

Text must be folded first. No rule uses `\\b`: kana and kanji count as letters there.
Covers: 氏名:佐藤健太, 佐藤さん, Dr.渡辺, 佐藤健太(長男), 佐藤明子(さとうあきこ), 山 田 太 郎, Taro YAMADA.
Does not cover: bare names (`gazetteer` looks for these); labels and honorifics that are not listed here.
A title (Dr., 先生, 係長) is no part of a name; it is told as DEMOGRAPHIC, which a policy asks for or not.
"""

import functools
import re
from collections.abc import Iterator, Sequence

from japanese_personal_name_dataset import load_dataset

from anonymize.recognizers.gazetteer import SAYING, NameLists
from anonymize.recognizers.guesses import Guess

MAX_NAME = 5  # kanji; a longer run is not all name
Place = tuple[int, int]

_HAN = "[々〆ヶ一-鿿]"
_NO_HAN_BEFORE = "(?<![々〆ヶ一-鿿])"
_KATAKANA = "[ァ-ヺー]{2,12}(?:[・= ][ァ-ヺー]{2,12}){0,3}"
_WORD = r"(?:[A-Z][A-Za-z'’-]{1,19}|[A-Z]\.?)"
_LATIN = rf"(?<![A-Za-z0-9]){_WORD}(?:,? {_WORD}){{0,3}}(?![A-Za-z0-9_/-])"
_LABELS = """
    氏名 姓名 お名前 名前 患者名 患者氏名 患者 顧客名 お客様名 担当 担当者 担当者名 ご担当 担当医 主治医 医師 医師名
    執刀医 依頼医 検査依頼医 紹介医 読影医 承認医 指導医 診断医 報告医 技師 検査技師 放射線技師 看護師 薬剤師 作業者
    作業員 作業者名 作業担当 点検者 確認者 報告者 記入者 記録者 作成者 起票者 入力者 依頼者 依頼元 発見者 責任者 立会
    立会者 立会人 承認者 検査員 検査者 通報者 連絡先 緊急連絡先 連絡者 受信者 問合せ先 問い合わせ先 お問い合わせ先
    窓口 受付 受付者 対応者 保護者 家族 配偶者 被保険者 世帯主 申請者 代表者 契約者 運転者 運転員 監督 監督者 職長
    班長 送信者 差出人 宛先 宛名 文責 署名 サイン 被害者 被災者 負傷者 目撃者 フリガナ ふりがな
    """.split()  # noqa: SIM905 - one word a line would fill three screens
_LABEL = re.compile(
    rf"(?:{'|'.join(sorted(_LABELS, key=len, reverse=True))})"
    r"(?:[】\]」)][:= \t]{0,3}|[ \t]{0,3}[:=/|][ \t]{0,3}\n?|(?P<loose>は)[、, ]?|[ \t]{1,3}|\n)"
)
_TITLE = re.compile(r"(?<![A-Za-z])(?P<title>Dr|DR|Mr|MR|Ms|Mrs|Prof)(?:\. ?| )")
_UNIT = re.compile(
    r"[A-Za-z0-9々一-鿿ァ-ヺー]{1,12}"
    r"(?:課|部|係|班|室|科|局|技師|医師|看護師|主任|係長|課長|部長|班長|担当|グループ|チーム)[ ]"
)
_HAN_NAME = re.compile(rf"{_HAN}{{1,10}}(?: {_HAN}{{1,4}}(?!{_HAN}))?")
_HAN_AND_KANA = re.compile(rf"({_HAN}{{1,4}}) ?([ぁ-ゖ]{{2,5}}|[ァ-ヺー]{{2,6}})(?![ぁ-ゖァ-ヺー])")
_KATAKANA_NAME = re.compile(_KATAKANA)
_HIRAGANA_NAME = re.compile(r"[ぁ-ゖー]{2,6}(?: [ぁ-ゖー]{2,6})?(?![ぁ-ゖー])")
_LATIN_NAME = re.compile(_LATIN)
_NEXT_NAME = re.compile(r"[ ]?[、,・/&と][ ]?")
_READING = re.compile(
    rf"[ ]?\([ ]?(?P<name>[ぁ-ゖァ-ヺー]{{2,10}}(?:[ ・][ぁ-ゖァ-ヺー]{{2,10}}){{0,2}}|{_LATIN})[ ]?\)"
)

_POLITE = "さん|さま|様(?![々子式相態])|殿(?!下)|氏(?!名)|君(?!臨)|くん|ちゃん"
_ROLE = (
    "先生|医師|教授|主任(?!者|技)|係長|課長|次長|部長|班長|組長|職長|室長|店長|工場長|所長|社長|専務|常務|会長|技師|看護師|"
    "(?<![ァ-ヺー])(?:リーダー|チーフ|マネージャー)"
)
_HONORIFIC = re.compile(
    rf"(?P<name>(?:{_HAN}{{1,8}} ?)?{_HAN}{{1,8}}|{_KATAKANA}|[ぁ-ゖ]{{3,6}}|{_LATIN})[ ]?"
    rf"(?:{_POLITE}|(?P<role>{_ROLE}))"
)
_RELATION = re.compile(
    rf"{_NO_HAN_BEFORE}(?P<name>{_HAN}{{1,4}} ?{_HAN}{{1,4}})\((?:長男|次男|三男|長女|次女|三女|妻|夫|父|母|"
    r"息子|娘|祖父|祖母|兄|弟|姉|妹|義父|義母|孫|配偶者|本人|保護者|後見人|同居人)\)"
)
_BEFORE_READING = re.compile(
    rf"{_NO_HAN_BEFORE}(?P<name>{_HAN}{{1,4}} ?{_HAN}{{1,4}})(?={_READING.pattern.replace('?P<name>', '')})"
)
_SPACED = re.compile(rf"(?<![々〆ヶ一-鿿])(?<![々〆ヶ一-鿿] ){_HAN}(?: {_HAN}){{2,5}}(?! ?{_HAN})")
_TWO_WORDS = re.compile(
    r"(?<![A-Za-z0-9_.-])([A-Z][A-Za-z]{1,14}|[A-Z]\.)(?:,? ?)([A-Z][A-Za-z]{1,14})(?![A-Za-z0-9_-])"
)

# words that stand before an honorific or after a label and are no names
_NO_NAMES = frozenset(
    """
    お客 客 客先 皆 皆々 各位 業者 担当 担当者 関係者 責任者 作業者 作業員 先方 現場 設備 施設 部署 所属 役職 住所
    電話 携帯 内線 番号 性別 年齢 設備課 保全 保全課 製造 製造課 品質 生産 整備 整備課 電気 電気課 機械 機械課 営業
    総務 技術 購買 業務 工務 夜勤 日勤 交替 交代 前任 後任 副 元 現 新 全 当 同 両 各 他 不明 未定 なし 無 無し 有
    変更 確認 確認中 調整 調整中 手配 手配中 点検 対応 連絡 報告 依頼 工場 本社 支社 会社 御社 弊社 当社 他社 協力会社
    取引先 仕入先 外注 外注先 施工 安全 環境 物流 倉庫 運転 操作 監視 巡回 外部 内部 別途 後日 本日 明日 昨日 午前
    午後 翌日 一式 模様 仕様 同様 異様 多様 本人 家族 患者 医師 看護師 技師 先生 氏 男性 女性 主治医 検査 診療 国 県
    市 町 村 氏名 名前 記載 同上 上記 下記 以下 以上 当該 該当 消防 警察 救急 救急車 保安 高圧 事務所 事業所 事業者
    消費者 使用者 所有者 管理者 販売店 メーカー メーカ オペレーター オペレータ ベンダー ドライバー サプライヤー
    スタッフ リーダー チーフ マネージャー ユーザー メンテナンス サービス グループ チーム サブ プロジェクト
    """.split()  # noqa: SIM905
)
_LEADING = re.compile(
    r"^(?:本日|昨日|今日|明日|今朝|昨夜|当日|先日|翌日|前日|午前|午後|夜勤|日勤|交替|現場|工場|協力会社|担当者?|患者|"
    r"[一-鿿]{1,4}(?:課|部|係|班|室|組|科)(?=[一-鿿]{2})|弊社|当社|同社|業者|主任|係長|課長|班長|済|後|時|分|日|の)+"
)
# 阿部, 田中, 田所 and 松元 are names: such an ending speaks only after two characters or after a department
_ENDS_LIKE_A_GROUP = re.compile(
    r"(?:..(?:課|係|班|室|社|者|側|先|場|中|済|業|員|科|署|局|店|院|所|長|部|会)"
    r"|(?:製造|保全|設備|品質|生産|技術|総務|営業|業務|工務|購買|管理|電気|機械|整備|資材|物流|開発|情報)(?:部|課|係|班|室)?)$"
)
_WORDS_IN_SAMA = re.compile(r"(?:[仕同模多異有別]|^.?一)$")  # 仕様, 同様, 模様 are words
_AFTER_NAMES = frozenset(
    "より から まで です だが だけ ほか など のみ なし あり による にて として および または さん さま".split()  # noqa: SIM905
)


class JapaneseNameRules:
    """The rules as one recognizer."""

    name = "japanese-names"

    def __init__(self) -> None:
        self._lists = NameLists()
        self._family_readings, self._given_readings = kana_names()
        self._family_latin, self._given_latin = romaji_names()

    def find(self, texts: Sequence[str]) -> list[list[Guess]]:
        """Return the guesses for each text."""
        return [list(self._all(text)) for text in texts]

    def _all(self, text: str) -> Iterator[Guess]:
        titles: list[Place] = []
        for score, recognizer, places in (
            (0.85, "jp-label", self._labelled(text)),
            (0.85, "jp-title", self._titled(text, titles)),
            (0.9, "jp-honorific", self._honoured(text, titles)),
            (0.85, "jp-relation", self._listed(_RELATION, text)),
            (0.85, "jp-reading", self._listed(_BEFORE_READING, text)),
            (0.8, "jp-spaced", self._spaced(text)),
        ):
            for start, end in places:
                yield Guess(start, end, "PERSON", score, recognizer)
                reading = _READING.match(text, end)
                if reading:
                    yield Guess(*reading.span("name"), "PERSON", score, "jp-reading")
        for start, end in self._latin(text):
            yield Guess(start, end, "PERSON", 0.7, "jp-latin", "cue")
        for start, end in titles:
            yield Guess(start, end, "DEMOGRAPHIC", 0.5, "jp-title")

    def _labelled(self, text: str) -> Iterator[Place]:
        for label in _LABEL.finditer(text):
            place = self._name_at(text, label.end())
            if place and label["loose"] and not self._is_listed(text[slice(*place)]):
                continue  # 作業員は配管を: a particle is no colon
            for _ in range(5):  # 担当:田中、鈴木
                if not place:
                    break
                yield place
                following = _NEXT_NAME.match(text, place[1])
                place = self._name_at(text, following.end()) if following else None
                if place and not self._is_listed(text[slice(*place)]):
                    break

    def _titled(self, text: str, titles: list[Place]) -> Iterator[Place]:
        for title in _TITLE.finditer(text):
            place = self._name_at(text, title.end())
            if place:
                titles.append(title.span("title"))
                yield place

    def _name_at(self, text: str, at: int) -> Place | None:
        """Return the name that begins at a place, behind a department or a title."""
        for prefix in (_UNIT, _TITLE):
            skipped = prefix.match(text, at)
            if skipped and text[at : skipped.end() - 1] not in self._lists.surnames:  # 服部 ends like a department
                at = skipped.end()
        mixed = _HAN_AND_KANA.match(text, at)
        if mixed and self._is_mixed(mixed[1], mixed[2]):
            return mixed.span()
        run = _HAN_NAME.match(text, at)
        if run:
            cut = self._name_in(run[0])
            return (at + cut[0], at + cut[1]) if cut else None
        for pattern in (_KATAKANA_NAME, _HIRAGANA_NAME, _LATIN_NAME):
            match = pattern.match(text, at)
            if match and self._is_name(match[0]):
                return match.span()
        return None

    def _name_in(self, run: str) -> Place | None:
        """Cut a name off a run of kanji that begins with it: 佐藤健太確認済 → 佐藤健太."""
        first, _, second = run.partition(" ")
        family = self._surname_before(first)
        if second and (not family or len(family) < len(first)) and len(first) > MAX_NAME:
            return None
        if second and family == first:
            return (0, len(first)) if second in SAYING or second in _NO_NAMES else (0, len(run))
        if family:
            return 0, len(family) + self._given_length(first[len(family) :])
        leading = _LEADING.match(first)
        start = leading.end() if leading and leading.end() < len(first) else 0
        end = len(run) if second and second not in SAYING and second not in _NO_NAMES else len(first)
        is_name = first not in _NO_NAMES and end - start <= MAX_NAME + 3 and len(first) - start <= MAX_NAME
        return (start, end) if is_name and not _ENDS_LIKE_A_GROUP.search(first) else None

    def _surname_before(self, run: str) -> str:
        return next((run[:size] for size in (4, 3, 2, 1) if run[:size] in self._lists.surnames), "")

    def _given_length(self, rest: str) -> int:
        if any(rest.startswith(word) for word in SAYING):
            return 0
        known = next((size for size in (4, 3, 2, 1) if len(rest) >= size and rest[:size] in self._lists.given), 0)
        if known and (known == len(rest) or known > 1):
            return known
        return len(rest) if len(rest) <= 3 and rest not in _NO_NAMES else 0

    def _honoured(self, text: str, titles: list[Place]) -> Iterator[Place]:
        for match in _HONORIFIC.finditer(text):
            place = self._name_before(text, *match.span("name"), is_role=match["role"] is not None)
            if place:
                titles.extend([match.span("role")] if match["role"] else [])
                yield place

    def _name_before(self, text: str, start: int, end: int, *, is_role: bool) -> Place | None:
        """Cut what stands before the name off a run: 本日佐藤 → 佐藤."""
        run = text[start:end].rstrip()
        end = start + len(run)
        if not re.match(_HAN, run[-1]):
            known = self._kana_surname(run) if re.match("[ぁ-ゖ]", run) else run if self._is_name(run) else ""
            return (end - len(known), end) if known and not (is_role and run in _NO_NAMES) else None
        listed = next((size for size in range(len(run), 0, -1) if self._is_listed(run[-size:])), 0)
        leading = _LEADING.match(run)
        unread = len(run) - listed - (leading.end() if leading else 0)
        listed += unread if listed > 1 and 0 < unread < 3 else 0  # 羽生田 is no 生田, 勅使河原 no 河原
        if listed > 1 or (listed and listed == len(run)):
            return (end - listed, end) if run[-listed:] not in _NO_NAMES else None
        if leading and leading.end() < len(run):
            run = run[leading.end() :]
        unit, _, rest = run.rpartition(" ")
        name = rest if unit and _ENDS_LIKE_A_GROUP.search(unit) else run
        is_word = len(name) < 2 or name in _NO_NAMES or _ENDS_LIKE_A_GROUP.search(name) or _WORDS_IN_SAMA.search(name)
        is_guessed = not is_role or len(run) <= 3 or any(run[-size:] in self._lists.given for size in (3, 2))
        return (end - len(name), end) if name and not is_word and is_guessed else None

    def _kana_surname(self, run: str) -> str:
        return next((run[-size:] for size in (5, 4, 3) if run[-size:] in self._family_readings), "")

    def _is_listed(self, name: str) -> bool:
        """Say whether a string is a surname, or a surname and a given name, of the lists."""
        first, _, second = name.partition(" ")
        if second:
            return first in self._lists.surnames and len(second) <= 4
        if name in self._lists.surnames:
            return True
        return any(name[:size] in self._lists.surnames and name[size:] in self._lists.given for size in (3, 2, 1))

    def _is_mixed(self, family: str, kana: str) -> bool:
        """田中さくら and 山田 エミリ, but not 田中より."""
        if family not in self._lists.surnames or kana in _AFTER_NAMES:
            return False
        return re.match("[ァ-ヺ]", kana) is not None or kana in self._given_readings

    def _is_name(self, run: str) -> bool:
        """Say whether a run of kana or Latin letters that stands where a name stands can be one."""
        if re.match("[ぁ-ゖ]", run):
            parts = run.split()
            return parts[0] in self._family_readings or (len(parts) > 1 and parts[1] in self._given_readings)
        if run.isascii():
            return any(char.islower() for char in run) or romaji(run.partition(" ")[0]) in self._family_latin
        return run not in _NO_NAMES

    def _listed(self, pattern: re.Pattern[str], text: str) -> Iterator[Place]:
        for match in pattern.finditer(text):
            first = match["name"].partition(" ")[0]
            if self._is_listed(match["name"]) or (" " in match["name"] and self._surname_before(first) == first):
                yield match.span("name")

    def _spaced(self, text: str) -> Iterator[Place]:
        for match in _SPACED.finditer(text):
            if self._is_listed(match[0].replace(" ", "")):
                yield match.span()

    def _latin(self, text: str) -> Iterator[Place]:
        for match in _TWO_WORDS.finditer(text):
            words = {romaji(match[1]), romaji(match[2])}
            is_pair = len(words) == 2 and words & self._family_latin and words & self._given_latin
            if is_pair or (match[1].endswith(".") and romaji(match[2]) in self._family_latin):
                yield match.span()


@functools.cache
def kana_names() -> tuple[frozenset[str], frozenset[str]]:
    """Return how surnames and given names are read, in hiragana."""
    men, women, families = load_dataset("org", include_last_names=True)
    return frozenset(entry["reading"] for entry in families.values()), frozenset({*men, *women})


@functools.cache
def romaji_names() -> tuple[frozenset[str], frozenset[str]]:
    """Return how surnames and given names are written in Latin letters, long vowels written short."""
    men, women, families = load_dataset("opti", include_last_names=True)
    given = (entry["en"] for names in (men, women) for entry in names.values())
    return frozenset(romaji(entry["en"]) for entry in families.values()), frozenset(map(romaji, given))


def romaji(name: str) -> str:
    """Return one spelling for the usual ones of a Japanese name in Latin letters: Satoh, SATOU and Sato are one."""
    plain = name.lower()
    for long, short in (("ou", "o"), ("oh", "o"), ("oo", "o"), ("uu", "u")):
        plain = plain.replace(long, short)
    return plain
