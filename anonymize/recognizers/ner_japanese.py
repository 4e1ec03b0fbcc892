"""Japanese names from dictionaries and models: people for factory text, and names of all sorts for any other text.

`JapaneseDictionary` covers surname and given name together, a given name behind an unknown surname, and a surname
alone; also places and organisations, which a policy asks for or not. Fast, and finds little in text without names.
`JapaneseNames` and `JapaneseProperNouns` put recall first: GiNZA's labels for people, organisations, facilities,
places, products and events; every proper noun, run of katakana and Latin word with a capital; runs of nouns that end
like an organisation or a place; place names; and the parts of what was found, elsewhere in the same text.
Does not cover: precision. Katakana writes ordinary loan words too (ポンプ): in factory text most of what the latter two
find is no name.
"""

import re
from collections.abc import Iterator, Sequence

from anonymize.matching.watchlist import has_japanese
from anonymize.recognizers.gazetteer import (
    MAX_SURNAME,
    PROPER,
    VARIANTS,
    NameLists,
    Sudachi,
    Word,
    is_kanji,
    is_no_surname,
    place_names,
    speaks_of_a_person,
)
from anonymize.recognizers.guesses import Guess
from anonymize.recognizers.japanese_bare_names import BareNames
from anonymize.recognizers.loading import import_without_torch

_JAPANESE_MODEL = "ja_ginza"
# labels of Sekine's extended named entities as GiNZA writes them, case-sensitively
_LABELS_OF_KIND = {
    "PERSON": "Person Character God Name_Other Family",
    "ORGANIZATION": (
        "Company Company_Group Corporation_Other Cabinet Organization_Other International_Organization "
        "Political_Organization_Other Political_Party Government Military Pro_Sports_Organization "
        "Sports_Organization_Other Sports_League Show_Organization Research_Institute Public_Institution School "
        # no kind of ours is a product or an event; who makes or holds it is what they give away
        "Aircraft Car Ship Train Spaceship Vehicle_Other Weapon Product_Other Drug Clothing Food_Other Dish Book "
        "Magazine Newspaper Movie Music Show Broadcast_Program Game Art_Other Printing_Other Award Class Style Plan "
        "Doctrine_Method_Other Theory Rule_Other Law Treaty Title_Other Event_Other Conference "
        "Religious_Festival Occasion_Other Incident_Other War Earthquake Natural_Disaster Movement Sport Offense"
    ),
    "LOCATION": (
        "City Province County Country Continental_Region Domestic_Region GPE_Other Geological_Region_Other "
        "Region_Other Location_Other Island Lake Mountain River Sea Bay Spa Water_Route Railroad Road Line_Other "
        "Station Port Airport Car_Stop Bridge Tunnel Canal Park Amusement_Park Archaeological_Place_Other "
        "Facility_Other Facility_Part GOE_Other Museum Theater Zoo Sports_Facility Worship_Place Tumulus "
        "Astral_Body_Other Planet Constellation Space"
    ),
    "ADDRESS": "Postal_Address",
    "DEMOGRAPHIC": "Nationality Ethnic_Group_Other Religion Position_Vocation National_Language Language_Other",
}
_JAPANESE_LABELS = {label: kind for kind, labels in _LABELS_OF_KIND.items() for label in labels.split()}
_KIND_OF_PART = {"surname": "PERSON", "given": "PERSON", "person": "PERSON", "place": "LOCATION"}
MAX_RUN = 7  # kanji of a surname and a given name
SCORE = 0.5  # of what only looks like a name

