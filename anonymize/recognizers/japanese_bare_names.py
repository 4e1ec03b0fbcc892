"""Bare Japanese names by their spelling and their place: 帯刀が確認, 電気課江本伊砂代より, 点検は砂金、記録は別紙.

The tokenizer cuts text by what is likely, takes 砂金 for gold dust and cuts 大久保育 into 大久 + 保育. So every run of
kanji is read once more, as a surname, or a surname and a given name, of the lists or of the dictionary (which knows
more than eight thousand surnames), whatever the tokenizer made of it; what stands left and right of it decides.
Covers: surnames that are ordinary words as well, and names glued to a department, a day or what was done.
Does not cover: surnames that neither the lists nor the dictionary hold; a given name alone; names in kana.
"""

import re
from collections.abc import Iterator

from anonymize.recognizers.gazetteer import (
    MAX_GIVEN,
    NEVER_ALONE,
    OTHERS,
    ROLE_ENDS,
    SAYING,
    WHEN,
    WORDS_TOO,
    NameLists,
    parts_in_dictionary,
)
from anonymize.recognizers.guesses import Guess

MAX_SURNAME = 4  # characters; one of five (勅使河原 has four) is not known to bear a given name here
LIKELY = 0.5  # as `gazetteer` scores a surname alone that its neighbours speak for

_KANJI = "一-鿿々ヶ"
_RUN = re.compile(rf"[{_KANJI}]+")
_GIVEN_BEHIND_A_SPACE = re.compile(rf" [{_KANJI}]{{1,{MAX_GIVEN}}}(?![{_KANJI}])")
# what people do in notes of work, beside what they say and report
_DOING = SAYING | frozenset(
    """
    同席 入力 受信 送信 送付 送達 急行 再訪 再訪問 交代 交替 代理 代行 代筆 不在 在席 休み 出席 参加 撮影 計測
    試験 試運転 検査 監視 注文 発注 納品 検収 組立 塗装 溶接 洗浄 注油 給油 増締め 増し締め 締付 締付け 取付
    取付け 取外し 分解 復帰 処置 応急処置 整備 診断 調査 研修 教育 指導 引率 監修 作成 起票 起案 決裁 提出 受取
    受け取り 持参 搬入 搬出 案内 応対 手直し 再確認 再点検 回収 配布 配送 解決 再開 着手 終業 始業 電話 帰社
    帰着 到着 往訪 面談 打合せ 打ち合わせ 協議 検討 回答待ち 了解済 認定 評価 保管 入室 退室 退社 申請 届出 異動
    着任 離任 退職 入社 着信 架電 再架電 再連絡 折り返し 質疑
    """.split()  # noqa: SIM905 - one word a line would fill three screens
)
_BY = ("宛", "経由", "立会", "両名", "夫妻", "他", "以下", "同行")
_ENDINGS = ("済み", "済", "中", "待ち", "時", "後", "前", "者")
_OF = tuple(
    """
    報告 指示 連絡 話 判断 所見 意見 見解 要望 依頼 申告 指摘 証言 提案
    説明 承認 確認 立会 手配 対応 担当 作業 携帯 内線 電話 席 机
    自宅 実家 家族 妻 夫 息子 娘 ロッカー 私物 名刺 印鑑 怪我 けが 体調 勤務 休暇 誕生日 給与
    """.split()  # noqa: SIM905
)
_VERBS = "言話聞述伝頼見気行居来帰書会呼尋訊渡預直勤務休替代任知驚怪転倒戻出入触押運持着離残済組"
_DEEDS = re.compile(
    rf"{'|'.join(sorted(map(re.escape, _DOING), key=len, reverse=True))}|[{_VERBS}][ぁ-ん]|"
    "発見|負傷|メール|OK|ok|TEL|tel"
)
# what happens to people alone
_HAPPENS = re.compile(
    r"怪我|けが|ケガ|骨折|火傷|やけど|ヤケド|打撲|捻挫|手を挟|指を挟|病院[へに]|入院|通院|熱中症|休職|産休|育休|有給"
)
_AGENT = re.compile(r"(?:さん|ら)?(?:が|は|も|より|から|に|へ|と|まで|、|,)[^。\n]{0,30}")
_STRICT_AGENT = re.compile(r"(?:さん|ら)?(?:が|も|より|から|に|へ|と|まで)[^。\n]{0,20}")
_POSSESSIVE = re.compile(rf"の(?:{'|'.join(_OF)})")
_OF_A_NAME = re.compile(r"(?:さん|ら)?(?:が|は|も|より|から|に|へ|と|の|まで)")  # behind what can be nothing but a name
_TOGETHER = re.compile(r"(?:と|、|・|,|および|及び)(?:\d+|[一二三四五両])名|[と・](?:共|とも)に|との?(?:打|協|面)")
_CLOSES = re.compile(r"[、。,.)\]」】』:;/|\n]|\s|$")
_ANSWERS = re.compile(  # 対応は{}。 発見者:{} 調整した({})
    rf"(?:(?:{'|'.join(sorted(map(re.escape, _DOING), key=len, reverse=True))})者?(?:は|:|=| : |/)[ 、]?|"
    r"(?:した|済み?|完了|実施|確認|点検|対応|担当)[。 ]?\(|以上[、。 ]{1,2})$"
)
_HANDED_TO = re.compile(r"(?:引継ぎ?|引き継ぎ|申し?送り|連絡|報告|転送|回覧|依頼|手配)(?:先|は)?[:=、→/ ]{1,2}$")
_TO = re.compile(r"(?:へ|に|まで)?[。\n]|(?:へ|に|まで)$")
_OPENS = re.compile(r"(?:^|[\s、。,.()\[\]「」【】『』:;/|→\-・>]|[のはともを]|ため|により)$")
# words of machines and rank that are surnames as well: beside a verb of reporting they are still what they are
_NO_BARE_NAMES = frozenset(
    """
    上部 下部 中部 内部 外部 中間 天井 入口 上司 部下 先方 相手 温水 冷水 中和 油品 大部 二階 目等
    本社 支社 主人 隊長 頭取
    """.split()  # noqa: SIM905
)
_BEFORE = frozenset(
    WHEN | {"本件", "当件", "今回", "次回", "前回", "以上", "以下", "記録", "作業", "対応", "点検", "報告"}
)
_WHO_OR_WHEN = "|".join(sorted(_BEFORE | set(ROLE_ENDS)))
_STRICTLY_OPENS = re.compile(
    rf"(?:^|[\s、。,.()\[\]「」【】『』:;/|→>]|は|を|ため|(?:{_WHO_OR_WHEN}|[者員])の|{_WHO_OR_WHEN})$"
)
_REACH = 12  # code points before a name that are looked at


