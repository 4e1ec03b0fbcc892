import json

import pytest

from appliance.evaluation.baselines import FEW_VALUES, learn_baseline

PROMPTS = [
    "pump leaks oil",
    "ポンプから油漏れ",
    "motor makes noise",
    "モーターから異音",
    "oil leak at pump 3",
    "モーター異音あり",
]
ASKED = ["oil leaking at the pump", "モーターに異音", "noisy motor"]


def test_a_label_is_told_by_character_n_grams_in_both_languages():
    say = learn_baseline("label", PROMPTS, ["leak", "leak", "noise", "noise", "leak", "noise"])
    assert say(ASKED) == ["leak", "noise", "noise"]


def test_a_text_is_that_of_the_nearest_example():
    answers = [f"answer {number} 件" for number in range(6)]
    assert learn_baseline("text", PROMPTS, answers)(["oil leak at pump 3!", "モーター異音あり。"]) == [
        answers[4],
        answers[5],
    ]


def test_json_is_told_field_by_field():
    forms = [
        {"machine": "pump", "fault": "leak"}, {"machine": "ポンプ", "fault": "leak"},
        {"machine": "motor"}, {"machine": "モーター", "重大": False},
        {"machine": "pump", "fault": "leak"}, {"machine": "モーター", "重大": False},
    ]  # fmt: skip
    say = learn_baseline("json", PROMPTS, [json.dumps(form, ensure_ascii=False) for form in forms])
    assert [json.loads(said) for said in say(["oil leak, pump 4", "モーターに異音あり"])] == [forms[0], forms[3]]


def test_a_field_of_many_values_is_that_of_the_nearest_example():
    prompts = [f"machine M-{number:03} stopped" for number in range(FEW_VALUES + 1)]
    say = learn_baseline("json", prompts, [json.dumps({"id": f"M-{number:03}"}) for number in range(FEW_VALUES + 1)])
    assert say([prompts[17]]) == ['{"id": "M-017"}']


def test_a_line_is_that_of_the_dictionary():
    assert learn_baseline("line", ["repl pmp", "chk 軸受け"], ["replace pump", "check 軸受け"])(["repl 軸受け"]) == [
        "replace 軸受け"
    ]


@pytest.mark.parametrize("kind", ["label", "json"])
def test_one_value_alone_is_said_always(kind):
    answers = ['{"fault": "leak"}'] * 6
    assert learn_baseline(kind, PROMPTS, answers)(ASKED) == answers[:3]
