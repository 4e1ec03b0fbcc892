"""The only file that imports presidio: its recognizers, made to fail closed and to read Japanese.

Presidio's AnalyzerEngine is left out: it logs a pattern's time-out and goes on without it (here a time-out raises),
writes the text of a failed check into the log, and reads one text at a time. The recognizers, their validation and
context words are presidio's own; where flags, threshold and context are set as there, the findings are the same.

Covers: any predefined pattern recognizer, by the kind that it finds.
Does not cover: recognizers that ask a service or load a network. Left out unless asked for, since they destroy factory
text: US_DRIVER_LICENSE and US_BANK_NUMBER (error codes match them), URL (quadratic on dotted leaders: give it windows
of a few thousand characters) and e-mail (drops in-house hosts).
Source: presidio-analyzer 2.2.366.
"""

import inspect
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import phonenumbers
import presidio_analyzer.predefined_recognizers as predefined
import regex  # type: ignore[import-untyped]  # ships no types
import tldextract
from presidio_analyzer import EntityRecognizer, Pattern, PatternRecognizer
from presidio_analyzer.context_aware_enhancers import LemmaContextAwareEnhancer

from anonymize.errors import DetectionError
from anonymize.recognizers.context_words import ContextReader, supports
from anonymize.recognizers.guesses import Guess
from anonymize.recognizers.required import Content, content_of, required

DEFAULT_KINDS = ("CREDIT_CARD", "IBAN_CODE", "IP_ADDRESS", "MAC_ADDRESS", "PHONE_NUMBER")
PHONE_REGIONS = ("JP", "US", "GB", "AU")
PATTERN_SECONDS = 2.0  # a factory's record takes under a millisecond
PRESIDIO_FLAGS = regex.DOTALL | regex.MULTILINE | regex.IGNORECASE
# ASCII: without it kana and kanji are letters to \b, and a value glued to Japanese text is not found
FLAGS = PRESIDIO_FLAGS | regex.ASCII
_MIN_PHONE_DIGITS = 5  # a country code of one digit, and the shortest national numbers of the world have four
_IDD_DIGITS = 2  # 00: a number that begins so has a country code as well
_PHONE_RUN = regex.compile(r"\d(?:[\W_xXー]{0,4}\d)*")  # what phonenumbers takes for one number, or more
_Span = tuple[int, int, float]  # start, end, score


class BoundedPattern:
    """A compiled pattern that raises where presidio would skip it after a time-out."""

    def __init__(self, name: str, pattern: str, seconds: float, flags: int = FLAGS) -> None:
        self._name = name
        self._compiled = regex.compile(pattern, flags=flags)
        self._seconds = seconds

    def finditer(self, text: str, timeout: float | None = None) -> Iterator[Any]:
        """Yield the matches; presidio's own `timeout` is not used.

        Raises:
            DetectionError: the pattern took longer than its limit.
        """
        del timeout
        try:
            yield from self._compiled.finditer(text, timeout=self._seconds)
        except TimeoutError as error:
            raise DetectionError(f"pattern {self._name!r} took more than {self._seconds:g} s") from error


class OfflineEmail(predefined.EmailRecognizer):  # type: ignore[misc]
    """Presidio's e-mail recognizer; it knows the public suffixes that were shipped and asks nobody for newer ones."""

    _suffixes = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)

    def validate_result(self, pattern_text: str) -> bool:
        """Say whether the host ends in a public suffix."""
        return bool(self._suffixes(pattern_text).fqdn)


class _Match(NamedTuple):
    start: int
    end: int
    score: float
    recognizer: Any


class PresidioPatterns:
    """Presidio's recognizers for numbers and addresses, as one recognizer."""

    name = "presidio"

    def __init__(
        self,
        recognizers: Sequence[EntityRecognizer] | None = None,  # None: those of DEFAULT_KINDS
        *,
        context: ContextReader | None = None,
        seconds: float = PATTERN_SECONDS,
        flags: int = FLAGS,
    ) -> None:
        """Run these recognizers; without a context reader a match keeps the score of its pattern."""
        logging.getLogger("presidio-analyzer").setLevel(logging.CRITICAL)  # it logs the text of a failed check
        chosen = of_kinds(DEFAULT_KINDS) if recognizers is None else recognizers
        self._finders = [(recognizer, _finder(recognizer, seconds, flags)) for recognizer in chosen]
        self._context = context
        self._boost = LemmaContextAwareEnhancer()

    def find(self, texts: Sequence[str]) -> list[list[Guess]]:
        """Return the guesses for each text.

        Raises:
            DetectionError: a pattern took too long.
        """
        found = [self._matches(text) for text in texts]
        weak = [
            (number, match.start)
            for number, matches in enumerate(found)
            for match in matches
            if match.score < 1 and match.recognizer.context
        ]
        words: dict[tuple[int, int], list[str]] = {}
        if weak and self._context:  # otherwise there is nothing to gain, and a model is not asked
            weak = list(dict.fromkeys(weak))
            words = dict(zip(weak, self._context.before(texts, weak), strict=True))
        return [
            [self._guess(match, words.get((number, match.start), ())) for match in matches]
            for number, matches in enumerate(found)
        ]

    def _matches(self, text: str) -> list[_Match]:
        content = content_of(text)
        return [_Match(*span, recognizer) for recognizer, finder in self._finders for span in finder(text, content)]

    def _guess(self, match: _Match, words: Sequence[str]) -> Guess:
        score, recognizer = match.score, match.recognizer
        if score < 1 and recognizer.context and supports(words, recognizer.context):
            score = self._boosted(score)
        return Guess(match.start, match.end, recognizer.supported_entities[0], score, recognizer.name)

    def _boosted(self, score: float) -> float:
        higher = max(score + self._boost.context_similarity_factor, self._boost.min_score_with_context_similarity)
        return float(min(higher, 1.0))


