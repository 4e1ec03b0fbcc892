"""Whatever looks like a proper noun in Japanese text: recall first, and fast.

Covers: every proper noun and unknown word of the dictionary's tokenizer; katakana that is no ordinary loan word; Latin
words; runs of nouns around a proper noun that end like an organisation or a place, and names of companies with their
legal form; places inside of longer words (高知県知事); and the parts of what was found, elsewhere in the same text.
Does not cover: names made of ordinary words alone and without such an ending (天然色活動写真). In text about machines
most of what it finds is no name.
"""

import re
from collections.abc import Iterator, Sequence

from anonymize.matching.watchlist import has_japanese
from anonymize.recognizers.gazetteer import (
    HONORIFICS,
    PROPER,
    Sudachi,
    Word,
    has_synonyms,
    is_kanji,
    parts_in_dictionary,
    place_names,
    speaks_of_a_person,
)
from anonymize.recognizers.guesses import Guess
from anonymize.recognizers.japanese_endings import (
    LEGAL_FORMS,
    ORGANISATION_ENDS,
    ORGANISATION_ENDS_ALONE,
    ORGANISATION_ENDS_BESIDE_A_NAME,
    PLACE_ENDS,
    PLACE_ENDS_BESIDE_A_NAME,
)

SCORE = 0.5  # of what only looks like a name
MAX_PREFIX = 6  # characters of a place at the beginning of a longer word
Found = tuple[int, int, str]  # where, and which kind

_KIND_OF_PART = {"surname": "PERSON", "given": "PERSON", "person": "PERSON", "place": "LOCATION"}
_PEOPLE = frozenset({"surname", "given", "person"})
_NAMED = PROPER - {"person"}  # the dictionary has somebody by nearly every word of katakana: チーム, サービス
_KATAKANA_RUN = re.compile(r"[ァ-ヺA-Z][ァ-ヺー]*(?:[・=](?:[ァ-ヺー]+|[A-Z]\.?(?![A-Za-z]))){1,6}|[ァ-ヺ][ァ-ヺー]+")
_LATIN_RUN = re.compile(
    r"(?<![A-Za-z0-9])[A-Z0-9]?[A-Za-z][\w&'’.!+-]{0,30}(?: [A-Z&][A-Za-z0-9&'’.!+-]{0,30}){0,6}", re.ASCII
)
_REGNAL = re.compile(r"(?:\d{1,2}|[一二三四五六七八九十]{1,2})世")
# 訪日, 米大統領, 日米間: countries by one character
_COUNTRIES = "日米英韓仏独露欧伊豪中"
_COUNTRY = re.compile(
    rf"(?<=[訪在渡駐滞対])[{_COUNTRIES}](?![々一-鿿]{{3}})|[{_COUNTRIES}]{{2,3}}(?=[間両関連首軍交戦通貿])|"
    rf"(?<![々一-鿿])[{_COUNTRIES}](?=大統領|国務|国防|首相|政府|議会|海軍|空軍|陸軍)"
)
_STANDS_FOR_A_PLACE = re.compile(r"合衆国|首都圏|極東|中東|東南アジア|(?<![々一-鿿])[旧南北東西](?=[ァ-ヺ]{3})")
_ENDS = (*ORGANISATION_ENDS, *ORGANISATION_ENDS_ALONE, *PLACE_ENDS)
_ENDS_BESIDE_A_NAME = (*_ENDS, *ORGANISATION_ENDS_BESIDE_A_NAME, *PLACE_ENDS_BESIDE_A_NAME)
_ALL_PLACE_ENDS = (*PLACE_ENDS, *PLACE_ENDS_BESIDE_A_NAME)
_IN_RUNS = PROPER | {"noun", "suffix", "prefix", "number"}
_JOINS = frozenset("・=&-'’ ")


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
        found = [*_proper(words), *_compounds(words), *_places_inside(words), *self._postal(words)]
        found.extend(_katakana(text, words))
        for pattern in (_COUNTRY, _STANDS_FOR_A_PLACE):
            found.extend((*match.span(), "LOCATION") for match in pattern.finditer(text))
        found.extend((*match.span(), "ORGANIZATION") for match in _LATIN_RUN.finditer(text) if len(match[0]) > 1)
        for start, end, kind in (*found, *_parts_elsewhere(words, found)):
            regnal = _REGNAL.match(text, end)
            yield Guess(start, regnal.end() if regnal else end, kind, SCORE, self.name, "guess")

    def _postal(self, words: Sequence[Word]) -> Iterator[Found]:
        """Places that the post delivers to: one word of three characters, or two to four words together."""
        for at in range(len(words)):
            for after in range(min(at + 4, len(words)), at, -1):
                name = "".join(word.surface for word in words[at:after])
                if len(name) > 2 and name in self._places and not _is_ordinary(name):
                    yield words[at].start, words[after - 1].end, "LOCATION"
                    break


def _is_ordinary(word: str) -> bool:
    """Say whether the dictionary knows a word and never as a name."""
    parts = parts_in_dictionary(word)
    return bool(parts) and parts.isdisjoint(PROPER)


def _is_proper(word: Word) -> bool:
    return word.part in PROPER or (word.is_unknown and word.part == "noun")