_KATAKANA_RUN = re.compile(r"[ァ-ヺ][ァ-ヺー]+(?:[・=][ァ-ヺー]+){0,5}")
_LATIN_RUN = re.compile(
    r"(?<![A-Za-z0-9])[A-Z0-9]?[A-Za-z][\w&'’.!+-]{0,30}(?: [A-Z&][A-Za-z0-9&'’.!+-]{0,30}){0,6}", re.ASCII
)
ORGANISATION_ENDS = tuple(
    """
    社 法人 信託 事務所 株式会社 有限会社 合同会社 合資会社 (株) (有) 会社 製作所 工業 電機 電気 電力 電工 化学 化成
    製鉄 鉄鋼 鋼業 重工 重工業 製薬 商事 商会 商店 物産 産業 興業 建設 工務店 設備 銀行 信用金庫 証券 生命 保険 新聞
    新聞社 放送 出版 出版社 書店 書房 鉄道 航空 運輸 運送 通運 病院 医院 クリニック 診療所 医療センター がんセンター
    センター 大学 大学院 高校 高等学校 中学校 小学校 学校 学院 学園 研究所 財団 協会 連盟 連合 組合 機構 公社 公団 党
    省 庁 局 委員会 警察署 消防署 消防局 裁判所 議会 内閣 政府 軍 隊 グループ ホールディングス
    """.split()  # noqa: SIM905
)
PLACE_ENDS = tuple(
    """
    州 都 道 府 県 市 区 町 村 郡 駅 線 川 山 島 港 空港 湾 岬 峠 湖 池 橋 城 寺 神社 公園 通り 街道 インターチェンジ
    半島 平野 盆地 地方 地区 諸島 列島 海峡 海岸 温泉 高原 ダム トンネル 工場 事業所 製油所 発電所 営業所 支店 支社
    本社
    """.split()  # noqa: SIM905
)
_IN_RUNS = PROPER | {"noun", "suffix", "prefix"}
_ENDS = (*ORGANISATION_ENDS, *PLACE_ENDS)
_IN_COMPOUNDS = _IN_RUNS | {"number"}
_JOINS = frozenset("・=&-'’ ")


class JapaneseDictionary:
    """Names of people from Sudachi's dictionary and the name lists; places and organisations with weaker claims."""

    name = "ja-dictionary"

    def __init__(self) -> None:
        self._sudachi = Sudachi()
        self._names = NameLists()
        self._bare = BareNames(self._names, self.name)

    def find(self, texts: Sequence[str]) -> list[list[Guess]]:
        """Return the guesses for each text; a text without kana and kanji has none."""
        return [list(self._all(text)) if has_japanese(text) else [] for text in texts]

    def _all(self, text: str) -> Iterator[Guess]:
        words = self._sudachi.words(text)
        people = list(self._people(self._names.joined(words)))
        yield from people
        yield from _named_compounds(words, self.name)
        for guess in self._bare.find(text.translate(VARIANTS)):
            if not any(found.start <= guess.start and guess.end <= found.end for found in people):
                yield guess

    def _people(self, words: Sequence[Word]) -> Iterator[Guess]:
        at = 0
        while at < len(words):
            after = self._whole_run(words, at)
            first, after, score = (at, after, 0.7) if after > at else self._person(words, at)
            if score:
                yield Guess(words[first].start, words[after - 1].end, "PERSON", score, self.name, "guess")
            at = max(after, at + 1)

    def _person(self, words: Sequence[Word], at: int) -> tuple[int, int, float]:
        """Return the first word of a person's name, the one after it, and the score (0: no name)."""
        word = words[at]
        if self._names.may_be_surname(word):
            after = self._names.end_of_given(words, at)
            if after > at + 1:
                return at, after, 0.85
            return at, at + 1, self._names.score_alone(words, at)
        given = at + 2 if at + 2 < len(words) and words[at + 1].surface == " " else at + 1
        if word.part in {"place", "proper"} and given < len(words) and self._names.is_known_given(words, given):
            return at, self._names.end_of_given(words, at), 0.6
        if word.part in {"given", "person"} and word.surface in self._names.given and len(word.surface) > 1:
            first = _unknown_surname(words, at)
            after = self._names.end_of_given(words, at - 1)
            if first < at:
                return first, after, 0.7
            return at, at + 1, 0.5 if speaks_of_a_person(words, at, at + 1, both_sides=True) else 0.0
        return at, at + 1, 0.5 if _is_foreign_person(words, at) else 0.0

    def _whole_run(self, words: Sequence[Word], at: int) -> int:
        """Return the end of a run of kanji that is a listed surname and a listed given name, cut as it may be."""
        if at and is_kanji(words[at - 1].surface):
            return at
        after, run = at, ""
        while after < len(words) and len(run) <= MAX_RUN and is_kanji(words[after].surface):
            run += words[after].surface
            after += 1
        is_cut_into_words = any(word.part == "noun" and len(word.surface) > 1 for word in words[at:after])
        if is_cut_into_words or len(run) > MAX_RUN:
            return at
        sizes = [size for size in (2, 3) if len(run) - size > 1]
        is_name = any(run[:size] in self._names.surnames and run[size:] in self._names.given for size in sizes)
        return after if is_name else at


