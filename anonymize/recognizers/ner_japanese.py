"""Japanese names that GiNZA's model sees, and those that Sudachi's dictionary knows."""

from collections.abc import Iterator, Sequence
from typing import Any

from anonymize.matching.watchlist import has_japanese
from anonymize.recognizers import spacy_models
from anonymize.recognizers.guesses import Guess

_JAPANESE_MODEL = "ja_ginza"
_JAPANESE_LABELS = {
    "Person": "PERSON",
    "City": "LOCATION",
    "Province": "LOCATION",
    "County": "LOCATION",
    "Country": "LOCATION",
}
_SURNAME, _GIVEN_NAME = "名詞-固有名詞-人名-姓", "名詞-固有名詞-人名-名"


class JapaneseNames:
    """Names that GiNZA's model sees, and those that Sudachi's dictionary knows as surname or full name."""

    name = "ner-ja"

    def __init__(self) -> None:
        self._model = spacy_models.load(_JAPANESE_MODEL)

    def find(self, texts: Sequence[str]) -> list[list[Guess]]:
        """Return the guesses for each text; a text without kana and kanji has none."""
        wanted = [at for at, text in enumerate(texts) if has_japanese(text)]
        found: list[list[Guess]] = [[] for _ in texts]
        for at, doc in zip(wanted, spacy_models.read(self._model, [texts[at] for at in wanted]), strict=True):
            found[at] = [*spacy_models.entities(doc, _JAPANESE_LABELS, self.name), *_dictionary_names(doc)]
        return found


def _dictionary_names(doc: Any) -> Iterator[Guess]:
    """A surname of two characters or more, with the given name that follows it.

    A given name alone is no guess: 光, 望 and 進 are ordinary words too.
    """
    at = 0
    while at < len(doc):
        if doc[at].tag_ != _SURNAME or len(doc[at].text) < 2:
            at += 1
            continue
        last = at + 1 if at + 1 < len(doc) and doc[at + 1].tag_ == _GIVEN_NAME else at
        yield Guess(doc[at].idx, doc[last].idx + len(doc[last].text), "PERSON", 0.7, "sudachi-names", "guess")
        at = last + 1
