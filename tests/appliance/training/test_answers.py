import pytest

from appliance.core.errors import InputError
from appliance.training.answers import canonical, check_answers, label_of, misfits, object_of


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ('{"machine": "P-12", "fault": "leak"}', {"machine": "P-12", "fault": "leak"}),
        ('  {"機械": "ポンプ"}\n', {"機械": "ポンプ"}),
        ("{}", {}),
        ('```json\n{"a": 1}\n```', None),  # whoever reads it with a parser gets nothing
        ('Here it is: {"a": 1}', None),
        ('{"a": 1', None),
        ('["a"]', None),
        ('{"a": NaN}', None),
        ('{"a": 1, "a": 2}', None),
        ('{"a":' * 100_000, None),
        ('{"a": "\\ud800"}', None),
        ('{"\\udfff": 1}', None),
        ('{"a": [{"b": "\\ud83d"}]}', None),
        ('{"a": 1e999}', None),
        ('{"a": "\\ud83d\\ude00"}', {"a": "\U0001f600"}),
        ("", None),
    ],
)
def test_an_answer_is_an_object_only_where_all_of_it_is_one(answer, found):
    assert object_of(answer) == found


@pytest.mark.parametrize(
    ("one", "other", "are_equal"),
    [
        ("P  12", "P 12", True),
        ("軸受け", "軸受", False),
        (1, 1.0, True),
        (1, True, False),
        (1, "1", False),
        ({"a": [1, "x "], "b": None}, {"b": None, "a": [1.0, "x"]}, True),
        ([1, 2], [2, 1], False),
    ],
)
def test_values_are_equal_in_all_spellings_of_json_and_in_no_other(one, other, are_equal):
    assert (canonical(one) == canonical(other)) is are_equal


def test_white_space_is_no_part_of_a_label_and_case_is():
    assert [label_of(each) for each in (" Oil \n leak", "oil leak", "油 漏れ ")] == ["Oil leak", "oil leak", "油 漏れ"]


def test_answers_of_a_json_task_that_are_no_object_with_a_field_are_found():
    answers = ['{"a": 1}', "交換", "{}", '{"故障": "漏れ"}']
    assert misfits("json", answers) == [1, 2]
    assert misfits("text", answers) == []


@pytest.mark.parametrize("answers", [["high"] * 9, ["a", "b", "c", "d", "e"], ["漏れ", "異音", "振動"]])
def test_labels_that_are_all_the_same_or_nearly_all_different_are_refused(answers):
    with pytest.raises(InputError, match=r"are no labels") as caught:
        check_answers("label", answers)
    assert 'kind = "line" or "text"' in caught.value.hint


def test_json_whose_names_are_values_is_refused():
    check_answers("json", ['{"機械": 1}', '{"fault": 2}'])
    with pytest.raises(InputError, match="33 different names"):
        check_answers("json", [f'{{"order {number}": 1}}' for number in range(33)])
    sides = [[f'{{"order {number}": 1}}' for number in side] for side in (range(20), range(20, 33))]
    with pytest.raises(InputError, match="33 different names"):
        check_answers("json", *sides)


@pytest.mark.parametrize("kind", ["line", "text"])
def test_lines_and_texts_may_be_all_different(kind):
    check_answers(kind, ["replace pump", "ポンプ交換", "fix hose"])
