"""Numbers of persons in Japanese text, as one recognizer.

Covers: numbers of authorities, insurers and banks (japanese_official), telephone numbers (japanese_phones), numbers
beside a label and number plates (japanese_ids). Text must be folded first: full-width digits are plain then.
Does not cover: numbers written in kanji; numbers whose label stands in another cell or record.
"""

from collections.abc import Iterator, Sequence

from anonymize.recognizers.guesses import Guess
from anonymize.recognizers.japanese_ids import labelled_ids
from anonymize.recognizers.japanese_labels import best
from anonymize.recognizers.japanese_official import official_numbers
from anonymize.recognizers.japanese_phones import phone_numbers


class JapaneseNumbers:
    """Official, telephone, account, employee and personal numbers, and number plates."""

    name = "japanese-numbers"

    def find(self, texts: Sequence[str]) -> list[list[Guess]]:
        """Return the guesses for each text."""
        return [best(_all(text)) for text in texts]


def _all(text: str) -> Iterator[Guess]:
    if not any(char.isdigit() for char in text):
        return
    yield from official_numbers(text)
    yield from phone_numbers(text)
    yield from labelled_ids(text)
