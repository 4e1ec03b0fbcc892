import subprocess
import sys

import pytest

from anonymize.errors import DetectionError
from anonymize.recognizers.guesses import Recognizer
from anonymize.recognizers.loading import import_without_torch

SLOW = r"(?:a|aa|aaa)+b"
SLOW_TEXT = "a" * 60


@pytest.fixture(scope="module")
def patterns() -> Recognizer:
    return import_without_torch("anonymize.recognizers.presidio_patterns").PresidioPatterns()


def found(patterns: Recognizer, text: str) -> list[tuple[str, str]]:
    return [(guess.kind, text[guess.start : guess.end]) for guess in patterns.find([text])[0]]


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("カード4111111111111111を使用", "CREDIT_CARD", "4111111111111111"),
        ("口座DE89370400440532013000へ", "IBAN_CODE", "DE89370400440532013000"),
        ("装置は192.168.10.21です", "IP_ADDRESS", "192.168.10.21"),
        ("PLC at 10.0.0.5.", "IP_ADDRESS", "10.0.0.5"),
        ("MACは00:1B:44:11:3A:B7です", "MAC_ADDRESS", "00:1B:44:11:3A:B7"),
        ("call (03) 9999 1234", "PHONE_NUMBER", "(03) 9999 1234"),
        ("call +44 20 7946 0123", "PHONE_NUMBER", "+44 20 7946 0123"),
    ],
)
def test_values_glued_to_japanese_are_found_like_english_ones(
    patterns: Recognizer, text: str, kind: str, value: str
) -> None:
    assert (kind, value) in found(patterns, text)


@pytest.mark.parametrize("text", ["E487 at P-922", "PH639 POS 7 L/H 1000H", "card 4111111111111112", "A1 B43 V-645"])
def test_error_codes_tags_and_wrong_check_digits_are_left_alone(patterns: Recognizer, text: str) -> None:
    assert found(patterns, text) == []


def test_a_pattern_that_takes_too_long_raises_instead_of_being_skipped() -> None:
    pattern = import_without_torch("anonymize.recognizers.presidio_patterns").BoundedPattern("slow", SLOW, seconds=0.02)
    with pytest.raises(DetectionError, match="pattern 'slow' took more"):
        list(pattern.finditer(SLOW_TEXT))


def test_presidio_passes_the_time_out_on() -> None:
    analyzer = import_without_torch("anonymize.recognizers.presidio_patterns")
    slow = analyzer.PatternRecognizer("PERSON", patterns=[type(analyzer.IpRecognizer.PATTERNS[0])("slow", SLOW, 0.5)])
    with pytest.raises(DetectionError):
        analyzer.PresidioPatterns([slow], seconds=0.02).find([SLOW_TEXT])


def test_the_library_can_be_imported_without_presidio_and_spacy() -> None:
    code = (
        "import sys, anonymize.proof.leaks, anonymize.proof.report; "
        "sys.exit(len({'presidio_analyzer', 'spacy'} & {*sys.modules}))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0
