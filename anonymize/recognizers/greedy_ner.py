"""spaCy's greedy NER with the decoding of a whole batch in a few matrix operations: the same entities, sooner.

spaCy decides token by token. But outside of an entity a decision depends on its token alone, so all of these are made
at once; what remains is to follow each entity that begins to its end, again all of them at once.

Covers: spaCy's transition-based NER (BILUO moves, three features, beam width 1) on documents without earlier entities
or sentence starts, as its models for text come; measured equal on every text tried.
Does not cover: any other model; `greedy_decoder` returns None for it, and spaCy itself is to be asked.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

_FEATURES = 3  # the token, the first of the open entity, the one before the token
_Floats = NDArray[np.float32]
_Ints = NDArray[np.intp]
Entity = tuple[int, int, str]  # tokens (half-open) and label


@dataclass(frozen=True, slots=True)
class _Moves:
    """Which class is which move, and what may follow what: 0 where allowed, minus infinity where not."""

    begins: NDArray[np.bool_]
    units: NDArray[np.bool_]
    lasts: NDArray[np.bool_]
    labels: tuple[str, ...]  # of each class
    outside: _Floats  # no entity is open
    before_end: _Floats  # the same, at the last token: an entity of two tokens cannot begin
    on_space: _Floats  # the same, at white space
    inside: _Floats  # row: class of the beginning
    inside_at_end: _Floats  # the same, at the last token


class GreedyDecoder:
    """Entities of documents, by one NER component."""

    def __init__(self, pipe: Any) -> None:
        """Read the component's layers and moves; see `greedy_decoder`."""
        self._tok2vec, self._lower, self._upper = pipe.model.layers
        self._bias = self._lower.get_param("b").reshape(-1)
        # not pipe.move_names: it leaves the move "U-" out, and the numbers behind it are others
        self._moves = _moves([pipe.moves.get_class_name(number) for number in range(self._upper.get_dim("nO"))])

    def entities(self, docs: Sequence[Any]) -> list[list[Entity]]:
        """Return the entities of each document (of which none may be empty)."""
        lengths = np.array([len(doc) for doc in docs])
        last_tokens = np.cumsum(lengths) - 1
        tokens = int(lengths.sum())
        features = self._lower.predict(self._tok2vec.predict(docs)).reshape(tokens + 1, _FEATURES, -1)
        is_last = np.zeros(tokens, dtype=bool)
        is_last[last_tokens] = True
        is_space = np.array([token.is_space for doc in docs for token in doc], dtype=bool)
        chosen = self._outside(features, is_last, is_space)
        starts = np.flatnonzero(self._moves.begins[chosen] | self._moves.units[chosen])
        ends = self._ends(features, starts, chosen, is_last)
        return self._per_document(starts, ends, chosen, last_tokens)

    def _outside(self, features: _Floats, is_last: NDArray[np.bool_], is_space: NDArray[np.bool_]) -> _Ints:
        """Return every token's move where no entity is open before it."""
        rows = np.arange(1, len(is_last) + 1)
        nothing = np.zeros_like(rows)  # row 0: the feature is absent
        scores = self._scores(features, rows, nothing, nothing) + self._moves.outside
        scores[is_last] += self._moves.before_end
        scores[is_space] += self._moves.on_space
        best: _Ints = scores.argmax(axis=1)
        return best

    def _ends(self, features: _Floats, starts: _Ints, chosen: _Ints, is_last: NDArray[np.bool_]) -> _Ints:
        """Return where the entity ends that starts at each of the tokens."""
        ends = starts + 1
        still = np.flatnonzero(self._moves.begins[chosen[starts]])
        while still.size:
            first, at = starts[still], ends[still]
            scores = self._scores(features, at + 1, first + 1, at)
            begun = chosen[first]
            scores += np.where(is_last[at][:, None], self._moves.inside_at_end[begun], self._moves.inside[begun])
            ends[still] += 1
            still = still[~self._moves.lasts[scores.argmax(axis=1)]]
        return ends

    def _scores(self, features: _Floats, token: _Ints, first: _Ints, before: _Ints) -> _Floats:
        summed = features[token, 0] + features[first, 1] + features[before, 2] + self._bias
        pieces = self._lower.get_dim("nP")
        hidden = summed.reshape(len(token), -1, pieces).max(axis=2)
        scores: _Floats = self._upper.predict(hidden)
        return scores

    def _per_document(self, starts: _Ints, ends: _Ints, chosen: _Ints, last_tokens: _Ints) -> list[list[Entity]]:
        """Walk from left to right: what starts inside of an entity was never reached."""
        found: list[list[Entity]] = [[] for _ in last_tokens]
        documents = np.searchsorted(last_tokens, starts)
        free = 0
        for start, end, document in zip(starts.tolist(), ends.tolist(), documents.tolist(), strict=True):
            if start < free:
                continue
            free = end
            offset = int(last_tokens[document - 1]) + 1 if document else 0
            found[document].append((start - offset, end - offset, self._moves.labels[int(chosen[start])]))
        return found


def greedy_decoder(pipe: Any) -> GreedyDecoder | None:
    """Return the decoder of an NER component; None where the component is of another make."""
    if getattr(pipe, "cfg", {}).get("beam_width") != 1 or getattr(pipe, "postprocesses", [None]):
        return None
    layers = pipe.model.layers
    is_known = len(layers) == 3 and layers[1].name == "precomputable_affine" and layers[2].name == "linear"
    if not is_known or layers[1].get_dim("nF") != _FEATURES or layers[1].get_dim("nP") < 2:
        return None
    return None if pipe.model.attrs.get("unseen_classes") else GreedyDecoder(pipe)


def _moves(names: Sequence[str]) -> _Moves:
    moves = np.array([name[0] for name in names])
    labels = np.array([name[2:] for name in names])
    named = labels != ""
    begins, units = (moves == "B") & named, (moves == "U") & named
    inner, lasts = (moves == "I") & named, (moves == "L") & named
    same_label = labels[:, None] == labels[None, :]
    return _Moves(
        begins,
        units,
        lasts,
        tuple(labels.tolist()),
        _penalty(begins | units | (moves == "O")),
        _penalty(~begins),
        _penalty(~(begins | units)),
        _penalty(same_label & (inner | lasts)),
        _penalty(same_label & lasts),
    )


def _penalty(allowed: NDArray[np.bool_]) -> _Floats:
    return np.where(allowed, np.float32(0), np.float32(-np.inf)).astype(np.float32)