def of_kinds(kinds: Sequence[str], phone_regions: Sequence[str] = PHONE_REGIONS) -> list[EntityRecognizer]:
    """Return presidio's recognizers for these kinds ("UK_NHS").

    Raises:
        DetectionError: there is none for one of the kinds.
    """
    classes = _classes()
    unknown = sorted(set(kinds) - classes.keys())
    if unknown:
        raise DetectionError(f"presidio has no patterns for {', '.join(unknown)}")
    return [
        found(supported_regions=phone_regions, leniency=1) if found is predefined.PhoneRecognizer else found()
        for kind in dict.fromkeys(kinds)
        for found in classes[kind]
    ]


def known_kinds() -> tuple[str, ...]:
    """Return the kinds that presidio has patterns for."""
    return tuple(sorted(_classes()))


def _classes() -> Mapping[str, list[Any]]:
    """Kind → classes; the kind is the default of the class's own argument."""
    found: dict[str, list[Any]] = {}
    for _, member in inspect.getmembers(predefined, inspect.isclass):
        if issubclass(member, PatternRecognizer | predefined.PhoneRecognizer):
            kind = inspect.signature(member).parameters["supported_entity"].default
            found.setdefault(kind, []).append(OfflineEmail if member is predefined.EmailRecognizer else member)
    return found


_Finder = Callable[[str, Content], list[_Span]]


def _finder(recognizer: EntityRecognizer, seconds: float, flags: int) -> _Finder:
    if type(recognizer) is predefined.PhoneRecognizer:
        return _phone_finder(recognizer)
    if not isinstance(recognizer, PatternRecognizer):
        return lambda text, _: [(found.start, found.end, found.score) for found in recognizer.analyze(text, [])]
    patterns = [
        (pattern, BoundedPattern(pattern.name, pattern.regex, seconds, flags), required(pattern.regex))
        for pattern in recognizer.patterns
    ]
    matches = _iban_matches if isinstance(recognizer, predefined.IbanRecognizer) else _matches
    return lambda text, content: without_contained(
        [
            span
            for pattern, bounded, demand in patterns
            if demand.may_match(content)
            for span in matches(recognizer, pattern, bounded.finditer(text), text)
        ]
    )


def _matches(recognizer: PatternRecognizer, pattern: Pattern, found: Iterator[Any], text: str) -> Iterator[_Span]:
    """Validate as PatternRecognizer.analyze does."""
    for match in found:
        start, end = match.span()
        if start < end:
            score = _validated(recognizer, text[start:end], pattern.score)
            if score > 0:
                yield start, end, score


def _iban_matches(recognizer: PatternRecognizer, pattern: Pattern, found: Iterator[Any], text: str) -> Iterator[_Span]:
    """Try the longest reading first, as IbanRecognizer.analyze does, whose own time-out goes on without the pattern."""
    for match in found:
        start = match.start()
        for group in reversed(range(1, len(match.groups()) + 1)):
            end = match.end(group) if match.end(group) > 0 else match.end()
            score = _validated(recognizer, text[start:end], pattern.score)
            if score > 0:
                yield start, end, score
                break


def _validated(recognizer: PatternRecognizer, value: str, score: float) -> float:
    is_valid = recognizer.validate_result(value)
    if recognizer.invalidate_result(value):
        return 0.0
    return score if is_valid is None else float(is_valid)


def _phone_finder(recognizer: Any) -> _Finder:
    floors = {region: _fewest_digits(region) for region in recognizer.supported_regions}
    fewest = min(_MIN_PHONE_DIGITS, *floors.values())

    def find(text: str, content: Content) -> list[_Span]:
        if content.digits < fewest:
            return []
        digits = max((sum(map(str.isdecimal, run)) for run in _PHONE_RUN.findall(text)), default=content.digits)
        is_international = not content.characters.isdisjoint("+＋")
        spans: list[_Span] = []
        for region, floor in floors.items():
            if digits >= (min(floor, _MIN_PHONE_DIGITS) if is_international else floor):
                matcher = phonenumbers.PhoneNumberMatcher(text, region, leniency=recognizer.leniency)
                spans.extend((match.start, match.end, recognizer.SCORE) for match in matcher)
        return without_contained(spans)

    return find


def _fewest_digits(region: str) -> int:
    """Return how many digits a number needs that is written for this region, without a plus sign."""
    metadata = phonenumbers.PhoneMetadata.metadata_for_region(region)
    lengths = metadata.general_desc.possible_length if metadata and metadata.general_desc else ()
    national = min(lengths, default=0)
    return min(national, _IDD_DIGITS + _MIN_PHONE_DIGITS)


def without_contained(spans: list[_Span]) -> list[_Span]:
    """Drop a span inside of another that scores as high, as EntityRecognizer.remove_duplicates does."""
    if len(spans) < 2:
        return spans
    kept: list[_Span] = []
    open_ones: list[_Span] = []
    for span in sorted(set(spans), key=lambda span: (span[0], -span[1], -span[2])):
        open_ones = [other for other in open_ones if other[1] >= span[0]]
        if not any(other[1] >= span[1] and span[2] <= other[2] for other in open_ones):
            kept.append(span)
            open_ones.append(span)
    return kept
