from anonymize.records import Decision, Finding, Record, Span, Verdict
from anonymize.replacing.propagating import accepted_values, propagate


def decided(record_id: str, span: Span, kind: str = "PERSON", verdict: Verdict = "accept") -> Decision:
    return Decision(Finding(record_id, "remark", span, kind, 0.9, "test"), verdict, "", "mk")


def record(record_id: str, remark: str) -> Record:
    return Record(record_id, f"row {record_id}", {"remark": remark, "tag": remark})


def added(*reviewed: tuple[Record, list[Decision]]) -> dict[str, list[tuple[str, Span]]]:
    known = tuple(accepted_values(reviewed))
    return {
        each.id: [
            (item.finding.kind, item.finding.span) for item in decisions if item.finding.recognizer == "known-value"
        ]
        for each, decisions in propagate(reviewed, known, ("remark",), "policy")
    }


def test_what_was_accepted_in_one_record_is_accepted_in_all() -> None:
    rows = (record("1", "佐藤太郎が点検"), [decided("1", Span(0, 4))]), (record("2", "担当: 佐藤 太郎"), [])
    assert added(*rows) == {"1": [], "2": [("PERSON", Span(4, 9))]}
    english = (record("1", "Sarah Whitfield"), [decided("1", Span(0, 15))]), (record("2", "SARAH WHITFIELD"), [])
    assert added(*english)["2"] == [("PERSON", Span(0, 15))]


def test_a_place_that_the_reviewer_rejected_stays_rejected() -> None:
    rows = (
        (record("1", "森田が点検"), [decided("1", Span(0, 2))]),
        (record("2", "森田ポンプと森田"), [decided("2", Span(0, 2), verdict="reject")]),
    )
    assert added(*rows)["2"] == [("PERSON", Span(6, 8))]


def test_a_rejected_value_and_a_kind_that_does_not_spread_are_not_looked_for() -> None:
    rows = (
        (
            record("1", "森田 2024-05-01"),
            [decided("1", Span(0, 2), verdict="reject"), decided("1", Span(3, 13), "BIRTH_DATE")],
        ),
        (record("2", "森田 2024-05-01"), []),
    )
    assert added(*rows) == {"1": [], "2": []}


def test_an_honorific_is_no_part_of_the_value_that_is_looked_for() -> None:
    rows = (record("1", "森田さん"), [decided("1", Span(0, 4))]), (record("2", "森田が点検"), [])
    assert added(*rows)["2"] == [("PERSON", Span(0, 2))]
