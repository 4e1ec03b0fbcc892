import pytest
from hypothesis import given
from hypothesis import strategies as some

from appliance.core.purpose import KpiSettings
from appliance.evaluation.kpi import judge_target, kpi_facts


def _score(low, value, high):
    return {"value": value, "low": low, "high": high, "samples": 94}


SCORES = {
    "kind": "line",
    "scores": {
        "base": {"exact_match": _score(0.0, 0.0, 0.04), "wer": _score(1.97, 2.2, 2.47)},
        "dictionary": {"exact_match": _score(0.61, 0.71, 0.79), "wer": _score(0.07, 0.11, 0.15)},
        "adapted": {"exact_match": _score(0.5, 0.6, 0.69), "wer": _score(0.1, 0.15, 0.21)},
    },
}
VERDICT = {"chosen": "int8", "variants": {"int8": {"exact_match": _score(0.51, 0.61, 0.7)}}}


@pytest.mark.parametrize(("target", "judged"), [(0.5, "reached"), (0.51, "open"), (0.69, "open"), (0.7, "not reached")])
def test_a_target_is_reached_by_the_whole_interval_or_not_called_so(target, judged):
    assert judge_target(_score(0.5, 0.6, 0.69), target, less_is_better=False) == judged


@pytest.mark.parametrize(("target", "judged"), [(0.21, "reached"), (0.2, "open"), (0.1, "open"), (0.09, "not reached")])
def test_of_an_error_rate_less_is_better(target, judged):
    assert judge_target(_score(0.1, 0.15, 0.21), target, less_is_better=True) == judged


@given(some.floats(0, 1), some.floats(0, 1), some.floats(0, 1), some.booleans())
def test_the_two_directions_mirror_each_other(one, other, target, less_is_better):
    low, high = sorted((one, other))
    mirrored = judge_target(_score(-high, 0, -low), -target, less_is_better=not less_is_better)
    assert judge_target(_score(low, 0, high), target, less_is_better=less_is_better) == mirrored


def test_the_adapted_model_the_baseline_and_what_ships_are_judged():
    facts = kpi_facts(KpiSettings(target=0.6, against="baseline"), SCORES, VERDICT)
    judged = {each["of"]: each["judged"] for each in facts["judged"]}
    assert judged == {"adapted": "open", "dictionary": "reached", "int8": "open"}


def test_what_is_not_measured_of_a_variant_is_left_out_and_what_is_measured_nowhere_judges_nothing():
    facts = kpi_facts(KpiSettings(measure="wer", target=0.2, against="base"), SCORES, VERDICT)
    assert [(each["of"], each["judged"]) for each in facts["judged"]] == [("adapted", "open"), ("base", "not reached")]
    assert kpi_facts(KpiSettings(measure="f1", target=0.2), SCORES, VERDICT)["judged"] == []


def test_where_nothing_ships_the_trained_model_is_judged_alone():
    facts = kpi_facts(KpiSettings(target=0.6), SCORES, {"chosen": None, "variants": VERDICT["variants"]})
    assert [each["of"] for each in facts["judged"]] == ["adapted", "dictionary"]
