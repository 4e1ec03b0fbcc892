import pytest

from appliance.core.sections import VerifySettings
from appliance.evaluation.decide import Reference, Variant, gain_gate, judge, retention, unseen_tokens
from appliance.evaluation.scores import Score

REFERENCE = Reference(nll_base=5.0, nll_trained=1.0, exact_match=0.40)
FLOAT = Variant("float", "float", 500, 1.0, 0.40)
INT8 = Variant("int8", "int8", 150, 1.04, 0.40)
INT4 = Variant("int4", "int4", 90, 1.16, 0.38)


def test_the_smallest_variant_that_keeps_its_limits_ships():
    assert judge([FLOAT, INT8, INT4], REFERENCE, VerifySettings()).ships == "int4"


def test_a_variant_that_lost_the_adaptation_does_not_ship():
    verdict = judge([FLOAT, INT8, Variant("int4", "int4", 90, 4.9, 0.0)], REFERENCE, VerifySettings())
    assert verdict.ships == "int8"
    assert [gate.passed for gate in verdict.gates["int4"]] == [False, False]
    assert verdict.gates["int4"][0].value == pytest.approx(0.025)


def test_a_variant_that_keeps_its_likelihood_and_loses_answers_does_not_ship():
    verdict = judge([FLOAT, Variant("int8", "int8", 150, 1.01, 0.27)], REFERENCE, VerifySettings())
    assert verdict.ships == "float"
    assert [gate.passed for gate in verdict.gates["int8"]] == [True, False]


def test_a_score_loss_at_its_limit_is_allowed():
    assert judge([INT4], REFERENCE, VerifySettings(max_score_loss=0.02)).ships == "int4"


def test_where_no_variant_may_ship_each_is_named_with_its_reason():
    verdict = judge([Variant("int4", "int4", 90, 4.9, 0.4)], REFERENCE, VerifySettings())
    assert verdict.ships is None
    assert verdict.gates["int4"][0].reason == "keeps 0.025 of the adaptation, less than 0.950"


def test_where_training_learnt_nothing_nothing_ships():
    nothing = Reference(nll_base=1.0, nll_trained=1.0, exact_match=0.4)
    assert retention(1.0, nothing) is None
    assert judge([FLOAT], nothing, VerifySettings()).ships is None


def test_a_gain_is_judged_by_the_lower_end_of_its_interval():
    assert gain_gate(Score(0.4, 0.3, 0.5, 144), 0.0).passed
    assert not gain_gate(Score(0.4, 0.3, 0.5, 144), 0.35).passed
    assert "holds zero" in gain_gate(Score(0.1, -0.1, 0.3, 9), 0.0).reason
    assert not gain_gate(Score(0.0, 0.0, 0.0, 9), 0.0).passed


def test_lines_with_a_word_that_no_training_line_has_are_found():
    assert unseen_tokens(["repl PMP", "repl hose", "ポンプ repl"], ["REPL pmp", "x hose"]) == [2]
