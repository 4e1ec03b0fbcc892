import pytest

from appliance.core.sections import PrivacySettings
from appliance.evidence import dossier as names
from appliance.evidence.auditing import audit
from appliance.evidence.bom import bill_of_materials
from appliance.evidence.cards import model_card
from appliance.evidence.page import page
from appliance.training.accounting import Budget, budget_for, spent


def _told(budget: Budget) -> dict:
    return {
        "epsilon": budget.epsilon,
        "delta": budget.delta,
        "noise_multiplier": budget.noise_multiplier,
        "sample_rate": budget.sample_rate,
        "steps": budget.steps,
        "clip_norm": 0.1,
        "batch_size": 16,
        "examples": 100,
        "copies": 1,
        "unit": "one training example",
        "accountant": "opacus 1.6.0, Rényi",
    }


@pytest.mark.parametrize(("language", "word"), [("en", "nothing is guaranteed"), ("ja", "保証はなく")])
def test_a_model_without_a_guarantee_is_said_to_have_none(make_dossier, sealed_facts, language, word):
    dossier = make_dossier(sealed_facts)
    assert word in page(dossier, language)
    assert "Differential privacy: none" in model_card(dossier)


@pytest.mark.parametrize(("language", "word"), [("en", "Guaranteed, not measured"), ("ja", "測定値ではなく保証です")])
def test_report_and_card_show_the_guarantee_and_where_it_stands(make_dossier, sealed_facts, language, word):
    told = _told(Budget(epsilon=7.9995, delta=0.0063, noise_multiplier=0.7321, sample_rate=0.16, steps=20))
    dossier = make_dossier({**sealed_facts, names.PRIVACY: told})
    text = page(dossier, language)
    assert word in text
    assert f'title="{names.PRIVACY} /epsilon">8</a>' in text
    assert f'title="{names.PRIVACY} /noise_multiplier">0.7321</a>' in text
    assert 'id="f-privacy"' in text
    assert "epsilon 8, delta 0.0063 for one training example of 100" in model_card(dossier)


@pytest.mark.slow
def test_an_audit_counts_the_budget_anew_and_finds_a_changed_one(make_dossier, sealed_facts):
    told = _told(budget_for(PrivacySettings(epsilon=8), 100, 16, 39))

    def budget(**changes) -> str:
        dossier = make_dossier({**sealed_facts, names.PRIVACY: {**told, **changes}})
        found = audit(dossier, {}, bill_of_materials(dossier, {"numpy": "2.0"}))
        return next(finding.result for finding in found if finding.what == "privacy budget")

    assert budget() == "same"
    beside = {"delta": 0.02, "epsilon": spent(told["noise_multiplier"], told["sample_rate"], 39, 0.02)}
    fewer = {"steps": 20, "epsilon": spent(told["noise_multiplier"], told["sample_rate"], 20, told["delta"])}
    assert [budget(**change) for change in (beside, fewer)] == ["DIFFERS"] * 2
    changes = ({"epsilon": 2.0}, {"noise_multiplier": 0.9}, {"steps": 40}, {"delta": 1e-3}, {"sample_rate": 0.1})
    assert [budget(**change) for change in changes] == ["DIFFERS"] * 5


def test_without_a_private_training_no_budget_is_audited(make_dossier, sealed_facts):
    dossier = make_dossier(sealed_facts)
    found = audit(dossier, {}, bill_of_materials(dossier, {"numpy": "2.0"}))
    assert "privacy budget" not in {finding.what for finding in found}
