"""The baseline without a network: the most frequent replacement of each word, learnt from the same examples.

A language model earns its place only where it does better than this. The examples hold whole lines, so the words are
aligned here: what stands between two stretches that agree is taken as one replacement.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher

LONGEST = 3  # words of a phrase; longer blocks between agreeing stretches are alignment noise
# for words the dictionary has not seen: masks that an expert would write down in a minute
MASKS = (
    (re.compile(r"[a-z]{1,5}[-_]?\d{2,}[a-z]?", re.IGNORECASE), "<id>"),
    (re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}"), "<date>"),
    (re.compile(r"\d+(?:[.,]\d+)?"), "<num>"),
    (re.compile(r"#\d+"), "<num>"),
)

Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReplacementDictionary:
    """Phrases, case-folded, and what stands for each most often."""

    entries: Mapping[Words, Words]

    def predict(self, line: str) -> str:
        """Return the line with the longest known phrase replaced at every place, from left to right."""
        words, said, at = line.split(), list[str](), 0
        while at < len(words):
            length = next((n for n in range(LONGEST, 0, -1) if _folded(words[at : at + n]) in self.entries), 0)
            if length:
                said.extend(self.entries[_folded(words[at : at + length])])
            else:
                said.append(_mask(words[at]))
            at += max(length, 1)
        return " ".join(said)


def learn(pairs: Iterable[tuple[str, str]]) -> ReplacementDictionary:
    """Return the dictionary of (prompt, completion) lines; between equal counts the first in the alphabet wins."""
    counts: defaultdict[Words, Counter[Words]] = defaultdict(Counter)
    for prompt, completion in pairs:
        for source, replacement in aligned(prompt, completion):
            counts[source][replacement] += 1
    return ReplacementDictionary({source: min(found, key=lambda r: (-found[r], r)) for source, found in counts.items()})


def aligned(prompt: str, completion: str) -> Iterator[tuple[Words, Words]]:
    """Yield the phrases of the prompt, case-folded, each with the words that stand for it."""
    source, target = prompt.split(), completion.split()
    blocks = SequenceMatcher(None, _folded(source), _folded(target), autojunk=False).get_opcodes()
    for kind, start, end, from_, to in blocks:
        if end - start == to - from_:  # equal, or word for word
            for word, replacement in zip(source[start:end], target[from_:to], strict=True):
                yield _folded([word]), (replacement,)
        elif kind != "insert" and end - start <= LONGEST:
            yield _folded(source[start:end]), tuple(target[from_:to])


def _folded(words: list[str]) -> Words:
    return tuple(word.casefold() for word in words)


def _mask(word: str) -> str:
    return next((mask for pattern, mask in MASKS if pattern.fullmatch(word)), word.casefold())
