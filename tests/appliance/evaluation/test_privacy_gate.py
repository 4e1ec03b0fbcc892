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
    gate = judge_privacy(told, limit)
    assert (gate.status, gate.limit) == (status, limit)
    assert gate.value == (told and told["epsilon"])


def test_the_reason_says_for_whom_and_what_stands_several_times():
    said = judge_privacy({**TOLD, "copies": 32}, 8.0).reasons
    reason = told(said, "en")
    assert "epsilon 8 and delta 0.0063 for one training example of 100" in reason
    assert "one stands 32 times, and is protected 32 times less" in reason


def test_without_a_limit_the_reason_names_the_setting():
    assert "gates.max_epsilon" in told(judge_privacy(TOLD, None).reasons, "en")
    assert "[train.privacy]" in told(judge_privacy(None, None).reasons, "ja")
