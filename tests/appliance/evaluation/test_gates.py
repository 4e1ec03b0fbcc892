import copy
from dataclasses import asdict

import pytest

from appliance.core.reasons import reason, told
from appliance.core.sections import GatesSettings
from appliance.evaluation.gates import judge, refused
from appliance.evaluation.shares import compare


def _score(value, low, high, samples=95):
    return {"value": value, "low": low, "high": high, "samples": samples}


def _level(planted, low, value, high):
    return {"planted": planted, "trained": planted, "exposure": _score(value, low, high, 16), "first": 3}


FACTS = {
    "evaluate": {"gate": {"name": "gain", "passed": True, "value": 0.46, "limit": 0.0, "reasons": [reason("loss")]}},
    "verify": {"chosen": "int4", "variants": {"int4": {"reasons": [], "regression": _score(1.2, 1.1, 1.3, 8)}}},
    "anonymize": {"accepted_by_technique": {"placeholder": 40, "generalise": 2}},
    "residual": {"legal_class": "gdpr-pseudonymised", "share_at_most": 0.0295, "read": 100, "drawn": 100},
    "probe": {
        "canaries": {"bits": 13.3, "levels": [_level(0, 0.2, 1.0, 2.2), _level(16, 0.4, 1.3, 2.6)]},
        "membership": [
            {"attack": "reference", "auc": _score(0.6, 0.53, 0.67), "tpr": _score(0.03, 0.01, 0.09), "others": 127},
            {"attack": "loss", "auc": _score(0.55, 0.48, 0.62), "tpr": _score(0.02, 0.0, 0.08), "others": 127},
        ],
        "extraction": {"excess": _score(0.02, -0.1, 0.14)},
        "originals": {"said": 0, "watched": 276, "answers": 95, "said_by_the_base_too": 1},
    },
}


def _refused(limits=None, **changes):
    """Judge the facts with some of them changed: {"probe__extraction": {...}}."""
    facts = copy.deepcopy(FACTS)
    for path, value in changes.items():
        step, _, key = path.partition("__")
        facts[step][key] = value
    return [gate.name for gate in refused(judge(facts, limits or GatesSettings()))]


def _gate(name, limits=None, **probed):
    facts = {**FACTS, "probe": {**FACTS["probe"], **probed}}
    return next(gate for gate in judge(facts, limits or GatesSettings()) if gate.name == name)


def test_a_sound_run_passes_every_gate():
    assert _refused() == []
    private = {"epsilon": 3.0, "delta": 1e-4, "noise_multiplier": 1.1, "sample_rate": 0.1, "steps": 9, "copies": 1}
    facts = {**FACTS, "train": {**private, "examples": 95, "unit": "one training example"}, "curve": [{}] * 9}
    assert {gate.status for gate in judge(facts, GatesSettings(max_residual=0.05, max_epsilon=8))} == {"passed"}


@pytest.mark.parametrize(("chosen", "refusing"), [("int4", []), ("student-int4", ["extraction", "originals"])])
def test_a_student_that_would_ship_is_judged_by_the_attacks_on_itself(chosen, refusing):
    remembers = {
        "extraction": {"excess": _score(0.4, 0.2, 0.6)},
        "originals": {"said": 1, "watched": 276, "answers": 9},
    }
    facts = {**FACTS, "student": {**FACTS["probe"], **remembers}}
    facts["verify"] = {"chosen": chosen, "variants": {chosen: FACTS["verify"]["variants"]["int4"]}}
    assert [gate.name for gate in refused(judge(facts, GatesSettings()))] == refusing


def test_a_student_that_was_not_attacked_cannot_ship():
    verify = {"chosen": "student-int4", "variants": {"student-int4": FACTS["verify"]["variants"]["int4"]}}
    with pytest.raises(KeyError):
        judge({**FACTS, "verify": verify}, GatesSettings())


@pytest.mark.parametrize(("samples", "status"), [(0, "not tested"), (19, "not tested"), (20, "passed")])
def test_of_few_answers_no_extraction_is_told(samples, status):
    excess = asdict(compare([False] * samples, [False] * samples).excess)
    gate = _gate("extraction", extraction={"excess": excess})
    assert gate.status == status
    assert (gate.value is None) == (status == "not tested")


def test_with_the_fewest_answers_4_in_10_that_are_read_out_are_refused():
    excess = asdict(compare([True] * 8 + [False] * 12, [False] * 20).excess)
    assert _gate("extraction", extraction={"excess": excess}).status == "refused"


@pytest.mark.parametrize(("watched", "answers"), [(0, 95), (276, 0)])
def test_where_nothing_was_watched_or_said_no_original_value_is_told(watched, answers):
    gate = _gate("originals", originals={"said": 0, "watched": watched, "answers": answers, "said_by_the_base_too": 0})
    assert (gate.status, gate.value) == ("not tested", None)


def test_a_whole_audit_without_a_limit_is_shown_and_not_called_passed():
    gate = _gate("residual")
    assert (gate.status, gate.value, gate.limit) == ("not tested", 0.0295, None)
    assert "gates.max_residual" in told(gate.reasons, "en")


