"""Known values in Latin script: whole words, and the other ways to write a person's name.

Covers: case, accents, punctuation between words, possessive and plural; for a name of two or more words: reversed order
(Smith, John), initials (J. Smith, John S.), file names, paths and user names (JohnSmith, jsmith@, smith_j); names known
in kanji or kana in their transcription (Yamada Taro, T. Yamada; Yamada alone beside a title or -san).
Does not cover: nicknames, mistyped names, a surname alone that is known from a transcription only and bears no title.
A single word that is a guess counts where it has a capital, and only in a text where capitals tell names.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property

from anonymize.matching.known_values import HONORIFIC, MIN_LATIN, PERSON, Match, without_accents
from anonymize.matching.name_readings import latin_key

TITLES = frozenset(["mr", "mrs", "ms", "miss", "dr", "prof"])
MAX_NAME_WORDS = 4  # a longer one is a list of names or no name
MAX_GAP = 3  # characters between the words of a value
MIN_SPLIT = 5  # letters of a user name that is taken apart: jlee is a word of many tongues

_WORD = re.compile(r"[^\W_々〆ぁ-ゖァ-ヺー一-鿿]+")
_AFTER_SURNAME = re.compile(rf"(?i:[- ]?(?:san|sama|kun)(?![a-z]))|[ ]?(?:{HONORIFIC})")
_WORDS_OF_A_LETTER = frozenset("AI")  # LANDED IN A FIELD
_TAG_SIGNS = frozenset("/-#&")  # PIPE R/H
_IN_PATH = frozenset("@/\\_.")
_CAMEL = re.compile(r"[A-Z][a-z]+[A-Z][a-z]+")
_LATIN_WORD = re.compile(r"[A-Za-z]{2,}")


def words_of(text: str) -> tuple[str, ...]:
    """Return the Latin words of folded text without accents, in small letters."""
    return tuple(without_accents(match[0].casefold()) for match in _WORD.finditer(text))


class LatinValues:
    """Known values in Latin script, and the places where they stand."""

    def __init__(self) -> None:
        self._values: dict[tuple[str, ...], str] = {}
        self._lengths: defaultdict[str, tuple[int, ...]] = defaultdict(tuple)  # first word -> lengths, longest first
        self._guesses: dict[str, str] = {}  # single words that count only where they are written as a name
        self._pairs: dict[tuple[str, str], str] = {}  # surname and given name, in the order of the alphabet
        self._initials: dict[tuple[str, str], str] = {}  # one name in full, the initial of the other
        self._surnames: set[str] = set()  # transcribed: only beside a title
        self._short_names: set[str] = set()
        self._has_transcriptions = False

    def __bool__(self) -> bool:
        return bool(self._values or self._guesses or self._pairs or self._surnames or self._short_names)

    def add(self, words: tuple[str, ...], kind: str) -> None:
        """Look for these words in a row."""
        self._values.setdefault(words, kind)
        if len(words) not in self._lengths[words[0]]:
            self._lengths[words[0]] = tuple(sorted({*self._lengths[words[0]], len(words)}, reverse=True))

    def add_person(self, words: tuple[str, ...], *, is_certain: bool) -> None:
        """Look for a person's name in all its forms."""
        if words[0] in TITLES and len(words) > 1:
            words = words[1:]
            is_certain = is_certain and len(words) > 1
        if len(words) == 1:
            if is_certain:
                self.add(words, PERSON)
            elif len(words[0]) >= MIN_LATIN:
                self._guesses.setdefault(words[0], PERSON)
            return
        has_initial = min(map(len, words)) == 1 and all(word.isalpha() for word in words)
        if len(words) > 2 or not has_initial:  # J. Smith is looked for with its capitals
            self.add(words, PERSON)
        if len(words) <= MAX_NAME_WORDS:
            self._add_pair(words[0], words[-1])

    def add_short_name(self, name: str) -> None:
        """Look for a name of two letters where it is written just so: Xu."""
        self._short_names.add(name)

    def add_transcription(self, surname: str, given: str) -> None:
        """Look for a Japanese name by the Latin keys of its parts."""
        self._has_transcriptions = True
        self._surnames.add(surname)
        self._add_pair(surname, given)

    def add_transcribed_surname(self, surname: str) -> None:
        """Look for a Japanese surname by its Latin key, beside a title or an honorific."""
        self._has_transcriptions = True
        self._surnames.add(surname)

    def _add_pair(self, first: str, last: str) -> None:
        if len(first) > 1 and len(last) > 1:
            self._pairs.setdefault(_in_order(first, last), PERSON)
        for name, other in ((first, last), (last, first)):
            if len(name) >= MIN_LATIN:
                self._initials.setdefault((name, other[0]), PERSON)

    def matches(self, text: str) -> Iterator[Match]:
        """Yield the places of known values in folded text, the longest at each place."""
        reading = _Words(text)
        for at in range(len(reading.words)):
            end = self._row_end(reading, at)
            if end is None:
                end = self._person_end(reading, at)
            if end:
                kind = self._values.get(tuple(reading.words[at:end]), PERSON)
                yield Match(reading.places[at].start(), reading.places[end - 1].end(), kind)

    def _row_end(self, reading: "_Words", at: int) -> int | None:
        for length in self._lengths.get(reading.words[at], ()):
            end = at + length
            if end <= len(reading.words) and tuple(reading.words[at:end]) in self._values and reading.is_row(at, end):
                return None if length == 1 and self._is_pair(reading, at) else end
        return None

    def _person_end(self, reading: "_Words", at: int) -> int | None:
        if self._is_pair(reading, at):
            return at + 2
        if (reading.words[at],) in self._values or self._is_single(reading, at) or self._is_glued(reading, at):
            return at + 1
        return None

    def _is_pair(self, reading: "_Words", at: int) -> bool:
        if not self._are_names(reading, at):
            return False
        # J. Smith, J. Smith: Smith, J in the middle is no third place
        belongs_to_next = len(reading.words[at + 1]) == 1 and "," in reading.gap(at) and "," not in reading.gap(at + 1)
        return not (belongs_to_next and self._are_names(reading, at + 1))

    def _are_names(self, reading: "_Words", at: int) -> bool:
        if not (self._pairs or self._initials) or not reading.is_row(at, at + 2):
            return False
        first, second = reading.words[at : at + 2]
        if self._is_known_pair(_name_of(first), _name_of(second), reading, at):
            return True
        return self._has_transcriptions and self._is_known_pair(latin_key(first), latin_key(second), reading, at)

    def _is_known_pair(self, first: str, second: str, reading: "_Words", at: int) -> bool:
        if len(first) > 1 and len(second) > 1:
            return _in_order(first, second) in self._pairs
        if (first, second) not in self._initials and (second, first) not in self._initials:
            return False
        return reading.is_written_with_initial(at)

    def _is_single(self, reading: "_Words", at: int) -> bool:
        word, written = reading.words[at], reading.written(at)
        if without_accents(written) in self._short_names:
            return True
        if word in self._guesses and written[0].isupper() and reading.capitals_tell:
            return True
        if self._has_transcriptions and latin_key(word) in self._surnames and reading.has_title(at):
            return True
        return word[-1] == "s" and written[0].isupper() and (word[:-1],) in self._values and len(word) > MIN_LATIN + 1

    def _is_glued(self, reading: "_Words", at: int) -> bool:
        """JohnSmith, jsmith@, smithj2@: two names, or a name and an initial, written as one word."""
        word = _name_of(reading.words[at])
        if len(word) < MIN_SPLIT or not (self._pairs or self._initials) or not reading.is_user_name(at):
            return False
        keys = (word, latin_key(word)) if self._has_transcriptions else (word,)
        if reading.is_account(at) and any(self._is_name_with_initial(key) for key in keys):
            return True
        return any(_in_order(key[:cut], key[cut:]) in self._pairs for key in keys for cut in range(2, len(key) - 1))

    def _is_name_with_initial(self, word: str) -> bool:
        return (word[1:], word[0]) in self._initials or (word[:-1], word[-1]) in self._initials


