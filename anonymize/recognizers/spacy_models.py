"""The only file that imports spaCy: its models, reduced to what NER needs."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import spacy

from anonymize.recognizers.guesses import Guess

NER_SCORE = 0.85  # presidio's own score for an NER entity; the models give none
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


def load(model: str, exclude: tuple[str, ...] = ()) -> Any:
    """Load only what NER needs: the other pipes take half of the time and change no entity."""
    return spacy.load(model, exclude=[*_UNUSED_PIPES, *exclude])


def read(model: Any, texts: Sequence[str]) -> Iterator[Any]:
    """Yield spaCy's document of each text."""
    yield from model.pipe(texts)


def entities(doc: Any, labels: Mapping[str, str], recognizer: str) -> Iterator[Guess]:
    """Yield the entities of a document whose label is a kind of ours."""
    for entity in doc.ents:
        kind = labels.get(entity.label_)
        if kind:
            yield Guess(entity.start_char, entity.end_char, kind, NER_SCORE, recognizer, "guess")
