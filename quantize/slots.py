"""Rows of one model that come and go while the others go on writing: continuous batching on plain onnxruntime.

    seat 0 .. n-1    rows that write together, one token a step
    desk             one more row, behind the seats: a prompt is read here, alone and in pieces, then takes a seat

A prompt that is read alone needs no padding, and a piece of it is short, so that nobody who writes waits long.
A row that leaves is filled with the last one: the rows that write stay side by side, and the cache of a token that was
read once is copied, never computed again. What all prompts begin with is kept and put back on the desk.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from quantize.onnx_session import Batch, Cache, Floats, Integers, OnnxSession


@dataclass(frozen=True, slots=True)
class Beginning:
    """What the model remembers of the tokens that every prompt begins with."""

    length: int
    cache: Cache  # [1, heads, length, size]


class Slots:
    """A loaded variant with a cache of its own; one thread at a time."""

    def __init__(self, folder: Path, *, seats: int, capacity: int, threads: int) -> None:
        self._session = OnnxSession(folder, threads=threads)
        self._cache = self._session.new_cache(seats + 1, capacity)
        self._batches: dict[tuple[int, int], Batch] = {}  # first and last row -> their batch, bound once
        self._lengths = np.zeros(seats + 1, np.int64)
        self._desk = seats
        self._seated = 0
        self.capacity = capacity  # tokens of one row

    @property
    def seated(self) -> int:
        """How many rows write."""
        return self._seated

    @property
    def has_room(self) -> bool:
        """Whether a seat is free for what is read at the desk."""
        return self._seated < self._desk

    def read(self, tokens: Sequence[int]) -> Floats:
        """Append tokens to what lies on the desk; return the logits [vocabulary] behind the last one."""
        logits: Floats = self._extend(self._desk, self._desk + 1, np.array([tokens], np.int64))[0]
        return logits

    def clear_desk(self, beginning: Beginning | None = None) -> None:
        """Start a new prompt: empty, or behind a beginning that was read before."""
        self._lengths[self._desk] = beginning.length if beginning else 0
        if beginning:
            for name, kept in beginning.cache.items():
                self._cache[name][self._desk, :, : beginning.length] = kept[0]

    def keep_beginning(self) -> Beginning:
        """Return a copy of what lies on the desk."""
        length = int(self._lengths[self._desk])
        rows = slice(self._desk, self._desk + 1)
        return Beginning(length, {name: cache[rows, :, :length].copy() for name, cache in self._cache.items()})

    def take_seat(self) -> int:
        """Move the prompt from the desk to a free seat; return its number."""
        assert self.has_room
        self._move(self._desk, self._seated)
        self._seated += 1
        return self._seated - 1

    def leave(self, seat: int) -> int | None:
        """Free a seat; return the number of the seat whose row now sits here, None where it was the last."""
        self._seated -= 1
        if seat == self._seated:
            return None
        self._move(self._seated, seat)
        return self._seated

    def length(self, seat: int) -> int:
        """Return how many tokens a row holds."""
        return int(self._lengths[seat])

    def advance(self, tokens: Integers) -> Floats:
        """Append one token [seated] to every row that writes; return the logits [seated, vocabulary]."""
        return self._extend(0, self._seated, tokens[:, None])

    @property
    def checks_drafts(self) -> bool:
        """Whether the only row that writes may be given several tokens at once."""
        return self._session.checks_drafts and self._seated == 1

    def advance_each(self, tokens: Integers) -> Floats:
        """Append tokens [count] to the only row that writes; return the logits [count, vocabulary] behind each."""
        logits = self._batch(0, 1).extend_each(tokens)
        self._lengths[0] += len(tokens)
        return logits

    def forget(self, count: int) -> None:
        """Take back the last tokens of the only row that writes."""
        self._lengths[0] -= count

    def _extend(self, first: int, end: int, tokens: Integers) -> Floats:
        logits = self._batch(first, end).extend(tokens)
        self._lengths[first:end] += tokens.shape[1]
        return logits

    def _batch(self, first: int, end: int) -> Batch:
        if (first, end) not in self._batches:
            views = {name: cache[first:end] for name, cache in self._cache.items()}
            self._batches[first, end] = self._session.over(views)
        batch = self._batches[first, end]
        batch.go_on_from(self._lengths[first:end])
        return batch

    def _move(self, source: int, target: int) -> None:
        length = int(self._lengths[source])
        for cache in self._cache.values():
            cache[target, :, :length] = cache[source, :, :length]
        self._lengths[target] = length