class _Words:
    """The words of one text, as they are written and as they are compared."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.places = list(_WORD.finditer(text))
        self.words = [without_accents(place[0].casefold()) for place in self.places]

    def written(self, at: int) -> str:
        """Return the word as it stands in the text."""
        return self.places[at][0]

    def gap(self, at: int) -> str:
        """Return what stands between a word and the next one; nothing after the last one."""
        following = self.places[at + 1].start() if at + 1 < len(self.places) else self.places[at].end()
        return self.text[self.places[at].end() : following]

    def is_row(self, start: int, end: int) -> bool:
        """A value's words follow each other: no line of text lies between them."""
        return end <= len(self.places) and all(
            self.places[at + 1].start() - self.places[at].end() <= MAX_GAP for at in range(start, end - 1)
        )

    def is_written_with_initial(self, at: int) -> bool:
        """J. Smith and John S., but neither John's nor john s; in a user name small letters are usual."""
        first, second = self.places[at], self.places[at + 1]
        gap = self.gap(at)
        if gap in {"_", "."} and self.text[second.end() : second.end() + 1] in {"@", "_"}:
            return True
        if "'" in gap or "’" in gap or not (first[0][0].isupper() and second[0][0].isupper()):
            return False
        initial = first if len(first[0]) == 1 else second
        after = self.text[initial.end() : initial.end() + 1]
        return after == "." or (after not in _TAG_SIGNS and initial[0] not in _WORDS_OF_A_LETTER)

    def has_title(self, at: int) -> bool:
        """Mr. Yamada, Yamada-san, Yamadaさん."""
        end = self.places[at].end()
        before = self.words[at - 1] if at and self.is_row(at - 1, at + 1) else ""
        return before in TITLES or _AFTER_SURNAME.match(self.text, end) is not None

    def is_user_name(self, at: int) -> bool:
        """Say whether the word stands in a path, a file name or an address, or is written YamadaTaro."""
        start, end = self.places[at].span()
        beside = {self.text[max(0, start - 1) : start], self.text[end : end + 1]}
        return not beside.isdisjoint(_IN_PATH) or _CAMEL.match(self.places[at][0]) is not None

    def is_account(self, at: int) -> bool:
        """Say whether the word stands before an @, or begins a part of a path: brush_2 is no B. Rush."""
        start, end = self.places[at].span()
        return self.text[end : end + 1] == "@" or self.text[max(0, start - 1) : start] in {"@", "/", "\\"}

    @cached_property
    def capitals_tell(self) -> bool:
        """Half of the Latin words or more begin with a small letter."""
        words: list[str] = _LATIN_WORD.findall(self.text)
        return len(words) == 1 or 2 * sum(word[0].islower() for word in words) >= len(words)


def _in_order(first: str, second: str) -> tuple[str, str]:
    return (first, second) if first < second else (second, first)


def _name_of(word: str) -> str:
    """A number at the end of a user name or file name is no part of the name: smith2."""
    return word if word.isalpha() else word.rstrip("0123456789") or word
