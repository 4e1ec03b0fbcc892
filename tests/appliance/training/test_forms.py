"""What a manifest tells of the form of a task's answers, from the answers that were learnt."""

import json

import pytest

from appliance.release.manifest import AnswerField, TaskFacts
from appliance.training.forms import task_facts


def test_a_label_task_tells_its_labels_each_once():
    told = task_facts("label", ["油漏れ", "worn  seal", "油漏れ ", "worn seal"], with_form=True)
    assert (told.kind, told.labels, told.has_form) == ("label", ("worn seal", "油漏れ"), True)


def test_a_json_task_tells_its_fields_their_types_and_whether_all_have_them():
    objects = [{"機械": "pump", "hours": 3, "urgent": True}, {"機械": None, "hours": 2.5}, {"機械": "弁", "hours": 1}]
    told = task_facts("json", [json.dumps(each, ensure_ascii=False) for each in objects], with_form=True)
    assert told.fields == (
        AnswerField(name="機械", types=("null", "string"), is_required=True),
        AnswerField(name="hours", types=("number",), is_required=True),
        AnswerField(name="urgent", types=("boolean",), is_required=False),
    )


@pytest.mark.parametrize("separators", [(", ", ": "), (",", ":")])
def test_spaces_are_those_in_which_most_answers_are_written(separators):
    answers = [json.dumps({"a": number, "b": "x"}, separators=separators) for number in range(3)]
    assert task_facts("json", [*answers, '{ "a":1,  "b":"y" }'], with_form=True).separators == separators


@pytest.mark.parametrize(
    ("kind", "answer"), [("line", "replace pump"), ("text", "長い文章"), ("label", "x"), ("json", '{"a": 1}')]
)
def test_where_text_of_answers_may_not_leave_the_kind_alone_is_told(kind, answer):
    assert task_facts(kind, [answer] * 2, with_form=False) == TaskFacts(kind=kind)
    assert task_facts(kind, [answer] * 2, with_form=True).has_form == (kind in ("label", "json"))
