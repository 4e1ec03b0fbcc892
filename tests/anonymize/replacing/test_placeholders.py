import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonymize.errors import DecisionError
from anonymize.records import CleanRecord, Decision, Finding, Record, Span
from anonymize.replacing.placeholders import Original, Placeholders, anonymize, resolve


def finding(start: int, end: int, kind: str = "PERSON", score: float = 1.0) -> Finding:
    return Finding("1", "remark", Span(start, end), kind, score, "test")


def cleaned(text: str, *findings: Finding, verdict: str = "accept") -> str:
    decisions = [Decision(each, verdict, "", "test") for each in findings]  # type: ignore[arg-type]
    (clean,) = anonymize([(Record("1", "row 2", {"remark": text}), decisions)], Placeholders())
    assert isinstance(clean, CleanRecord)
    return clean.columns["remark"]


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


def test_equal_values_get_equal_placeholders_in_order_of_appearance() -> None:
    placeholders = Placeholders()
    assert placeholders.of("PERSON", "Sarah  Whitfield") == "<PERSON_1>"
    assert placeholders.of("PERSON", "佐藤") == "<PERSON_2>"
    assert placeholders.of("PERSON", "ＳＡＲＡＨ whitfield") == "<PERSON_1>"
    assert placeholders.of("EMPLOYEE_ID", "佐藤") == "<EMPLOYEE_ID_1>"
    assert placeholders.originals()[0] == Original("<PERSON_1>", "PERSON", "Sarah  Whitfield")


def test_a_rejected_finding_stays() -> None:
    assert cleaned("佐藤ポンプ", finding(0, 2), verdict="reject") == "佐藤ポンプ"


def test_a_finding_of_another_record_or_outside_of_the_text_is_refused() -> None:
    with pytest.raises(DecisionError, match="outside of column 'remark'"):
        cleaned("佐藤", finding(0, 3))
    stray = Decision(Finding("2", "remark", Span(0, 1), "PERSON", 1.0, "test"), "accept", "", "test")
    with pytest.raises(DecisionError, match="a finding of record 2"):
        list(anonymize([(Record("1", "row 2", {"remark": "佐藤"}), [stray])], Placeholders()))


def test_a_kind_that_would_break_the_placeholder_is_refused() -> None:
    with pytest.raises(DecisionError, match="not written in capitals"):
        cleaned("佐藤", finding(0, 2, "per>son"))
