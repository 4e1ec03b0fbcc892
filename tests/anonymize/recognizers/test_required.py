from functools import cache

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from anonymize.recognizers.loading import import_without_torch
from anonymize.recognizers.required import Required, content_of, required

patterns = import_without_torch("anonymize.recognizers.presidio_patterns")


@cache
def every_pattern() -> list[tuple[regex.Pattern[str], Required]]:
    """Return Presidio's patterns, and what is read off each."""
    return [
        (regex.compile(pattern.regex, patterns.PRESIDIO_FLAGS), required(pattern.regex))
        for recognizer in patterns.of_kinds([kind for kind in patterns.known_kinds() if kind != "URL"])
        for pattern in getattr(recognizer, "patterns", [])
    ]


@pytest.mark.parametrize(
    ("pattern", "demand"),
    [
        (r"\b[0-9]{8,17}\b", Required(8)),
        (r"\d{3}[- ]\d{4}", Required(7, frozenset("- "))),
        (r"[^@]+@\w+(?:\.\w+)+", Required(0, frozenset("@"))),
        (r"(?:\d{2}:\d{2}|\d{3}/\d)", Required(4, frozenset(":/"))),
        (r"(?:a:)?x", Required()),
        (r"(?=.*@)x", Required()),
        (r"[\s\S]{3}", Required()),
        (r"(((", Required()),
        (r"私の番号[0-9]{4}", Required(4)),
    ],
)
def test_what_every_match_must_contain_is_read_off_the_pattern(pattern: str, demand: Required) -> None:
    assert required(pattern) == demand


def test_full_width_and_other_digits_count_as_digits() -> None:
    assert content_of("番号１２३4").digits == 4


PIECES = st.sampled_from(
    [
        *"0123456789",
        "12",
        "1234",
        "A",
        "Kz",
        "-",
        ".",
        ":",
        "/",
        " ",
        "@",
        "x",
        "ab12",
        "٣",
        "DE89",
        "番号",
        "JAN",
        "::",
    ]
)


@settings(max_examples=150)
@given(st.lists(PIECES, max_size=30).map("".join))
def test_no_pattern_of_presidio_matches_a_text_that_lacks_what_it_requires(text: str) -> None:
    content = content_of(text)
    skipped = [pattern for pattern, demand in every_pattern() if not demand.may_match(content)]
    assert all(pattern.search(text) is None for pattern in skipped)


def test_most_patterns_demand_something() -> None:
    assert sum(demand != Required() for _, demand in every_pattern()) > 0.8 * len(every_pattern())
