import re
from collections.abc import Iterator, Sequence

import pytest

from anonymize.detection.assembling import Assembly
from anonymize.detection.policy import Policy
from anonymize.detection.scanning import MAX_TEXT, Outcome, scan
from anonymize.detection.windows import WINDOW
from anonymize.protecting.technical import Vocabulary
from anonymize.recognizers.english import EnglishRules
from anonymize.recognizers.guesses import Guess
from anonymize.records import Record, Span

POLICY = Policy(identifier_kinds={}, text_columns=("remark", "note"), text_seconds=0.1)


class Slow:
    """A recognizer whose pattern takes exponential time on one text."""

    name = "slow"
    _pattern = re.compile(r"(?:a|aa|aaa)+b")

    def find(self, texts: Sequence[str]) -> list[list[Guess]]:
        return [[Guess(*match.span(), "PERSON", 1.0, self.name) for match in self._pattern.finditer(t)] for t in texts]


class EndsAndBegins:
    """A recognizer that takes the first and last word of what it is given for a name, as a model may."""

    name = "ends"

    def find(self, texts: Sequence[str]) -> list[list[Guess]]:
        return [[Guess(0, 4, "PERSON", 1.0, self.name)] for _ in texts]


class Zoned:
    """A recognizer that reads inside of a zone, as a model does: two zones at a time are an error."""

    name = "zoned"
    _is_open = False

    def _read(self, texts: Sequence[str]) -> Iterator[str]:
        if self._is_open:
            raise RuntimeError("a zone in a zone")
        self._is_open = True
        try:
            yield from texts
        finally:
            self._is_open = False

    def find(self, texts: Sequence[str]) -> list[list[Guess]]:
        return [[Guess(text.index("x"), 1, "PERSON", 1.0, self.name)] for text in self._read(texts)]


def outcomes(texts: Sequence[str], assembly: Assembly, policy: Policy = POLICY) -> list[Outcome]:
    records = [Record(str(number), "", {"remark": text}) for number, text in enumerate(texts)]
    return scan(records, assembly, Vocabulary(frozenset()), policy)


def found(text: str, assembly: Assembly, policy: Policy = POLICY) -> list[tuple[str, str]]:
    (outcome,) = outcomes([text], assembly, policy)
    assert not isinstance(outcome, str)
    return [(finding.kind, text[finding.span.start : finding.span.end]) for finding in outcome]


RULES = Assembly((EnglishRules(),), ())


@pytest.mark.parametrize("before", [0, WINDOW - 8, WINDOW, 7 * WINDOW - 13])
def test_a_value_in_a_long_text_is_found_once_wherever_it_stands(before: int) -> None:
    text = ("水漏れ点検。" * before)[:before] + " x@example.com " + "pump ok " * 1500
    assert found(text, RULES) == [("EMAIL_ADDRESS", "x@example.com")]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("mail x%40example.com now", "x%40example.com"),
        ("写真はx&#64;example.comへ", "x&#64;example.com"),
    ],
)
def test_a_value_in_an_encoding_is_found_with_its_place_in_the_original(text: str, value: str) -> None:
    assert ("EMAIL_ADDRESS", value) in found(text, RULES)


def test_a_decoded_view_does_not_report_again_what_the_text_itself_shows() -> None:
    text = "y@example.com &amp; x%40example.com"
    values = [value for kind, value in found(text, RULES) if kind == "EMAIL_ADDRESS"]
    assert sorted(values) == ["x%40example.com", "y@example.com"]


def test_models_read_the_text_as_it_stands_only() -> None:
    text = "Taro%20Yamada &amp; x"
    assert found(text, Assembly((), (EndsAndBegins(),))) == [("PERSON", "Taro")]


def test_a_text_that_takes_too_long_is_kept_out_and_its_neighbours_are_not() -> None:
    first, second, third = outcomes(["ok", "a" * 60, "aab"], Assembly((Slow(),), ()))
    assert (first, second) == ((), "slow: took more than 0.16 s")
    assert [finding.span for finding in third if not isinstance(finding, str)] == [Span(0, 3)]


def test_a_text_beyond_the_absolute_limit_is_kept_out() -> None:
    (outcome,) = outcomes(["x" * (MAX_TEXT + 1)], RULES)
    assert outcome == f"a text of more than {MAX_TEXT} characters"


def test_a_failure_is_told_by_its_type_alone() -> None:
    class Chatty:
        name = "chatty"

        def find(self, texts: Sequence[str]) -> list[list[Guess]]:
            raise ValueError(texts[0])

    assert outcomes(["山田太郎"], Assembly((Chatty(),), ())) == ["chatty failed with ValueError"]


def test_what_a_failed_recognizer_had_open_is_closed_before_it_is_asked_again() -> None:
    first, second, third = outcomes(["x", "山田", "x"], Assembly((), (Zoned(),)))
    assert second == "zoned failed with ValueError"
    assert not isinstance(first, str)
    assert not isinstance(third, str)


def test_kinds_that_the_policy_does_not_ask_for_are_left_out() -> None:
    policy = Policy(identifier_kinds={}, text_columns=("remark",), kinds=("PERSON",))
    assert found("Mr Ozturk, x@example.com", RULES, policy) == [("PERSON", "Ozturk")]