class JapaneseNames:
    """Names of people, organisations, places, facilities, products and events that GiNZA's model sees."""

    name = "ner-ja"

    def __init__(self) -> None:
        self._spacy = import_without_torch("anonymize.recognizers.spacy_models")
        self._model = self._spacy.load(_JAPANESE_MODEL)

    def find(self, texts: Sequence[str]) -> list[list[Guess]]:
        """Return the guesses for each text; a text without kana and kanji has none."""
        wanted = [at for at, text in enumerate(texts) if has_japanese(text)]
        found: list[list[Guess]] = [[] for _ in texts]
        for at, doc in zip(wanted, self._spacy.read(self._model, [texts[at] for at in wanted]), strict=True):
            found[at] = list(self._spacy.entities(doc, _JAPANESE_LABELS, self.name))
        return found


class JapaneseProperNouns:
    """Whatever looks like a proper noun in Japanese text; see the module's first lines for the price."""

    name = "ja-proper-nouns"

    def __init__(self) -> None:
        self._sudachi = Sudachi()
        self._places = place_names()

    def find(self, texts: Sequence[str]) -> list[list[Guess]]:
        """Return the guesses for each text; a text without kana and kanji has none."""
        return [list(self._all(text)) if has_japanese(text) else [] for text in texts]

    def _all(self, text: str) -> Iterator[Guess]:
        words = self._sudachi.words(text)
        found = [*_proper(words), *_compounds(words), *self._postal(words)]
        found.extend((*match.span(), "ORGANIZATION") for match in _KATAKANA_RUN.finditer(text))
        found.extend((*match.span(), "ORGANIZATION") for match in _LATIN_RUN.finditer(text))
        for start, end, kind in (*found, *_parts_elsewhere(words, found)):
            yield Guess(start, end, kind, SCORE, self.name, "guess")

    def _postal(self, words: Sequence[Word]) -> Iterator[tuple[int, int, str]]:
        """Places that the post delivers to: one word of three characters, or two to four words together."""
        for at in range(len(words)):
            for after in range(min(at + 4, len(words)), at, -1):
                name = "".join(word.surface for word in words[at:after])
                if len(name) > 2 and name in self._places:
                    yield words[at].start, words[after - 1].end, "LOCATION"
                    break


def _proper(words: Sequence[Word]) -> Iterator[tuple[int, int, str]]:
    """Proper nouns, and those that only a dot or a space parts, as one."""
    at = 0
    while at < len(words):
        if not _is_proper(words[at]):
            at += 1
            continue
        after = at + 1
        while after < len(words) and (_is_proper(words[after]) or _joins(words, after)):
            after += 1
        yield words[at].start, words[after - 1].end, _KIND_OF_PART.get(words[at].part, "ORGANIZATION")
        at = after


def _is_proper(word: Word) -> bool:
    return word.part in PROPER or (word.is_unknown and word.part == "noun")


def _joins(words: Sequence[Word], at: int) -> bool:
    return words[at].surface in _JOINS and at + 1 < len(words) and _is_proper(words[at + 1])


