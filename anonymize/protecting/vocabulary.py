"""The words that a company uses as ordinary words, and what they leave of a guess.

Covers: a guess of a language model, or of a rule that reads what follows a cue, in folded text.
Does not cover: a person whose name is an ordinary word of the corpus ("bush") where nothing beside it speaks of a
person: no title, no given name before it, no verb of speaking, no identifier column. Two letters alone (Xu) that only a
language model takes for a name.
"""

import itertools
import re
from typing import Literal

from anonymize.matching.short_names import is_short_name
from anonymize.protecting.given_names import is_given_name
from anonymize.protecting.grammar import TOKEN, case_tells_at, is_code, is_key, whole_token
from anonymize.protecting.trade_words import TRADE_WORDS

MIN_ABBREVIATION = 3  # letters
MAX_ACRONYM = 4  # letters: LHS, PTO, VIMS

Strength = Literal["guess", "cue", "rule"]  # as anonymize.recognizers.guesses has it
Spans = list[tuple[int, int]]

_INITIAL = re.compile(r"[A-Z]\.")
_ENDING = re.compile(r"(?:['’]s)?\.?$")  # Xu's, Xu.
_NAME_LIKE = re.compile(r"[A-ZÀ-ÖØ-ÞĀ-ž][\w.'’-]*[a-zA-ZÀ-ÿĀ-ž]\.?|[A-Z]\.|[々ァ-ヺー一-鿿]{1,10}")
_PIECE = re.compile(r"[ァ-ヺー]+|[々〆ヶ一-鿿]+|[^-.'’ァ-ヺー々〆ヶ一-鿿]+")
_CAPITALISED = re.compile(r"[A-ZÀ-ÖØ-Þ](?:[\w'’-]{0,30}\.?)")
_WORD = re.compile(r"[^\W\d_][^\W\d_'’-]{1,30}\.?")
_PARTICLE = re.compile(r"van|von|der|den|de|del|della|di|da|dos|du|la|le|bin|ibn|ten|ter|zu|af|y")  # Teresa de Vaan
_SUFFIX = re.compile(r"(?:Jr|jr|Sr|sr|MD|md|PhD|phd|III?|IV)\.?")  # Keith Bult Jr.
_TITLE = re.compile(r"\b(?:mrs?|ms|dr)\.? $", re.IGNORECASE)
_BESIDE_IN_A_LIST = (  # Malon, Mark, Kaylee and Jennifer: who stands beside a given name is a person as well
    re.compile(r"([^\W\d_]{2,30})(?:,| and| or| &) $"),
    re.compile(r"(?:,| and| or|, and| &) ([^\W\d_]{2,30})"),
)
_BEFORE_A_PERSON = re.compile(
    r"(?:(?:\b[Mm][Rr][Ss]?|\b[Mm][Ss]|\b[Dd][Rr])\.?|\b[Bb]y|\bspoke (?:to|with)|\btalked to|\btold|\basked) $"
)
_AFTER_LABEL = re.compile(r"(?i:technician|operator|fitter|supervisor|contractor|reporter|name|attn): ?$")
_LOOK_BACK = 16  # code points before a guess that may hold such a word
_OPENS_WITH_CODE = re.compile(r"[\s(\[#-]{0,3}(\S{1,30})\s[\s-]{0,3}")
_SPEAKS_AS_PERSON = re.compile(
    r"['’]?s?\s(?:to|says?|said|will|wants?|reported|asked|called|checked|noted|advised|is|was|has)\b"
)


class Vocabulary:
    """The words that a company's own text uses as ordinary words."""

    def __init__(self, words: frozenset[str], shouted: frozenset[str] = frozenset()) -> None:
        """Take the words, in small letters; `shouted` ones are judged only where capitals tell nothing."""
        self.words = words
        self.shouted = shouted

    def is_technical(self, token: str) -> bool:
        """Say whether a token of text is a code, a fragment or a word of the vocabulary."""
        return _is_technical(token, (self.words, TRADE_WORDS))

    def protect(self, text: str, start: int, end: int, strength: Strength) -> Spans:
        """Return what remains of a guess in folded text; a rule's is never cut."""
        if strength == "rule":
            return [(start, end)]
        left = self.unprotected(text, start, end)
        return [span for span in left if strength == "cue" or not is_weak(text, *span)]

    def unprotected(self, text: str, start: int, end: int) -> Spans:
        """Return what remains of a guess in folded text after technical tokens have been taken out of it.

        What remains of a token run counts only when it is written like a name. Where capitals tell names, several
        words are judged as one: Gas goes, British Gas stays.
        """
        tells = case_tells_at(text, start, end)
        known = (self.words, TRADE_WORDS) if tells else (self.words, TRADE_WORDS, self.shouted)
        person = _clearly_person(text, start, end, tells=tells)
        runs: list[list[tuple[re.Match[str], bool]]] = [[]]  # tokens, and whether each is a word that is no name
        for match in TOKEN.finditer(text, start, end):
            if runs[-1] and (_PARTICLE.fullmatch(match[0]) or _SUFFIX.fullmatch(match[0])):
                runs[-1].extend([(match, True)] if _SUFFIX.fullmatch(match[0]) else [])
                continue
            first, last = whole_token(text, *match.span())
            token = text[first:last]
            is_word = match.span() not in person and _is_technical(token, known)
            if (
                _is_technical(token, ())
                or is_key(text, last)
                or (is_word and not tells)
                or not (_NAME_LIKE.fullmatch(match[0]) or match.span() in person)
            ):
                runs.append([])
            else:
                runs[-1].append((match, is_word))
        return [(run[0][0].start(), run[-1][0].end()) for run in runs if not all(is_word for _, is_word in run)]