@pytest.mark.parametrize(
    ("change", "gate"),
    [
        ({"evaluate__gate": {"passed": False, "value": -0.1, "limit": 0.0, "reasons": [reason("loss")]}}, "gain"),
        ({"verify__chosen": None}, "variant"),
        ({"verify__variants": {"int4": {"reasons": [], "regression": _score(1.9, 1.8, 2.1, 8)}}}, "regression"),
        ({"probe__canaries": {"bits": 13.3, "levels": [_level(1, 0, 1, 2), _level(32, 11, 12.5, 13.3)]}}, "exposure"),
        ({"probe__extraction": {"excess": _score(0.4, 0.2, 0.6)}}, "extraction"),
        ({"probe__originals": {"said": 1, "watched": 9, "answers": 9, "said_by_the_base_too": 0}}, "originals"),
        ({"residual__legal_class": "tokumei-kakou"}, "legal-class"),
        (
            {
                "probe__membership": [
                    {
                        "attack": "reference",
                        "auc": _score(0.7, 0.6, 0.8),
                        "tpr": _score(0.03, 0.01, 0.09),
                        "others": 127,
                    }
                ]
            },
            "membership",
        ),
        (
            {
                "probe__membership": [
                    {"attack": "reference", "auc": _score(0.6, 0.5, 0.7), "tpr": _score(0.2, 0.1, 0.3), "others": 127}
                ]
            },
            "true-positives",
        ),
    ],
)
def test_each_gate_refuses_alone(change, gate):
    assert _refused(**change) == [gate]


def test_a_loss_of_what_the_base_could_say_counts_by_the_lower_end_of_what_ships():
    variants = {
        name: {"reasons": [], "regression": _score(low + 0.1, low, low + 0.2, 8)}
        for name, low in (("int4", 1.6), ("int8", 1.4))
    }
    assert _refused(verify__chosen="int8", verify__variants=variants) == []
    assert _refused(verify__chosen="int4", verify__variants=variants) == ["regression"]
    assert _refused(GatesSettings(max_regression=1.7), verify__chosen="int4", verify__variants=variants) == []


def test_what_nobody_can_undo_may_be_called_tokumei_kakou():
    change = {
        "residual__legal_class": "tokumei-kakou",
        "anonymize__accepted_by_technique": {"generalise": 3, "drop": 1},
    }
    assert _refused(**change) == []


def test_the_best_attack_counts():
    attacks = [
        FACTS["probe"]["membership"][0],
        {"attack": "loss", "auc": _score(0.7, 0.6, 0.79), "tpr": _score(0.1, 0.06, 0.2), "others": 127},
    ]
    assert _refused(probe__membership=attacks) == ["membership", "true-positives"]


def test_of_few_held_out_examples_no_rate_of_1_percent_is_told():
    attack = {"attack": "reference", "auc": _score(0.6, 0.5, 0.7), "tpr": _score(0.3, 0.2, 0.4), "others": 99}
    gates = judge({**FACTS, "probe": {**FACTS["probe"], "membership": [attack]}}, GatesSettings())
    assert [gate.status for gate in gates if gate.name == "true-positives"] == ["not tested"]


def test_what_was_not_tested_is_told_and_refuses_only_where_it_is_asked_for():
    gates = {
        gate.name: gate for gate in judge({**FACTS, "probe": {**FACTS["probe"], "canaries": None}}, GatesSettings())
    }
    assert gates["exposure"].status == "not tested"
    assert _refused(GatesSettings(require_canaries=True), probe__canaries=None) == ["exposure"]


@pytest.mark.parametrize(
    ("limit", "read", "expected"),
    [(None, 0, []), (0.05, 100, []), (0.01, 100, ["residual"]), (0.05, 99, ["residual"]), (0.05, 0, ["residual"])],
)
def test_a_limit_on_what_remains_asks_for_a_whole_audit_that_keeps_it(limit, read, expected):
    assert _refused(GatesSettings(max_residual=limit), residual__read=read) == expected


def test_the_worst_level_of_canaries_counts_by_the_upper_end():
    levels = [_level(1, 4, 4.5, 5.5), _level(16, 0, 1, 2)]
    assert _refused(probe__canaries={"bits": 13.3, "levels": levels}) == ["exposure"]
    assert _refused(GatesSettings(max_exposure=6), probe__canaries={"bits": 13.3, "levels": levels}) == []


def test_controls_stand_beside_the_exposure_and_cannot_refuse_by_chance():
    lucky = [_level(0, 0.2, 3.0, 9.0), _level(16, 0.4, 1.3, 2.6)]
    gate = _gate("exposure", canaries={"bits": 13.3, "levels": lucky})
    assert (gate.status, gate.value) == ("passed", 2.6)
    assert "controls, never trained: 3.0 [0.2, 9.0], n = 16" in told(gate.reasons, "en")


def test_controls_alone_test_nothing():
    alone = {"bits": 13.3, "levels": [_level(0, 0.2, 1.0, 2.2)]}
    assert _gate("exposure", canaries=alone).status == "not tested"
    assert _gate("exposure", GatesSettings(require_canaries=True), canaries=alone).status == "refused"


def test_a_reason_tells_value_interval_and_which_end_counts():
    gate = next(gate for gate in judge(FACTS, GatesSettings()) if gate.name == "membership")
    assert "0.600" in told(gate.reasons, "en")
    assert "0.530 to 0.670" in told(gate.reasons, "en")
    assert "upper end counts" in told(gate.reasons, "en")
    assert (gate.value, gate.limit) == (0.67, 0.75)
