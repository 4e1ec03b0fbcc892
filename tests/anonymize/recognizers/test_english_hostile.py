"""No rule for English text takes longer than in proportion to the text."""

import time

import pytest

from anonymize.recognizers.english import EnglishRules
from anonymize.recognizers.english_addresses import EnglishAddresses
from anonymize.recognizers.english_dates import EnglishDates
from anonymize.recognizers.english_numbers import EnglishNumbers
from anonymize.recognizers.english_quasi import EnglishQuasi
from anonymize.recognizers.guesses import Recognizer
from anonymize.recognizers.secrets import Secrets

LENGTH = 10_000  # code points
PIECES = (
    "Aa", "A ", "a.", "0", "0-", "(0) ", "+1", "1 A", "Mr A", "電", "password=", "eyJa.", "\\\\a\\", "a-", "1 Street ",
    "a:", "EUR 1,000 ", "the a ", "-----BEGIN PRIVATE KEY-----", "address 1 a", " \n", "born ", "12345 ", "Ltd. ",
)  # fmt: skip


@pytest.mark.parametrize(
    "rules",
    [EnglishRules(), EnglishAddresses(), EnglishDates(), EnglishNumbers(), EnglishQuasi(), Secrets()],
    ids=lambda rules: rules.name,
)
def test_hostile_text_takes_no_longer_than_its_length(rules: Recognizer) -> None:
    start = time.process_time()
    rules.find([piece * (LENGTH // len(piece)) for piece in PIECES])
    assert time.process_time() - start < 3  # seconds for 24 texts; a quadratic rule takes minutes
