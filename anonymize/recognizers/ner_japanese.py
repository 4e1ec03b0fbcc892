"""Japanese names from dictionaries and models: people for factory text, and names of all sorts for any other text.

`JapaneseDictionary` covers surname and given name together, a given name behind an unknown surname, and a surname
alone; also places and organisations, which a policy asks for or not. Fast, and finds little in text without names.
`JapaneseNames` gives GiNZA's labels for people, organisations, facilities, places, products and events: thirteen
milliseconds a sentence, a hundred times what the dictionary takes.
Does not cover: names that only look like a proper noun (`japanese_proper_nouns` puts recall first).
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
    speaks_of_a_person,
)
from anonymize.recognizers.guesses import Guess
from anonymize.recognizers.japanese_bare_names import BareNames
from anonymize.recognizers.japanese_endings import ORGANISATION_ENDS, PLACE_ENDS
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
MAX_RUN = 7  # kanji of a surname and a given name

_IN_RUNS = PROPER | {"noun", "suffix", "prefix"}


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
        yield from _beyond(people, self._bare.find(text.translate(VARIANTS)))

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


def _beyond(known: Sequence[Guess], found: Iterator[Guess]) -> Iterator[Guess]:
    """Yield what is found and lies in nothing that is known; both stand in the order of the text."""
    at = 0
    for guess in found:
        while at < len(known) and known[at].end < guess.end:
            at += 1
        if at == len(known) or known[at].start > guess.start:
            yield guess


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
