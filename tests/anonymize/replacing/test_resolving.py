import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonymize.errors import DecisionError
from anonymize.records import CleanRecord, Decision, Finding, Record, Span
from anonymize.replacing.anonymizing import anonymize
from anonymize.replacing.keys import Key
from anonymize.replacing.pseudonyms import Values, assign
from anonymize.replacing.resolving import resolve
from anonymize.replacing.techniques import Techniques


def finding(start: int, end: int, kind: str = "PERSON", score: float = 1.0) -> Finding:
    return Finding("1", "remark", Span(start, end), kind, score, "test")


def cleaned(text: str, *findings: Finding, verdict: str = "accept") -> str:
    decisions = [Decision(each, verdict, "", "test") for each in findings]  # type: ignore[arg-type]
    return replaced(Record("1", "row 2", {"remark": text}), decisions)


def replaced(record: Record, decisions: list[Decision]) -> str:
    """Replace with one key, and number the placeholders by appearance, for they follow from the key."""
    values = Values()
    values.collect([(record, decisions)])
    (clean,) = anonymize([(record, decisions)], assign(values, Key(bytes(32)), Techniques()))
    assert isinstance(clean, CleanRecord)
    numbers: dict[str, int] = {}
    return re.sub(
        r"_([A-Z2-9]{12})>", lambda code: f"_{numbers.setdefault(code[1], len(numbers) + 1)}>", clean.columns["remark"]
    )


@st.composite
def text_and_findings(draw: st.DrawFn) -> tuple[str, list[Finding]]:
    text = draw(st.text(st.sampled_from("ab佐藤０ "), min_size=1, max_size=20))
    spans = st.tuples(st.integers(0, len(text) - 1), st.integers(1, len(text))).filter(lambda span: span[0] < span[1])
    kinds = st.sampled_from(["PERSON", "PHONE_NUMBER"])
    drawn = draw(st.lists(st.tuples(spans, kinds, st.floats(0, 1)), max_size=6))
    return text, [finding(*span, kind, score) for span, kind, score in drawn]


@given(text_and_findings())
def test_resolved_findings_are_disjoint_and_cover_the_same_characters(drawn: tuple[str, list[Finding]]) -> None:
    findings = drawn[1]
    resolved = resolve(findings)
    covered = [at for each in resolved for at in range(each.span.start, each.span.end)]
    assert len(covered) == len(set(covered))
    assert set(covered) == {at for each in findings for at in range(each.span.start, each.span.end)}


@given(text_and_findings())
def test_no_character_of_an_accepted_finding_survives(drawn: tuple[str, list[Finding]]) -> None:
    text, findings = drawn
    hidden = {at for each in findings for at in range(each.span.start, each.span.end)}
    kept = "".join(char for at, char in enumerate(text) if at not in hidden and not char.isspace())
    clean = cleaned(text, *findings)
    without_placeholders = "".join(part.split(">")[-1] for part in clean.split("<"))
    assert "".join(without_placeholders.split()) == kept


def test_the_longest_wins_and_the_rest_of_the_loser_stays_covered() -> None:
    assert [each.span for each in resolve([finding(0, 5), finding(3, 7)])] == [Span(0, 5), Span(5, 7)]
    assert resolve([finding(0, 2, score=0.4), finding(0, 2, "PHONE_NUMBER", 0.9)])[0].kind == "PHONE_NUMBER"


def test_neighbours_are_two_placeholders() -> None:
    assert cleaned("山田 太郎 鈴木 花子", finding(0, 5), finding(6, 11)) == "<PERSON_1> <PERSON_2>"
    assert cleaned("佐藤鈴木", finding(0, 2), finding(2, 4)) == "<PERSON_1><PERSON_2>"


def test_equal_values_get_equal_placeholders() -> None:
    text = "Sarah Whitfield, 佐藤, ＳＡＲＡＨ whitfield"
    assert cleaned(text, finding(0, 15), finding(17, 19), finding(21, 36)) == "<PERSON_1>, <PERSON_2>, <PERSON_1>"


def test_a_rejected_finding_stays() -> None:
    assert cleaned("佐藤ポンプ", finding(0, 2), verdict="reject") == "佐藤ポンプ"


def test_a_finding_of_another_record_or_outside_of_the_text_is_refused() -> None:
    with pytest.raises(DecisionError, match="outside of column 'remark'"):
        cleaned("佐藤", finding(0, 3))
    stray = Decision(Finding("2", "remark", Span(0, 1), "PERSON", 1.0, "test"), "accept", "", "test")
    with pytest.raises(DecisionError, match="a finding of record 2"):
        replaced(Record("1", "row 2", {"remark": "佐藤"}), [stray])


def test_a_kind_that_would_break_the_placeholder_is_refused() -> None:
    with pytest.raises(DecisionError, match="not written in capitals"):
        cleaned("佐藤", finding(0, 2, "per>son"))