def _is_technical(token: str, known: tuple[frozenset[str], ...]) -> bool:
    if _INITIAL.fullmatch(token):
        return False
    if is_code(token):
        return True
    if is_short_name(_without_ending(token)):
        return any(token[:2].casefold() in words for words in known)
    pieces: list[str] = _PIECE.findall(token.casefold())
    return all(
        (len(piece) < MIN_ABBREVIATION and piece.isascii()) or any(piece in words for words in known)
        for piece in pieces
    )


def is_weak(text: str, start: int, end: int) -> bool:
    """Say whether a guess is one word that is short, looks like an acronym, or stands where capitals tell nothing.

    Of several words in capitals, in a clause of capitals, one must be a given name: RELACE DOG BONE is none.
    """
    guess = text[start:end]
    words = guess.split()
    if len(words) > 1 and guess.isascii() and guess.isupper() and not case_tells_at(text, start, end):
        return not any(is_given_name(_without_ending(word)) for word in words)
    if len(words) != 1 or not guess.isascii():
        return False
    if is_short_name(_without_ending(guess)):
        return True
    if is_given_name(_without_ending(guess)) or _is_listed(text, start, end):
        return False
    if _TITLE.search(text, max(0, start - _LOOK_BACK), start):
        return False
    if not case_tells_at(text, start, end) or (guess.isupper() and len(guess) <= MAX_ACRONYM):
        return True
    return _opens_after_code(text, start, end)


def _opens_after_code(text: str, start: int, end: int) -> bool:
    """QR0218 Hidraulic oil in diff: the first word after a tag has a capital because it is the first."""
    opening = _OPENS_WITH_CODE.match(text)
    is_first = opening is not None and opening.end() == start and is_code(opening[1])
    return is_first and not _SPEAKS_AS_PERSON.match(text, end)


def _clearly_person(text: str, start: int, end: int, *, tells: bool) -> set[tuple[int, int]]:
    """Return the tokens that a word beside them marks as a person's: a given name, a title, a verb of speaking."""
    tokens = [match.span() for match in TOKEN.finditer(text, start, end)]
    marked = {token for token in tokens if is_given_name(text[slice(*token)])}
    for first, second in itertools.pairwise(tokens):
        if first in marked and _may_be_surname(text, *first, *second):
            marked.add(second)
    if len(tokens) == 1 and (_TITLE.search(text, max(0, start - _LOOK_BACK), start) or _is_listed(text, start, end)):
        marked.update(token for token in tokens if _may_be_surname(text, start, start, *token))
    around = max(0, start - _LOOK_BACK)
    if _AFTER_LABEL.search(text, around, start):
        marked.update(token for token in tokens if _may_be_name(text[slice(*token)]))
    elif tells and tokens and _BEFORE_A_PERSON.search(text, around, start):
        marked.update(token for token in tokens[:1] if _may_be_name(text[slice(*token)]))
    return marked


def _may_be_surname(text: str, start: int, end: int, first: int, last: int) -> bool:
    """Say whether a word behind a given name is written as that is, or with a capital: rebecca lafontaine."""
    word = text[first:last]
    if _CAPITALISED.fullmatch(word):
        return True
    return text[start : start + 1].islower() and _WORD.fullmatch(word) is not None and word not in TRADE_WORDS


def _is_listed(text: str, start: int, end: int) -> bool:
    """Say whether a given name stands beside a place in an enumeration."""
    before, behind = _BESIDE_IN_A_LIST
    found = (before.search(text, max(0, start - 40), start), behind.match(text, end))
    return any(match is not None and is_given_name(match[1]) for match in found)


def _may_be_name(word: str) -> bool:
    is_capitalised = _CAPITALISED.fullmatch(word) is not None and not word.isupper()
    return is_capitalised and word.casefold() not in TRADE_WORDS


def _without_ending(token: str) -> str:
    return _ENDING.sub("", token, count=1)