def _compounds(words: Sequence[Word]) -> Iterator[tuple[int, int, str]]:
    """Runs of nouns up to the last that ends like an organisation or a place: 東日本高速道路株式会社."""
    at = 0
    while at < len(words):
        after = at
        while after < len(words) and (
            words[after].part in _IN_COMPOUNDS or (after > at and words[after].surface == "・")
        ):
            after += 1
        ends = [last for last in range(at, after) if words[last].surface.endswith(_ENDS)]
        if ends and (ends[-1] > at or words[at].surface not in _ENDS):
            kind = "LOCATION" if words[ends[-1]].surface.endswith(PLACE_ENDS) else "ORGANIZATION"
            yield words[at].start, words[ends[-1]].end, kind
        if after > at and words[at].surface in ORGANISATION_ENDS:  # 株式会社日立
            yield words[at].start, words[after - 1].end, "ORGANIZATION"
        at = max(after, at + 1)


def _parts_elsewhere(words: Sequence[Word], found: Sequence[tuple[int, int, str]]) -> Iterator[tuple[int, int, str]]:
    """Words of two characters or more that stand in a longer finding, wherever else they stand: 日立 of 日立製作所."""
    whole = {start: (end, kind) for start, end, kind in found}
    kinds: dict[str, str] = {}
    end, kind = -1, ""
    for word in words:
        end, kind = max((end, kind), whole.get(word.start, (-1, "")))
        if word.end <= end and len(word.surface) > 1 and _is_proper(word):
            kinds.setdefault(word.surface, kind)
    for word in words:
        if word.surface in kinds:
            yield word.start, word.end, kinds[word.surface]


def _named_compounds(words: Sequence[Word], recognizer: str) -> Iterator[Guess]:
    """Yield places, and runs of nouns with a proper noun that end like an organisation: 山田電機製作所."""
    at = 0
    while at < len(words):
        after = at
        while after < len(words) and words[after].part in _IN_RUNS:
            after += 1
        if after > at:
            yield from _in_run(words[at:after], recognizer)
        at = max(after, at + 1)


def _in_run(run: Sequence[Word], recognizer: str) -> Iterator[Guess]:
    """Of a run of nouns: up to its last organisation's ending when a proper noun stands before it; else its places."""
    proper = next((at for at, word in enumerate(run) if word.part in PROPER or word.is_unknown), len(run))
    for last in range(len(run) - 1, proper - 1, -1):
        is_whole = len(run) == 1 and run[0].part in PROPER
        if (proper < last or is_whole) and run[last].surface.endswith(ORGANISATION_ENDS):
            yield Guess(run[proper].start, run[last].end, "ORGANIZATION", 0.6, recognizer, "guess")
            return
    at = 0
    while at < len(run):
        after = at + 1
        if run[at].part == "place":
            while after < len(run) and (run[after].part == "place" or run[after].surface in PLACE_ENDS):
                after += 1
            yield Guess(run[at].start, run[after - 1].end, "LOCATION", 0.6, recognizer, "guess")
        at = after


def _is_foreign_person(words: Sequence[Word], at: int) -> bool:
    """グエンが, サントスより: a name in katakana that the dictionary knows as a person's, and that does or is told."""
    word = words[at]
    if word.part not in {"surname", "given", "person"} or not _FOREIGN.fullmatch(word.surface):
        return False
    following = words[at + 1].surface if at + 1 < len(words) else ""
    is_free = at == 0 or not _FOREIGN.search(words[at - 1].surface[-1:] * 3)
    return is_free and (following in _AFTER_AGENTS or not following)


_FOREIGN = re.compile(r"[ァ-ヺー]{3,20}")
_AFTER_AGENTS = frozenset({"が", "は", "に", "へ", "と", "も", "から", "より", "、", "。", ")", ",", "."})


def _unknown_surname(words: Sequence[Word], at: int) -> int:
    """Return the first of the words before a given name that can be an unknown surname, one to four kanji."""
    last = at - 1 if at > 1 and words[at - 1].surface == " " else at
    first, length = last, 0
    while first and words[first - 1].part in _IN_UNKNOWN and is_kanji(words[first - 1].surface):
        length += len(words[first - 1].surface)
        first -= 1
    surname = "".join(word.surface for word in words[first:last])
    if not 0 < length <= MAX_SURNAME or is_no_surname(surname):
        return at
    return first if first == 0 or words[first - 1].part in {"particle", "symbol", "space"} else at


_IN_UNKNOWN = frozenset({"noun", "proper", "place", "suffix", "surname", "prefix"})
