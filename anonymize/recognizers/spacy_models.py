"""The only file that imports spaCy: its models, reduced to what is asked of them."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import cache
from typing import Any

import spacy
from spacy.tokens import Doc, Span
from thinc.api import NumpyOps
from threadpoolctl import ThreadpoolController

from anonymize.recognizers.greedy_ner import GreedyDecoder, greedy_decoder
from anonymize.recognizers.guesses import Guess

NER_SCORE = 0.85  # presidio's own score for an NER entity; the models give none
BATCH = 64  # texts; larger ones were no faster
BATCH_CHARACTERS = 32_000  # bounds the memory of a batch of long texts
_LEMMA_PIPES = ("tok2vec", "tagger", "attribute_ruler", "lemmatizer")
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
    """Load only what NER needs: the other pipes take half of the time and change no entity.

    The products are numpy's own: on an EPYC they took a third of the time of the library that spaCy brings along, and
    the whole scan 0.72 of it (docs/experiments.md).
    """
    loaded = spacy.load(model, exclude=[*_UNUSED_PIPES, *exclude])
    for _, pipe in loaded.pipeline:
        if network := getattr(pipe, "model", None):
            for layer in network.walk():
                layer.ops = NumpyOps(use_blis=False)
    return loaded


def read(model: Any, texts: Sequence[str]) -> Iterator[Any]:
    """Yield spaCy's document of each text; it may be used until the next one is asked for, not longer.

    What the words of these texts took of the model's memory is given back at the end (spaCy's memory zone); the
    Japanese tokenizer keeps a part (spaCy issue 13684): such a process is to be renewed from time to time.
    """
    decoder = greedy_decoder(model.get_pipe("ner")) if model.pipe_names[-1:] == ["ner"] else None
    with model.memory_zone(), _one_thread():
        for batch in _batches(texts):
            if decoder is None:
                yield from model.pipe(batch, batch_size=BATCH)
            else:
                yield from _decoded(model, decoder, batch)


def _one_thread() -> AbstractContextManager[object]:
    """Keep the products on one core: several threads wait for each other, and processes share the work better."""
    limited: AbstractContextManager[object] = _libraries().limit(limits=1, user_api="blas")
    return limited


@cache
def _libraries() -> ThreadpoolController:
    """Look once which libraries are loaded: it takes milliseconds."""
    return ThreadpoolController()


def _batches(texts: Sequence[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    characters = 0
    for text in texts:
        if batch and (len(batch) == BATCH or characters + len(text) > BATCH_CHARACTERS):
            yield batch
            batch, characters = [], 0
        batch.append(text)
        characters += len(text)
    if batch:
        yield batch


def _decoded(model: Any, decoder: GreedyDecoder, texts: Sequence[str]) -> Sequence[Any]:
    docs = [model.make_doc(text) for text in texts]
    for name, pipe in model.pipeline:
        docs = docs if name == "ner" else list(pipe.pipe(docs, batch_size=BATCH))
    with_tokens = [doc for doc in docs if len(doc)]
    for doc, found in zip(with_tokens, decoder.entities(with_tokens) if with_tokens else (), strict=True):
        doc.set_ents([Span(doc, *entity) for entity in found])
    return docs


def entities(doc: Any, labels: Mapping[str, str], recognizer: str) -> Iterator[Guess]:
    """Yield the entities of a document whose label is a kind of ours."""
    for entity in doc.ents:
        kind = labels.get(entity.label_)
        if kind:
            yield Guess(entity.start_char, entity.end_char, kind, NER_SCORE, recognizer, "guess")


class Lemmas:
    """The lemmas of a few tokens of a text, as the whole model would give them for the whole text.

    A token's tag depends on the four tokens to each side of it (four layers of width one), its lemma on the tag: so a
    piece of the text is enough, which makes the cost independent of the text's length.
    """

    reach = 8  # tokens on each side of those asked for: twice what the tagger sees

    def __init__(self, model: str) -> None:
        """Load the tagger and the lemmatizer of a model."""
        self._model = spacy.load(model, exclude=["parser", "senter", "ner"])
        self._has_lemmatizer = "lemmatizer" in self._model.pipe_names  # Japanese: the tokenizer gives the lemmas
        self._pipes = [pipe for name, pipe in self._model.pipeline if name in _LEMMA_PIPES]

    def memory(self) -> AbstractContextManager[object]:
        """Give back, at the end, what the words that are read meanwhile took; tokens live no longer than this."""
        zone: AbstractContextManager[object] = self._model.memory_zone()
        return zone

    def tokens(self, text: str) -> Any:
        """Return the text cut into tokens and nothing more."""
        return self._model.make_doc(text)

    def between(self, pieces: Sequence[tuple[Any, int, int]]) -> list[list[str]]:
        """Return the lemmas of tokens[start:end] for each (tokens, start, end)."""
        if not self._has_lemmatizer:
            return [[token.lemma_ for token in tokens[start:end]] for tokens, start, end in pieces]
        starts = [max(0, start - self.reach) for _, start, _ in pieces]
        docs = [_piece(tokens, first, end + self.reach) for first, (tokens, _, end) in zip(starts, pieces, strict=True)]
        for pipe in self._pipes:
            docs = list(pipe.pipe(docs, batch_size=BATCH))
        return [
            [token.lemma_ for token in doc[start - first : end - first]]
            for doc, first, (_, start, end) in zip(docs, starts, pieces, strict=True)
        ]

    def is_keyword(self, lemma: str) -> bool:
        """Say whether a lemma counts as context: no stop word, no punctuation."""
        lexeme = self._model.vocab[lemma]
        return not lexeme.is_stop and not lexeme.is_punct and lemma not in ("-PRON-", "be")


def _piece(tokens: Any, start: int, end: int) -> Any:
    piece = tokens[start : min(end, len(tokens))]
    return Doc(tokens.vocab, [token.text for token in piece], [bool(token.whitespace_) for token in piece])
