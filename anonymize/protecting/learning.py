"""Learn a company's vocabulary from its own records, in one pass and in bounded memory.

Covers: words of a column that holds plain language, their abbreviations in the other texts, words that the texts write
small, words that lines of capitals repeat, ordinary Japanese terms by how often they stand alone.
Does not cover: a term that fewer than two records hold, or a rare one among more new words than the tables hold. Never
learnt from text alone: listed Japanese surnames, common English given names; the operator's own list may hold any word.
"""

import itertools
import re
from collections.abc import Iterable
from pathlib import Path

from anonymize.matching.folding import fold
from anonymize.matching.name_readings import surname_reading
from anonymize.protecting.common_nouns import is_ordinary
from anonymize.protecting.counting import BoundedCounts
from anonymize.protecting.given_names import is_given_name
from anonymize.protecting.grammar import case_tells, clauses
from anonymize.protecting.vocabulary import MIN_ABBREVIATION, Vocabulary
from anonymize.records import Record

MIN_RECORDS = 2  # a word that stands in so many records of the vocabulary column is vocabulary
MIN_SHOUTED = 3  # records; capitals tell nothing there, so a word has to come more often
MIN_JAPANESE = 5  # records; repetition alone is not enough: common_nouns.py
MAX_NAME_SHARE = 0.1  # of the places of a Japanese term, those that speak of a person

_SMALL = re.compile(r"(?<![\w@./'’-])[a-z]{3,}(?![\w@/])")
_CAPITAL_AFTER_WORD = re.compile(r"(?<=[a-z,] )[A-Z][a-z]{2,}(?![\w@/])")  # the first word of a line tells nothing
_SHOUTED = re.compile(r"(?<![\w@.'’-])[A-Za-z]{3,}(?![\w@])")
_JAPANESE = re.compile(r"[ァ-ヺー]{3,20}|[々一-鿿]{2,12}")
_OF_A_PERSON = re.compile(r"[ ]?(?:さん|様|氏|殿|君|くん|先生)")
_AFTER_LABEL = re.compile(r"(?:担当者?|作業者|報告者|確認者|点検者|記入者|氏名|名前)[:は ]{1,2}$")


class _Learning:
    """What one pass over the records counts."""

    def __init__(self) -> None:
        self.clean = BoundedCounts()
        self.small = BoundedCounts()
        self.capital = BoundedCounts()
        self.shouted = BoundedCounts()
        self.terms = BoundedCounts()
        self.people = BoundedCounts()

    def read_clean(self, text: str) -> set[str]:
        words = _words(text)
        self.clean.update(words)
        return words

    def read(self, text: str, clean_words: set[str]) -> None:
        folded = fold(text).text
        if clean_words:
            self.clean.update(_abbreviated(_words(folded) - clean_words, clean_words))
        for clause in clauses(folded):
            if case_tells(clause):
                self.small.update(set(_SMALL.findall(clause)))
                self.capital.update({word.casefold() for word in _CAPITAL_AFTER_WORD.findall(clause)})
            else:
                self.shouted.update(_shouted(clause))
        terms = {match.span(): match[0] for match in _JAPANESE.finditer(folded)}
        self.terms.update(set(terms.values()))
        self.people.update({term for span, term in terms.items() if _speaks_of_a_person(folded, *span)})

    def vocabulary(self, own_words: frozenset[str]) -> Vocabulary:
        # a name is seldom written small, and then as often with a capital
        small = {
            word
            for word in self.small.at_least(MIN_RECORDS)
            if self.small[word] > self.capital[word] and not is_given_name(word)
        }
        shouted = {word for word in self.shouted.at_least(MIN_SHOUTED) if not is_given_name(word)}
        terms = {term for term in self.terms.at_least(MIN_JAPANESE) if self._is_term(term)}
        words = self.clean.at_least(MIN_RECORDS) | small | terms | own_words
        return Vocabulary(frozenset(words), frozenset(shouted))

    def _is_term(self, term: str) -> bool:
        may_begin_with_name = any(surname_reading(term[:length]) for length in range(1, min(4, len(term)) + 1))
        is_of_people = may_begin_with_name or self.people[term] > MAX_NAME_SHARE * self.terms[term]
        return not is_of_people and is_ordinary(term)


def learn_vocabulary(
    records: Iterable[Record], column: str, text_columns: tuple[str, ...], own_words: frozenset[str] = frozenset()
) -> Vocabulary:
    """Return the words of the vocabulary column, what the texts abbreviate to them, and what the texts repeat.

    Without such a column ("" or the only text column), the texts alone teach.
    """
    has_clean_column = bool(column) and text_columns != (column,)
    learning = _Learning()
    for record in records:
        clean_words = learning.read_clean(record.columns.get(column, "")) if has_clean_column else set()
        for other in text_columns:
            if other != column or not has_clean_column:
                learning.read(record.columns.get(other, ""), clean_words)
    return learning.vocabulary(own_words)


def read_own_words(file: Path) -> frozenset[str]:
    """Return the words of an operator's list: UTF-8, one a line; # begins a comment."""
    lines = (line.partition("#")[0] for line in file.read_text(encoding="utf-8-sig").splitlines())
    return frozenset(" ".join(fold(line).text.casefold().split()) for line in lines if line.strip())


def _shouted(clause: str) -> set[str]:
    """Where most words are in capitals throughout, one that only begins with a capital stands out: a name may."""
    words: list[str] = _SHOUTED.findall(clause)
    capitals = {word.casefold() for word in words if word.isupper()}
    return capitals if 2 * len(capitals) > len(words) else {word.casefold() for word in words}


def _words(text: str) -> set[str]:
    """Words, and neighbours written as one: change out, changeout."""
    words = re.findall(r"[^\W\d_]+", fold(text).text.casefold())
    return {*words, *(first + second for first, second in itertools.pairwise(words))}


def _abbreviated(tokens: set[str], words: set[str]) -> set[str]:
    return {token for token in tokens if any(_abbreviates(token, word) for word in words)}


def _abbreviates(token: str, word: str) -> bool:
    """svce abbreviates service: the same first letter, and its letters in the same order."""
    if len(token) < MIN_ABBREVIATION or token[0] != word[0] or len(token) >= len(word) or not token.isascii():
        return False
    rest = iter(word)
    return all(letter in rest for letter in token)


def _speaks_of_a_person(text: str, start: int, end: int) -> bool:
    if _OF_A_PERSON.match(text, end):
        return True
    return _AFTER_LABEL.search(text, max(0, start - 8), start) is not None
