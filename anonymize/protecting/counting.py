"""Count words of a stream of any length in bounded memory.

Lossy counting (Manku and Motwani 2002): when the table is full, every count falls by one and what reaches zero goes.
A word that is counted often enough always stays; a word is never counted too often.
"""

from collections import Counter
from collections.abc import Iterable

LIMIT = 60_000  # words; about 8 MB with the longest that are counted
MAX_WORD = 40  # code points; longer runs are no words


class BoundedCounts:
    """Counts of words, at most `limit` of them."""

    def __init__(self, limit: int = LIMIT) -> None:
        """Begin with no words."""
        self._limit = limit
        self._counts: Counter[str] = Counter()

    def update(self, words: Iterable[str]) -> None:
        """Count each word once more."""
        self._counts.update(word for word in words if len(word) <= MAX_WORD)
        while len(self._counts) > self._limit:
            self._counts = Counter({word: count - 1 for word, count in self._counts.items() if count > 1})

    def __getitem__(self, word: str) -> int:
        """Return the count; 0 for what is not known, or no more."""
        return self._counts[word]

    def __len__(self) -> int:
        """Return how many words are held."""
        return len(self._counts)

    def at_least(self, least: int) -> set[str]:
        """Return the words that were counted so often."""
        return {word for word, count in self._counts.items() if count >= least}
