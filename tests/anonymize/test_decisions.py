"""What a file of decisions says, whoever appended to it and in whatever order."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonymize.decisions import audit_order, audit_sample, parse_line, standing
from anonymize.errors import DecisionError

PLACE = {"record_id": "1", "column": "remark", "start": 2, "end": 4, "kind": "PERSON"}


def line(verdict: str, by: str = "佐藤", action: str = "a", **changed: object) -> dict[str, object]:
    return {**PLACE, "verdict": verdict, "by": by, "action": action, **changed}


def test_an_undone_action_lets_stand_what_another_person_had_decided() -> None:
    lines = [
        line("accept", "mk", "a1"),
        line("reject", "佐藤", "b1"),
        {"verdict": "undo", "by": "佐藤", "action": "b1"},
    ]
    (stands,) = standing(lines).values()
    assert (stands["verdict"], stands["by"]) == ("accept", "mk")


def test_nobody_undoes_what_another_person_did() -> None:
    lines = [line("accept", "mk", "a1"), {"verdict": "undo", "by": "佐藤", "action": "a1"}]
    assert len(standing(lines)) == 1


def test_that_a_record_was_read_decides_on_no_place() -> None:
    assert standing([{"verdict": "read", "record_id": "1", "by": "mk"}]) == {}


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"verdict": "read", "by": "mk"}, "'record_id' is missing"),
        ({"verdict": "undo", "by": "mk"}, "'action' is missing"),
        ({"verdict": "undo", "by": " ", "action": "a"}, "say who decided"),
        ({**line("accept"), "action": ["x"]}, "'action' is not of type str"),
        (line("open"), "neither accept nor reject"),
    ],
)
def test_a_wrong_line_is_named_by_its_number_and_never_quoted(wrong: dict[str, object], told: str) -> None:
    with pytest.raises(DecisionError, match=told) as caught:
        parse_line(json.dumps(wrong), "d.jsonl: line 3")
    assert "d.jsonl: line 3" in caught.value.message


@pytest.mark.parametrize("text", ["[" * 100_000, f'{{"start": {"9" * 5_000}}}', "{田中"])
def test_a_line_that_no_parser_reads_is_refused_without_its_text(text: str) -> None:
    with pytest.raises(DecisionError, match=r"line 3 is not JSON") as caught:
        parse_line(text, "d.jsonl: line 3")
    assert len(str(caught.value)) < 200


@given(st.sets(st.text(max_size=3), max_size=30), st.integers(0, 40), st.integers(0, 9))
def test_the_order_of_the_draw_holds_the_sample(ids: set[str], size: int, seed: int) -> None:
    drawn = audit_order(ids, size, seed)
    assert set(drawn) == set(audit_sample(sorted(ids), size, seed))
    assert len(drawn) == min(size, len(ids))