class BareNames:
    """Runs of kanji that are spelt like a name and stand where people are named."""

    def __init__(self, lists: NameLists, recognizer: str) -> None:
        self._lists, self._recognizer = lists, recognizer

    def find(self, text: str) -> Iterator[Guess]:
        """Yield the names of a folded text."""
        beyond = 0
        for run in _RUN.finditer(text):
            if run.start() < beyond:  # the given name of the run before
                continue
            found = self._in_run(text, run.start(), run.end())
            if found:
                beyond = found[1]
                yield Guess(*found, "PERSON", LIKELY, self._recognizer, "guess")

    def _in_run(self, text: str, first: int, last: int) -> tuple[int, int] | None:
        """Return the longest name in a run of kanji, or over the space behind it, by where its words begin and end."""
        behind = _GIVEN_BEHIND_A_SPACE.match(text, last)
        for start, is_glued in _starts(text, first, last):
            given = behind if last - start <= MAX_SURNAME else None
            if given and self._is_name(text, start, given.end(), is_glued=is_glued, is_done=False):
                return start, given.end()
            for end, is_done in _ends(text, start, last):
                if self._is_name(text, start, end, is_glued=is_glued, is_done=is_done):
                    return start, end
        return None

    def _is_name(self, text: str, start: int, end: int, *, is_glued: bool, is_done: bool) -> bool:
        rank = self._rank(text[start:end])
        if not rank:
            return False
        if rank == 1 and self._lists.is_ordinary(text[start:end]):
            return _is_told(text, start, end, is_done=is_done)
        if is_done or _does(text, end) or _is_answer(text, start, end):
            return True
        if rank == 1:
            is_open = _STRICTLY_OPENS.search(text, max(0, start - _REACH), start) is not None
            return is_open and _OF_A_NAME.match(text, end) is not None
        is_closed = _CLOSES.match(text, end) is not None
        return (is_closed or _AGENT.match(text, end) is not None) and not is_glued

    def _rank(self, name: str) -> int:
        """Return 2 for a surname and a given name, 1 for a surname alone, 0 for what is no name."""
        surname, space, given = name.partition(" ")
        if space:
            return 2 if self._is_surname(surname) and self._is_given(given) else 0
        if self._is_surname(name):
            return 1
        sizes = (size for size in (2, 3, 1, 4) if size < len(name))
        return 2 if any(self._is_whole(name[:size], name[size:]) for size in sizes) else 0

    def _is_whole(self, surname: str, given: str) -> bool:
        if not self._is_given(given) or given in _DOING:
            return False
        is_listed = surname in self._lists.surnames and surname not in WORDS_TOO and surname not in NEVER_ALONE
        return self._is_surname(surname) and (len(given) > 1 or is_listed)

    def _is_surname(self, word: str) -> bool:
        if word in _NO_BARE_NAMES:
            return False
        is_known = word in self._lists.surnames or "surname" in parts_in_dictionary(word)
        return is_known and 1 < len(word) <= MAX_SURNAME and word not in _BEFORE and word not in _DOING

    def _is_given(self, word: str) -> bool:
        return len(word) <= MAX_GIVEN and (word in self._lists.given or "given" in parts_in_dictionary(word))


