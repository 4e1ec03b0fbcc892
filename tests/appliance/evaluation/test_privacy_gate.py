import pytest

from appliance.core.reasons import told
from appliance.evaluation.gates import judge_privacy

TOLD = {
    "epsilon": 7.9995,
    "delta": 6.3e-3,
    "noise_multiplier": 0.73,
    "sample_rate": 0.17,
    "steps": 20,
    "examples": 100,
    "copies": 1,
    "unit": "one training example",
}


@pytest.mark.parametrize(
    ("told", "limit", "status"),
    [
        (None, None, "not tested"),
        (None, 8.0, "refused"),
        (TOLD, None, "not tested"),
        (TOLD, 8.0, "passed"),
        (TOLD, 7.0, "refused"),
        ({**TOLD, "copies": 2}, 8.0, "refused"),
    ],
)
def test_a_limit_asks_for_a_private_training_that_keeps_it_for_every_example(told, limit, status):
    gate = judge_privacy(told, limit, 20)
    assert (gate.status, gate.limit) == (status, limit)
    assert gate.value == (told and told["epsilon"])


def test_the_reason_says_for_whom_and_what_stands_several_times():
    said = judge_privacy({**TOLD, "copies": 32}, 8.0, 20).reasons
    reason = told(said, "en")
    assert "epsilon 8 and delta 0.0063 for one training example of 100" in reason
    assert "one stands 32 times, and is protected 32 times less" in reason


def test_without_a_limit_the_reason_names_the_setting():
    assert "gates.max_epsilon" in told(judge_privacy(TOLD, None, 20).reasons, "en")
    assert "[train.privacy]" in told(judge_privacy(None, None, 0).reasons, "ja")


@pytest.mark.parametrize(("change", "taken"), [({"delta": 0.01}, 20), ({}, 21), ({}, 0)])
def test_a_budget_that_bounds_nothing_is_refused_with_and_without_a_limit(change, taken):
    for limit in (None, 8.0):
        gate = judge_privacy({**TOLD, **change}, limit, taken)
        assert gate.status == "refused"
    told_of = told(gate.reasons, "en")
    assert ("given away whole" in told_of) == bool(change)
    assert (f"{taken} were taken" in told_of) != bool(change)
