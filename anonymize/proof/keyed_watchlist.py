"""Look for replaced values in what a model says, without having the values: by keyed digests.

The clean side gets a list of HMACs, which nobody can confirm a guess with who has not the key (Key in keys.py).
Covers: every whole replaced value of at least 4 letters and digits, or 2 in Japanese, in any case, width, spacing and
punctuation.
Does not cover: a part of a value (a surname alone), a value that is mistyped, another script.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from anonymize.escapes import unescaped
from anonymize.matching.folding import canonical
from anonymize.matching.known_values import has_japanese
from anonymize.replacing.keys import Key
from anonymize.replacing.originals import Original

PURPOSE = "said by a model"  # sets these digests apart from all others of the same key
MIN_SIGNS, MIN_JAPANESE = 4, 2
DIGITS = 20  # hexadecimal, of each digest: 80 bits; two of a million values are equal with a chance of 1e-12


class KeyedWatchlist:
    """The digests of values, and the lengths that tell where to look."""

    def __init__(self, key: Key, digests: Iterable[str], lengths: Iterable[int]) -> None:
        self._key = key
        self._digests = frozenset(digests)
        self._lengths = sorted(set(lengths))

    @classmethod
    def of(cls, key: Key, originals: Iterable[Original]) -> "KeyedWatchlist":
        """Return the list of the originals that are long enough to say something."""
        values = {"".join(sign for sign in canonical(each.value) if sign.isalnum()) for each in originals}
        watched = [value for value in values if len(value) >= (MIN_JAPANESE if has_japanese(value) else MIN_SIGNS)]
        return cls(key, (_digest(key, value) for value in watched), map(len, watched))

    def __len__(self) -> int:
        """Return the number of different values."""
        return len(self._digests)

    def to_json(self) -> dict[str, Any]:
        """Return what may lie on the clean side: digests in the order of their digits, never of the values."""
        return {"key_id": self._key.id, "lengths": self._lengths, "digests": sorted(self._digests)}

    @classmethod
    def from_json(cls, key: Key, plain: Mapping[str, Any]) -> "KeyedWatchlist":
        """Return the list that `to_json` gave.

        Raises:
            ValueError: it was made with another key, and would find nothing.
        """
        if plain["key_id"] != key.id:
            raise ValueError("the list of replaced values was made with another key")
        return cls(key, plain["digests"], plain["lengths"])

    def said(self, text: str) -> frozenset[str]:
        """Return the digests of the watched values that stand in a text."""
        readings = {text, unescaped(text)}
        parts = (part for reading in readings for part in _parts(reading, self._lengths))
        return frozenset(digest for part in parts if (digest := self._found(part)))

    def _found(self, part: str) -> str:
        digest = _digest(self._key, part)
        return digest if digest in self._digests else ""


def _digest(key: Key, value: str) -> str:
    return key.digest(PURPOSE, value).hex()[:DIGITS]


def _parts(text: str, lengths: Iterable[int]) -> Iterator[str]:
    """Yield every stretch of one of the lengths that begins and ends with a word, or anywhere in Japanese."""
    folded = canonical(text)
    places = [at for at, sign in enumerate(folded) if sign.isalnum()]
    signs = "".join(folded[at] for at in places)
    begins, ends = [], set()
    for number, at in enumerate(places):
        if number == 0 or places[number - 1] < at - 1 or has_japanese(folded[at - 1 : at + 1]):
            begins.append(number)
            ends.add(number)
    ends.add(len(places))
    yield from {signs[begin : begin + length] for begin in begins for length in lengths if begin + length in ends}
