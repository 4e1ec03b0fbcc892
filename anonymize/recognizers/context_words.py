"""Words that stand before a value and make a weak match sure ("passport 123456789"), in two ways of reading them.

Covers: the five words before the value and the value's own token, as presidio counts them.
Does not cover: words behind the value, words in another record.
"""

import bisect
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

WORDS_BEFORE = 5
MAX_BACK = 200  # tokens that are looked through for them; the rest are stop words and punctuation
_FIRST_BACK = 16  # tokens; most often enough
_CHARACTERS_BACK = 80
Place = tuple[int, int]  # number of the text, and where in it the value starts
_PLAIN_WORD = re.compile(r"[^\W\d_]+")


class ContextReader(Protocol):
    """Tells which words stand before places of texts."""

    def before(self, texts: Sequence[str], places: Sequence[Place]) -> list[list[str]]:
        """Return the words (lower case) before and at each place."""
        ...


class PlainContext:
    """The words as they are written; needs no model, and reads Japanese, whose words it does not part."""

    def before(self, texts: Sequence[str], places: Sequence[Place]) -> list[list[str]]:
        """Return the words (lower case) before each place."""
        return [self._before(texts[text], start) for text, start in places]

    def _before(self, text: str, start: int) -> list[str]:
        words = _PLAIN_WORD.findall(text, max(0, start - _CHARACTERS_BACK), start)
        return [word.lower() for word in words[-WORDS_BEFORE:]]


class LemmaContext:
    """The words' lemmas, as presidio's LemmaContextAwareEnhancer takes them."""

    def __init__(self, lemmas: Any) -> None:
        """Take the lemmas from a `spacy_models.Lemmas`."""
        self._lemmas = lemmas

    def before(self, texts: Sequence[str], places: Sequence[Place]) -> list[list[str]]:
        """Return the lemmas (lower case) before and at each place."""
        with self._lemmas.memory():
            tokens = {text: self._lemmas.tokens(texts[text]) for text, _ in places}
            ends = {text: [token.idx + len(token) for token in doc] for text, doc in tokens.items()}
            at = [(text, bisect.bisect_right(ends[text], start)) for text, start in places]
            found: dict[tuple[int, int], list[str]] = {}
            back = _FIRST_BACK
            while missing := [place for place in dict.fromkeys(at) if place not in found]:
                found.update(self._keywords(tokens, missing, back))
                back *= 2
            return [found[place] for place in at]

    def _keywords(
        self, tokens: Mapping[int, Any], places: Sequence[tuple[int, int]], back: int
    ) -> Iterator[tuple[tuple[int, int], list[str]]]:
        """Yield the keywords of the places for which so many tokens back are enough."""
        pieces = [(tokens[text], max(0, at + 1 - back), at + 1) for text, at in places]
        for place, (_, first, _), lemmas in zip(places, pieces, self._lemmas.between(pieces), strict=True):
            keywords = [lemma.lower() for lemma in lemmas if self._lemmas.is_keyword(lemma)]
            if len(keywords) > WORDS_BEFORE or first == 0 or back >= MAX_BACK:
                yield place, keywords[-WORDS_BEFORE - 1 :]


def supports(words: Sequence[str], wanted: Sequence[str]) -> bool:
    """Say whether one of the wanted words stands in one of the words."""
    return any(word.lower() in standing for word in wanted for standing in words)