def _proper(words: Sequence[Word]) -> Iterator[Found]:
    """Proper nouns, and those that only a dot or a space parts, as one; a single kanji beside a person's is its own."""
    at = 0
    while at < len(words):
        if not _is_proper(words[at]):
            at += 1
            continue
        first, after = at, at + 1
        while after < len(words) and (_is_proper(words[after]) or _joins(words, after)):
            after += 1
        kind = _KIND_OF_PART.get(words[at].part, "ORGANIZATION")
        if words[at].part in _PEOPLE or words[after - 1].part in _PEOPLE or words[at].is_unknown:
            first, after = _with_single_kanji(words, first, after)
        yield words[first].start, words[after - 1].end, kind
        at = after


def _with_single_kanji(words: Sequence[Word], first: int, after: int) -> tuple[int, int]:
    """朴 + 賛 + 浩: what is left of a name that the dictionary does not know."""
    start, end = first, after
    while start and first - start < 2 and _is_single(words[start - 1]):
        start -= 1
    while end < len(words) and end - after < 3 and _is_single(words[end]):
        end += 1
    return start, end


def _is_single(word: Word) -> bool:
    return len(word.surface) == 1 and is_kanji(word.surface) and word.part in _IN_RUNS | {"other"}


def _joins(words: Sequence[Word], at: int) -> bool:
    return words[at].surface in _JOINS and at + 1 < len(words) and _is_proper(words[at + 1])


def _compounds(words: Sequence[Word]) -> Iterator[Found]:
    """Runs of nouns up to the last that ends like an organisation or a place: 東日本高速道路株式会社."""
    at = 0
    while at < len(words):
        after = at
        while after < len(words) and (words[after].part in _IN_RUNS or (after > at and words[after].surface == "・")):
            after += 1
        if after > at:
            yield from _in_run(words[at:after])
        at = max(after, at + 1)


def _in_run(run: Sequence[Word]) -> Iterator[Found]:
    """Of a run of nouns: all where a legal form says so; else up to the last word that ends like a name."""
    if any(word.surface in LEGAL_FORMS for word in run) and len(run) > 1:
        yield run[0].start, run[-1].end, "ORGANIZATION"
        return
    named = next((at for at, word in enumerate(run) if _names_something(word)), len(run))
    last = _last_end(run, named)
    if last > 0 or (last == 0 and not _is_ordinary(run[0].surface)):
        kind = "LOCATION" if run[last].surface.endswith(_ALL_PLACE_ENDS) else "ORGANIZATION"
        yield run[0].start, run[last].end, kind


def _names_something(word: Word) -> bool:
    if _is_proper(word) or _LATIN_RUN.fullmatch(word.surface):
        return True
    return _KATAKANA_RUN.fullmatch(word.surface) is not None and not _is_loan_word(word)


def _last_end(run: Sequence[Word], named: int) -> int:
    """Return the last word that ends like a name, or writes in katakana what is named (浅野セメント); -1: none."""
    for at in range(len(run) - 1, -1, -1):
        ends = _ENDS_BESIDE_A_NAME if at > named else _ENDS
        if run[at].surface.endswith(ends) or (at > named and _KATAKANA_RUN.fullmatch(run[at].surface)):
            return at
    return -1


def _places_inside(words: Sequence[Word]) -> Iterator[Found]:
    """高知 + 県知事, 日本人: a place that ends in the next word, or that a longer word begins with."""
    for at, word in enumerate(words):
        following = words[at + 1].surface[:1] if at + 1 < len(words) else ""
        if word.part == "place" and following and "place" in parts_in_dictionary(word.surface + following):
            yield word.start, word.end + 1, "LOCATION"
        if word.part == "noun" and not word.is_unknown:
            size = _size_of_place(word.surface)
            if size:
                yield word.start, word.start + size, "LOCATION"


def _size_of_place(word: str) -> int:
    for size in range(min(MAX_PREFIX, len(word) - 1), 1, -1):
        if is_kanji(word[size:]) and "place" in parts_in_dictionary(word[:size]):
            return size
    return 0


def _katakana(text: str, words: Sequence[Word]) -> Iterator[Found]:
    """Runs of katakana but those that are ordinary loan words from end to end: ポンプ, ドアノブ."""
    ordinary = {
        word.start: word.end for at, word in enumerate(words) if _is_loan_word(word) and not _is_somebody(words, at)
    }
    for run in _KATAKANA_RUN.finditer(text):
        at = run.start()
        while at < run.end() and at in ordinary:
            at = ordinary[at]
        if at != run.end():
            yield *run.span(), "ORGANIZATION"


def _is_loan_word(word: Word) -> bool:
    """Say whether a word is a common noun here, of the thesaurus, and for the dictionary no name of a certain sort."""
    return word.part == "noun" and has_synonyms(word.surface) and parts_in_dictionary(word.surface).isdisjoint(_NAMED)


def _is_somebody(words: Sequence[Word], at: int) -> bool:
    """Say whether a loan word that is a name as well stands as a person's: マークが確認, ベルさん; not ベルが鳴る."""
    if "person" not in parts_in_dictionary(words[at].surface):
        return False
    is_addressed = at + 1 < len(words) and words[at + 1].surface in HONORIFICS
    return is_addressed or speaks_of_a_person(words, at, at + 1, both_sides=True)


def _parts_elsewhere(words: Sequence[Word], found: Sequence[Found]) -> Iterator[Found]:
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
