"""Texts that are nearly the same: found by MinHash (Broder 1997), and checked by the exact Jaccard similarity.

Repetition is what a model memorises, and a near-duplicate across a split flatters the held-out score.

Covers: English words that change, come or go; Japanese characters likewise; case, white space, and other numbers in
the same words. Where the numbers are what is to be learnt, leave near-duplicates in.
Does not cover: a paraphrase; a pair that has only buckets of more than `BUCKET` texts in common (lines of one template
are then compared with the first ones of their bucket only).
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

import numpy
from numpy.typing import NDArray

BANDS, ROWS = 32, 4  # a pair of similarity 0.7 is missed with probability (1 - 0.7^4)^32 = 0.0002
BUCKET = 64  # texts of one bucket that each text of it is compared with
WORDS = 2  # a shingle; short lines have too few of longer ones
CHARACTERS = 5  # a shingle of Japanese, which has no spaces
_JAPANESE = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]")
_NUMBER = re.compile(r"[0-9]+")
_SEED = 20_200


def shingles(text: str) -> frozenset[str]:
    """Return the word pairs of a text, its ends included, or its runs of five characters where it is Japanese."""
    folded = _NUMBER.sub("0", text.casefold())  # the same line of another machine is a near-duplicate
    if _JAPANESE.search(folded):
        joined = "".join(folded.split())
        return frozenset(joined[start : start + CHARACTERS] for start in range(max(1, len(joined) - CHARACTERS + 1)))
    words = ["", *folded.split(), ""]
    return frozenset(" ".join(words[start : start + WORDS]) for start in range(len(words) - WORDS + 1))


def similarity(one: frozenset[str], other: frozenset[str]) -> float:
    """Return the Jaccard similarity of two sets of shingles."""
    return len(one & other) / len(one | other) if one or other else 1.0


def near_pairs(texts: Sequence[str], threshold: float) -> Iterator[tuple[int, int]]:
    """Yield the indices (smaller first) of texts that are at least as similar as the threshold, each pair once."""
    sets = [shingles(text) for text in texts]
    seen: set[tuple[int, int]] = set()
    for bucket in _buckets(_signatures(sets)):
        for place, index in enumerate(bucket):
            for other in bucket[: min(place, BUCKET)]:
                if (other, index) not in seen:
                    seen.add((other, index))
                    if similarity(sets[other], sets[index]) >= threshold:
                        yield other, index


def clusters(texts: Sequence[str], threshold: float) -> list[int]:
    """Return for each text the smallest index that a chain of near-duplicates leads to; its own where it is alone."""
    parents = list(range(len(texts)))
    for one, other in near_pairs(texts, threshold):
        roots = _root(parents, one), _root(parents, other)
        parents[max(roots)] = min(roots)
    return [_root(parents, index) for index in range(len(texts))]


def distinct(texts: Sequence[str], threshold: float, *, fixed: int = 0) -> list[int]:
    """Return the indices of texts to keep: each that is no near-duplicate of one that is kept before it.

    The first `fixed` texts are kept, whatever is near to them.
    """
    near: dict[int, list[int]] = defaultdict(list)
    for one, other in near_pairs(texts, threshold):
        near[other].append(one)
    kept: set[int] = set()
    for index in range(len(texts)):
        if index < fixed or not any(earlier in kept for earlier in near[index]):
            kept.add(index)
    return sorted(kept)


def _signatures(sets: Sequence[frozenset[str]]) -> NDArray[numpy.uint64]:
    """Return the MinHash of each set; the same for the same set on every machine."""
    chance = numpy.random.default_rng(_SEED)
    factors = chance.integers(1, 2**63, BANDS * ROWS, dtype=numpy.uint64) * 2 + 1
    shifts = chance.integers(0, 2**63, BANDS * ROWS, dtype=numpy.uint64)
    signatures = numpy.empty((len(sets), BANDS * ROWS), dtype=numpy.uint64)
    for index, each in enumerate(sets):
        hashes = numpy.array([_hash(shingle) for shingle in each], dtype=numpy.uint64)
        # multiply-shift hashing modulo 2^64; its upper half is what is well mixed
        signatures[index] = ((hashes[:, None] * factors + shifts) >> numpy.uint64(32)).min(axis=0)
    return signatures


def _buckets(signatures: NDArray[numpy.uint64]) -> Iterable[list[int]]:
    for band in range(BANDS):
        buckets: dict[bytes, list[int]] = defaultdict(list)
        for index, part in enumerate(signatures[:, band * ROWS : (band + 1) * ROWS]):
            buckets[part.tobytes()].append(index)
        yield from (bucket for bucket in buckets.values() if len(bucket) > 1)


def _hash(shingle: str) -> int:
    return int.from_bytes(hashlib.blake2b(shingle.encode(), digest_size=8).digest(), "little")


def _root(parents: list[int], index: int) -> int:
    while parents[index] != index:
        parents[index] = parents[parents[index]]
        index = parents[index]
    return index
