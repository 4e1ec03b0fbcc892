"""Guesses at the next tokens of an answer, so that one step of the model can check several: n-gram look-up.

A step that reads four tokens costs less than four steps, since the weights are read once. A guess comes from what the
answer may copy: its prompt, the same text spelt as the answer may spell it, the answer so far (prompt look-up, Saxena
2023), and texts that answers are like (retrieval, He et al. 2023, arXiv:2311.08252). The model checks every guess
(Leviathan et al. 2023, arXiv:2211.17192): what is written is what would have been written without.

Covers: guesses are made only as far as they are likely to hold, by how those of their kind have held lately, so that
text without copies costs next to nothing.
"""

from array import array
from bisect import bisect_left
from collections import deque
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

Ids = Sequence[int]
LONGEST = 4  # tokens of context
LEAST_CHANCE = 0.5  # that a draft holds to its end; a token more costs 0.13 to 0.3 of a step: docs/experiments.md
MOST = 6  # tokens of a draft
PRIOR = 0.75  # the chance of a guess from the answer's own texts, before any was checked
LEARN = 1 / 8  # how far one that was checked moves it
LEAST_SHARE = 0.3  # rarer continuations are not kept
MOST_KNOWN = 200_000  # tokens of a table
FACTOR, WORD = 0x9E3779B97F4A7C15, 2**64 - 1  # keys of 64 bits: two contexts that share one cost a wrong guess


class NgramTable:
    """The likeliest continuation of every few tokens in some texts; 16 bytes a context."""

    def __init__(self, texts: Iterable[Ids]) -> None:
        """Read texts until there are `MOST_KNOWN` tokens."""
        keys, tokens = _contexts(texts)
        order = np.lexsort((tokens, keys))
        keys, tokens = keys[order], tokens[order]
        pairs = _starts(keys, tokens)
        counts = np.diff(np.append(pairs, len(keys)))
        keys, tokens = keys[pairs], tokens[pairs]
        order = np.lexsort((-counts, keys))  # the most frequent continuation first; of equals the lowest token
        keys, tokens, counts = keys[order], tokens[order], counts[order]
        firsts = _starts(keys)
        totals = np.add.reduceat(counts, firsts) if len(firsts) else counts
        shares = counts[firsts] / (totals + 1)  # one more: what was seen once is no certainty
        kept = shares >= LEAST_SHARE
        self._keys = array("Q", keys[firsts][kept].tobytes())
        self._tokens = array("i", tokens[firsts][kept].astype(np.int32).tobytes())
        self._shares = array("f", shares[kept].astype(np.float32).tobytes())

    def __len__(self) -> int:
        """How many contexts it knows."""
        return len(self._keys)

    def get(self, key: int) -> tuple[int, float] | None:
        """Return the likeliest token behind a context and how likely it is; None for an unknown context."""
        at = bisect_left(self._keys, key)
        if at == len(self._keys) or self._keys[at] != key:
            return None
        return self._tokens[at], self._shares[at]


class Drafter:
    """The drafts of one answer; equal texts give equal drafts."""

    def __init__(self, texts: Sequence[Ids], known: NgramTable | None = None) -> None:
        """Start behind the first text, the prompt; the others are what else the answer may copy."""
        self._known = known
        self._own: dict[int, int] = {}  # key of a context -> what followed it last
        self._rates = [PRIOR] * LONGEST  # how often guesses behind such a context have held
        self._tail: list[int] = []
        self._open = deque[tuple[int, int]]()  # guesses that were not checked yet; length of the context, 0: a table
        self.drafted = self.accepted = 0  # tokens of the whole answer
        for text in reversed(texts):
            self._tail = []
            self._read(text)

    def draft(self, most: int, certain: Ids = ()) -> list[int]:
        """Return at most so many tokens that are likely to come next; those that a grammar makes certain come first."""
        most = max(0, min(most, MOST))
        self._open = deque((token, 0) for token in certain[:most])
        tail, chance = [*self._tail, *certain][-LONGEST:], 1.0
        while len(self._open) < most and (guess := self._guess(tail)):
            token, length, rate = guess
            chance *= rate
            if chance < LEAST_CHANCE:
                break
            self._open.append((token, length))
            tail = [*tail[1 - LONGEST :], token]
        self.drafted += len(self._open)
        return [token for token, _ in self._open]

    def take(self, token: int) -> None:
        """Go on behind a token that the model has written, and learn from it whether a guess has held."""
        if self._open:
            guess, length = self._open.popleft()
            self.accepted += guess == token
            if length:
                self._rates[length - 1] += ((guess == token) - self._rates[length - 1]) * LEARN
            if guess != token:
                self._open.clear()
        self._read([token])

    def _read(self, tokens: Ids) -> None:
        for token in tokens:
            for key in _keys(self._tail):
                self._own[key] = token
            self._tail = [*self._tail[1 - LONGEST :], token]

    def _guess(self, tail: Ids) -> tuple[int, int, float] | None:
        """Return what follows the longest known context, its length or 0, its chance; the answer's own texts first."""
        keys = _keys(tail)
        for length in range(len(keys), 0, -1):
            key = keys[length - 1]
            if key in self._own:
                return self._own[key], length, self._rates[length - 1]
            if self._known and (found := self._known.get(key)):
                return found[0], 0, found[1]
        return None


def _keys(tail: Ids) -> list[int]:
    """Return the keys of the last token, the last two, and so on."""
    keys, key = [], 0
    for token in reversed(tail):
        key = (key * FACTOR + token + 1) & WORD
        keys.append(key)
    return keys


def _contexts(texts: Iterable[Ids]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Return the keys of all contexts, and the token behind each."""
    flat, places = array("q"), array("q")  # tokens, and their numbers within their text
    for text in texts:
        flat.extend(text)
        places.extend(range(len(text)))
        if len(flat) >= MOST_KNOWN:
            break
    tokens, place = np.array(flat, np.int64), np.array(places, np.int64)
    key, keys, behind = np.zeros(len(tokens), np.uint64), [np.zeros(0, np.uint64)], [np.zeros(0, np.int64)]
    for length in range(1, LONGEST + 1):
        key = key * np.uint64(FACTOR) + np.roll(tokens, length).astype(np.uint64) + np.uint64(1)
        keys.append(key[place >= length])
        behind.append(tokens[place >= length])
    return np.concatenate(keys), np.concatenate(behind)


def _starts(*columns: NDArray[np.uint64] | NDArray[np.int64]) -> NDArray[np.int64]:
    """Return where a row differs from the one before."""
    if not len(columns[0]):
        return np.zeros(0, np.int64)
    differs = np.any([column[1:] != column[:-1] for column in columns], axis=0)
    return np.flatnonzero(np.append(True, differs))
