import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from appliance.evaluation.fields import FIELDS, OTHERS
from appliance.training.answers import object_of

WANTED = ['{"machine": "P-12", "fault": "oil leak"}', '{"機械": "ポンプ", "故障": "異音"}', '{"machine": "C-3"}']
NAMES = some.sampled_from(["machine", "fault", "機械", "故障"])
FORMS = some.dictionaries(NAMES, some.sampled_from(["a", "b", 1, None]), min_size=1)


def _scores(said, wanted=WANTED):
    return FIELDS.scores(FIELDS.judge(said, wanted, wanted), 7)


def test_each_field_counts_and_an_invented_one_counts_against():
    said = [
        '{"fault": "oil  leak", "machine": "P-13"}',
        '{"機械": "ポンプ", "故障": "異音"}',
        '{"machine": "C-3", "why": "?"}',
    ]
    outcomes = FIELDS.judge(said, WANTED, WANTED)
    assert outcomes[0] == {"valid": 1, "right": {"machine": 0, "fault": 1}, "extra": 0}
    assert outcomes[2] == {"valid": 1, "right": {"machine": 1}, "extra": 1}
    assert [FIELDS.value(each) for each in outcomes] == [0.5, 1.0, 0.5]
    found = FIELDS.scores(outcomes, 7)
    assert found["field_match"].value == pytest.approx(2 / 3)
    assert found["exact_match"].value == pytest.approx(1 / 3)
    assert found["valid_json"].value == 1


def test_what_is_no_json_is_wrong_in_every_field():
    found = _scores(["{", "ポンプ 異音", '["P-12"]'])
    assert [found[name].value for name in ("field_match", "exact_match", "valid_json")] == [0, 0, 0]
    assert found["field_match"].high > 0.5  # three lines show little


def test_a_field_is_scored_on_the_lines_that_want_it():
    said = [WANTED[0], '{"機械": "ポンプ", "故障": "漏れ"}', "{}"]
    parts = FIELDS.parts(FIELDS.judge(said, WANTED, WANTED))
    assert {name: (score.value, score.samples) for name, score in parts.items()} == {
        "fault": (1.0, 1),
        "machine": (0.5, 2),
        "故障": (0.0, 1),
        "機械": (1.0, 1),
    }


@settings(max_examples=60, deadline=None)
@given(FORMS, FORMS)
def test_a_line_is_worth_the_fields_that_agree_among_all_that_either_has(said, wanted):
    (outcome,) = FIELDS.judge([json.dumps(said)], [json.dumps(wanted)], [json.dumps(wanted)])
    agree = sum(name in said and said[name] == wanted[name] for name in wanted)
    assert FIELDS.value(outcome) == pytest.approx(agree / len(said.keys() | wanted.keys()))


@settings(max_examples=60, deadline=None)
@given(some.text(max_size=20))
def test_no_text_breaks_it(text):
    (outcome,) = FIELDS.judge([text], WANTED[:1], WANTED)
    assert outcome["valid"] == (object_of(text) is not None)
    assert 0 <= FIELDS.value(outcome) <= 1


def test_names_that_training_does_not_show_are_one_field_and_are_told_nowhere():
    wanted = ['{"machine": "P-1", "佐藤 健一": 1, "order 17": 2}']
    said = [wanted[0], '{"machine": "P-1", "order 17": 2}']
    outcomes = FIELDS.judge(said, wanted * 2, WANTED)
    assert [each["right"] for each in outcomes] == [{"machine": 1, OTHERS: 1}, {"machine": 1, OTHERS: 0}]
    assert [FIELDS.value(each) for each in outcomes] == [1.0, 0.5]
    assert FIELDS.parts(outcomes).keys() == {"machine", OTHERS}
