import math

import pytest

from appliance.core.reasons import told
from appliance.core.sections import VerifySettings
from appliance.evaluation.decide import Reference, Variant, gain_gate, judge, retention, unseen_tokens
from appliance.evaluation.scores import Score

REFERENCE = Reference(nll_base=5.0, nll_trained=1.0, nll_general=3.0)
SAME = Score(0.0, -0.02, 0.02, 100)


def variant(name, size, nll=1.0, general=3.0, change=SAME):
    kind = "int4" if name.startswith("int4") else "int8" if name.startswith("int8") else "float"
    return Variant(name, kind, size, nll, general, change)


FLOAT, INT8, INT4 = variant("float", 500), variant("int8-64", 150, 1.04), variant("int4-64", 90, 1.16)


def test_the_smallest_variant_that_keeps_its_limits_ships():
    assert judge([FLOAT, INT8, INT4], REFERENCE, VerifySettings()).ships == "int4-64"


def test_a_variant_that_lost_the_adaptation_does_not_ship():
    erased = variant("int4", 90, 4.9, change=Score(-0.4, -0.5, -0.3, 100))
    verdict = judge([FLOAT, INT8, erased], REFERENCE, VerifySettings())
    assert verdict.ships == "int8-64"
    assert [gate.passed for gate in verdict.gates["int4"]] == [False, False, True]
    assert verdict.gates["int4"][0].value == pytest.approx(0.025)


def test_a_variant_that_keeps_its_likelihood_and_loses_answers_does_not_ship():
    worse = variant("int8", 150, 1.01, change=Score(-0.13, -0.2, -0.06, 100))
    verdict = judge([FLOAT, worse], REFERENCE, VerifySettings())
    assert verdict.ships == "float"
    assert [gate.passed for gate in verdict.gates["int8"]] == [True, False, True]
    assert told(verdict.gates["int8"][1].reasons, "en") == (
        "exact match -0.130 against the trained model, 95 % interval -0.200 to -0.060 on 100 lines: more than the 0.02 "
        "that it may lose"
    )


def test_a_variant_that_does_the_task_and_forgot_the_language_does_not_ship():
    verdict = judge([FLOAT, variant("int4", 90, general=3.0 + math.log(1.06))], REFERENCE, VerifySettings())
    assert verdict.ships == "float"
    assert [gate.passed for gate in verdict.gates["int4"]] == [True, True, False]
    assert told(verdict.gates["int4"][2].reasons, "en") == "general perplexity x1.060 of float, 1.05 allowed"


def test_a_score_loss_at_its_limit_is_allowed():
    loss = variant("int4", 90, change=Score(0.38 - 0.40, -0.05, 0.01, 100))
    assert judge([loss], REFERENCE, VerifySettings(max_score_loss=0.02)).ships == "int4"


def test_where_no_variant_may_ship_each_is_named_with_its_reason():
    verdict = judge([variant("int4", 90, 4.9)], REFERENCE, VerifySettings())
    assert verdict.ships is None
    assert told(verdict.gates["int4"][0].reasons, "en") == "keeps 0.025 of the adaptation, less than 0.950"


def test_where_training_learnt_nothing_nothing_ships():
    nothing = Reference(nll_base=1.0, nll_trained=1.0, nll_general=3.0)
    assert retention(1.0, nothing) is None
    assert judge([FLOAT], nothing, VerifySettings()).ships is None


def test_a_gain_is_judged_by_the_lower_end_of_its_interval():
    assert gain_gate(Score(0.4, 0.3, 0.5, 144), 0.0).passed
    assert not gain_gate(Score(0.4, 0.3, 0.5, 144), 0.35).passed
    assert "holds zero" in told(gain_gate(Score(0.1, -0.1, 0.3, 9), 0.0).reasons, "en")
    assert not gain_gate(Score(0.0, 0.0, 0.0, 9), 0.0).passed


def test_lines_with_a_word_that_no_training_line_has_are_found():
    assert unseen_tokens(["repl PMP", "repl hose", "ポンプ repl"], ["REPL pmp", "x hose"]) == [2]
