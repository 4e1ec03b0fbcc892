"""What in a factory's text is no name: tag numbers, error codes, units, positions, and the company's own words.

It vetoes guesses of a language model only; a known value, a labelled name or a number with a check digit is stronger.
Does not cover: a person whose name is an ordinary word of the corpus ("bush", "wells") and stands in no identifier
column: the guess is vetoed too. Two letters alone (Xu) that only a language model takes for a name.
"""

import itertools
import re
from collections import Counter
from collections.abc import Iterable

from anonymize.matching.folding import fold
from anonymize.matching.short_names import is_short_name
from anonymize.records import Record

MIN_RECORDS = 2  # a word that stands in so many records of the vocabulary column is vocabulary
MIN_ABBREVIATION = 3  # letters
MAX_ACRONYM = 4  # letters: LHS, PTO, VIMS

_TOKEN = re.compile(r"[^\s,;:!?()\[\]{}<>\"=+、。：；（）「」・]+")
_CODE = re.compile(r"[0-9/#&@\\%°_]")  # no name holds one: PH639, L/H, W/SHOP, 1000H, P-922, #3
_SMALL = re.compile(r"(?<![\w@./'’-])[a-z]{3,}(?![\w@/])")
_CAPITAL = re.compile(r"(?<![\w@./'’-])[A-Z][a-z]{2,}(?![\w@/])")
_INITIAL = re.compile(r"[A-Z]\.")
_ENDING = re.compile(r"(?:['’]s)?\.?$")  # Xu's, Xu.
_NAME_LIKE = re.compile(r"[A-ZÀ-ÖØ-Þ][\w.'’-]*[a-zA-ZÀ-ÿ]\.?|[A-Z]\.|[々ァ-ヺー一-鿿]{1,10}")


class Vocabulary:
    """The words that a company's own text uses as ordinary words."""

    def __init__(self, words: frozenset[str]) -> None:
        self.words = words

    def is_technical(self, token: str) -> bool:
        """Say whether a token of text is a code, a fragment or a word of the vocabulary."""
        if _INITIAL.fullmatch(token):
            return False
        if _CODE.search(token):
            return True
        if is_short_name(_without_ending(token)):
            return token[:2].casefold() in self.words
        pieces = [piece for piece in re.split(r"[-.'’]", token.casefold()) if piece]
        return all(self._is_word_or_fragment(piece) for piece in pieces)

    def _is_word_or_fragment(self, piece: str) -> bool:
        return piece in self.words or (len(piece) < MIN_ABBREVIATION and piece.isascii())

    def unprotected(self, text: str, start: int, end: int) -> list[tuple[int, int]]:
        """Return what remains of a guess in folded text after technical tokens have been taken out of it.

        What remains of a token run counts only when it is written like a name.
        """
        runs: list[list[tuple[int, int]]] = [[]]
        for match in _TOKEN.finditer(text, start, end):
            whole = _whole_token(text, match)
            if self.is_technical(whole) or not _NAME_LIKE.fullmatch(match[0]):
                runs.append([])
            else:
                runs[-1].append(match.span())
        return [(run[0][0], run[-1][1]) for run in runs if run]


def is_weak(text: str, start: int, end: int) -> bool:
    """Say whether a guess is one word that is short, looks like an acronym, or stands where capitals tell nothing."""
    guess = text[start:end]
    if any(char.isspace() for char in guess) or not guess.isascii():
        return False
    if is_short_name(_without_ending(guess)):
        return True
    return not case_tells(text) or (guess.isupper() and len(guess) <= MAX_ACRONYM)


def case_tells(text: str) -> bool:
    """Say whether capitals mean something in a text: half of its Latin words or more begin with a small letter.

    In ALL CAPITALS, or Where Every Word Has One, the English model takes any word for a name.
    """
    words: list[str] = re.findall(r"[A-Za-z]{2,}", text)
    return 2 * sum(word[0].islower() for word in words) >= len(words)


def learn_vocabulary(records: Iterable[Record], column: str, text_columns: tuple[str, ...]) -> Vocabulary:
    """Return the words of the vocabulary column, what the text columns abbreviate to them, and small-letter words."""
    counts: Counter[str] = Counter()
    small: Counter[str] = Counter()
    capital: Counter[str] = Counter()
    for record in records:
        words = _words(record.columns.get(column, ""))
        counts.update(words)
        for other in set(text_columns) - {column}:
            text = fold(record.columns.get(other, "")).text
            counts.update(_abbreviated(_words(text) - words, words))
            if case_tells(text):
                small.update(set(_SMALL.findall(text)))
                capital.update({word.casefold() for word in _CAPITAL.findall(text)})
    # a name is seldom written small, and then as often with a capital
    counts.update({word: count for word, count in small.items() if count > capital[word]})
    return Vocabulary(frozenset(word for word, count in counts.items() if count >= MIN_RECORDS))


def _words(text: str) -> set[str]:
    """Words, and neighbours written as one: change out, changeout."""
    words = re.findall(r"[^\W\d_]+", fold(text).text.casefold())
    return {*words, *(first + second for first, second in itertools.pairwise(words))}


def _abbreviated(tokens: set[str], words: set[str]) -> set[str]:
    return {token for token in tokens if any(_abbreviates(token, word) for word in words)}


def _abbreviates(token: str, word: str) -> bool:
    """svce abbreviates service: the same first letter, and its letters in the same order."""
    if len(token) < MIN_ABBREVIATION or token[0] != word[0] or len(token) >= len(word):
        return False
    rest = iter(word)
    return all(letter in rest for letter in token)


def _without_ending(token: str) -> str:
    return _ENDING.sub("", token, count=1)


def _whole_token(text: str, match: re.Match[str]) -> str:
    """A guess may end inside of a token (W of W/SHOP): judge the token as it stands in the text."""
    start, end = match.span()
    while start and _TOKEN.fullmatch(text[start - 1]) and text[start - 1].isascii() and text[start].isascii():
        start -= 1
    while end < len(text) and _TOKEN.fullmatch(text[end]) and text[end].isascii() and text[end - 1].isascii():
        end += 1
    return text[start:end]