def _starts(text: str, first: int, last: int) -> Iterator[tuple[int, bool]]:
    """Yield where a name may begin in a run, and whether something is glued to it there."""
    if _OPENS.search(text, max(0, first - 3), first):
        yield first, False
    for start in range(first + 2, last - 1):
        before = text[first:start] if start - first <= _REACH else ""
        if before in _BEFORE or before in _DOING or text.endswith(ROLE_ENDS, first, start):
            yield start, True


def _ends(text: str, start: int, last: int) -> Iterator[tuple[int, bool]]:
    """Yield where a name may end in a run, the longest first, and whether what was done is glued to it."""
    longest = start + MAX_SURNAME + MAX_GIVEN
    if start + 2 <= last <= longest:
        yield last, False
    for end in range(min(last - 1, longest), start + 1, -1):
        rest = text[end : min(last, end + _REACH)]
        if rest in _DOING or rest.startswith(_BY) or _is_deed(rest) or OTHERS.match(text, end):
            yield end, True


def _is_deed(rest: str) -> bool:
    ending = next((ending for ending in _ENDINGS if rest.endswith(ending)), "")
    return bool(ending) and rest.removesuffix(ending) in _DOING | {""}


def _is_told(text: str, start: int, end: int, *, is_done: bool) -> bool:
    """Say whether both sides speak of a person: 昨日砂金より連絡, 点検は三角、; but not 加熱炉の出口に水を."""
    if _is_answer(text, start, end):
        return True
    if not _STRICTLY_OPENS.search(text, max(0, start - _REACH), start):
        return False
    is_doing = _is_in_clause(_DEEDS, text, _STRICT_AGENT, end) or _is_in_clause(_HAPPENS, text, _AGENT, end)
    return is_done or is_doing or any(mark.match(text, end) for mark in (_POSSESSIVE, OTHERS))


def _is_in_clause(deeds: re.Pattern[str], text: str, agent: re.Pattern[str], end: int) -> bool:
    clause = agent.match(text, end)
    return clause is not None and deeds.search(text, end, clause.end()) is not None


def _is_answer(text: str, start: int, end: int) -> bool:
    """Say whether what came before asks who, or to whom: 点検は{}。 引継ぎ:{}へ。"""
    before = max(0, start - _REACH)
    if _CLOSES.match(text, end) and _ANSWERS.search(text, before, start):
        return True
    return _HANDED_TO.search(text, before, start) is not None and _TO.match(text, end) is not None


def _does(text: str, end: int) -> bool:
    """Say whether somebody who does, says or is told something ends here: …が確認, …より連絡, …の報告."""
    if _POSSESSIVE.match(text, end) or _TOGETHER.match(text, end) or OTHERS.match(text, end):
        return True
    return _is_in_clause(_DEEDS, text, _AGENT, end) or _is_in_clause(_HAPPENS, text, _AGENT, end)
