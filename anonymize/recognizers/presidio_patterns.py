"""The only file that imports presidio: its recognizers, made to fail closed and to read Japanese.

Left out, since they destroy factory text: US_DRIVER_LICENSE and US_BANK_NUMBER (error codes match them), presidio's
URL patterns (quadratic on dotted leaders) and its e-mail validation (drops in-house hosts, and asks the network for
public suffixes).

Presidio's AnalyzerEngine is left out as well: it logs a pattern's time-out and goes on without it. Here a time-out
raises. Source of the recognizers: presidio-analyzer 2.2.366.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import regex  # type: ignore[import-untyped]  # ships no types
from presidio_analyzer import EntityRecognizer, PatternRecognizer
from presidio_analyzer.predefined_recognizers import (
    CreditCardRecognizer,
    IbanRecognizer,
    IpRecognizer,
    MacAddressRecognizer,
    PhoneRecognizer,
)
from presidio_analyzer.recognizer_registry import RecognizerRegistry

from anonymize.errors import DetectionError
from anonymize.recognizers.guesses import Guess

PHONE_REGIONS = ("JP", "US", "GB", "AU")
MIN_PHONE_DIGITS = 7  # what the shortest number of these regions has; spares the matcher most lines
PATTERN_SECONDS = 2.0  # a factory's record takes under a millisecond
# ASCII: without it kana and kanji are letters to \b, and a value glued to Japanese text is not found
_FLAGS = regex.DOTALL | regex.MULTILINE | regex.IGNORECASE | regex.ASCII


class BoundedPattern:
    """A compiled pattern that raises where presidio would skip it after a time-out."""

    def __init__(self, name: str, pattern: str, seconds: float) -> None:
        self._name = name
        self._compiled = regex.compile(pattern, flags=_FLAGS)
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


class PresidioPatterns:
    """Presidio's recognizers for numbers, as one recognizer."""

    name = "presidio"

    def __init__(self, extra: Sequence[PatternRecognizer] = (), *, seconds: float = PATTERN_SECONDS) -> None:
        phone = PhoneRecognizer(supported_regions=PHONE_REGIONS, leniency=1)
        patterns = [CreditCardRecognizer(), IbanRecognizer(), IpRecognizer(), MacAddressRecognizer(), *extra]
        for recognizer in patterns:
            _bound(recognizer, seconds)
        self._registry = RecognizerRegistry(recognizers=[phone, *patterns])

    def find(self, texts: Sequence[str]) -> list[list[Guess]]:
        """Return the guesses for each text.

        Raises:
            DetectionError: a pattern took too long.
        """
        return [list(self._find(text)) for text in texts]

    def _find(self, text: str) -> Iterator[Guess]:
        digits = sum(char.isdigit() for char in text)
        for recognizer in self._registry.recognizers:
            if isinstance(recognizer, PhoneRecognizer) and digits < MIN_PHONE_DIGITS:
                continue
            yield from _presidio_guesses(recognizer, text)


def _bound(recognizer: PatternRecognizer, seconds: float) -> None:
    recognizer.global_regex_flags = _FLAGS
    for pattern in recognizer.patterns:
        pattern.compiled_regex = BoundedPattern(pattern.name, pattern.regex, seconds)
        pattern.compiled_with_flags = _FLAGS


def _presidio_guesses(recognizer: EntityRecognizer, text: str) -> Iterator[Guess]:
    for result in recognizer.analyze(text, recognizer.supported_entities, None):
        yield Guess(result.start, result.end, result.entity_type, result.score, recognizer.name)
