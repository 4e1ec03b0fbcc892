import pytest
from hypothesis import given
from hypothesis import strategies as some

from appliance.core.purpose import BusinessSettings
from appliance.evaluation.business import again, business_facts

STATED = BusinessSettings(
    currency="円",
    source="工場長, 2026",
    requests_per_month=2000,
    minutes_before=3,
    minutes_after=1,
    wage_per_hour=3000,
    machine_cost=400_000,
    machine_months=50,
    project_cost=900_000,
    running_per_month=20_000,
    watts=360,
    seconds_per_request=2,
    price_per_kwh=30,
    price_per_machine_hour=900,
)
MEAN = {"low": 0.1, "high": 9.0, "samples": 20}
NOTHING = {"asked": True, "on": None, "requests": None, "training": None}
MEASURED = {
    "asked": True,
    "on": "target",
    "requests": {"seconds": {"value": 4.0, **MEAN}, "joules": {"value": 240.0, **MEAN}, "energy": "measured"},
    "training": {"seconds": 7200.0, "joules": 1_800_000.0, "energy": "measured"},
}
UNSTATED = STATED.model_copy(update={"watts": None, "seconds_per_request": None})


def _case(stated: BusinessSettings, cost: dict = NOTHING) -> dict:
    return business_facts(stated, cost)["results"]


def test_a_case_computed_by_hand_from_what_is_stated():
    case = _case(STATED)
    assert case["saved_per_request"] == pytest.approx(100.0)
    assert case["energy_per_request"] == pytest.approx(0.006)
    assert case["gain_per_month"] == pytest.approx(2000 * 99.994 - 20_000)
    assert case["break_even_month"] == 8  # 1,300,000 / 179,988 = 7.2
    assert case["cost_per_thousand"] == pytest.approx(6 + 0.5 * (20_000 + 8_000))


def test_what_nobody_states_is_taken_as_it_was_measured_and_the_training_is_paid():
    facts = business_facts(UNSTATED, MEASURED)
    case = facts["results"]
    assert case["energy_per_request"] == pytest.approx(240 / 3_600_000 * 30)
    assert case["training_cost"] == pytest.approx(2 * 900 + 0.5 * 30)
    assert case["paid_once"] == pytest.approx(1_300_000 + 1_815)
    assert (facts["figures"]["seconds_per_request"], facts["sources"]["seconds_per_request"]) == (4.0, "measured")
    assert (facts["sources"]["wage_per_hour"], facts["sources"]["watts"]) == ("stated", "not stated")


def test_energy_that_is_neither_stated_nor_measured_is_left_out_and_named():
    cost = {**MEASURED, "requests": {**MEASURED["requests"], "joules": None, "energy": "no counter"}}
    facts = business_facts(UNSTATED, cost)
    assert facts["results"]["energy_per_request"] is None
    assert facts["results"]["cost_per_thousand"] == pytest.approx(0.5 * (20_000 + 8_000))
    assert facts["sources"]["joules_per_request"] == "not measured"
    assert "joules_per_request" not in facts["sensitivity"]


def test_what_the_owner_states_takes_the_place_of_a_measurement():
    facts = business_facts(STATED, MEASURED)
    assert facts["results"]["energy_per_request"] == pytest.approx(0.006)
    assert facts["sources"]["seconds_per_request"] == "stated"


def test_a_training_whose_seconds_are_not_whole_has_no_cost():
    resumed = {**MEASURED, "training": {"seconds": None, "joules": None, "energy": "taken up again"}}
    assert _case(UNSTATED, resumed)["training_cost"] is None


def test_a_default_is_not_called_stated():
    stated = STATED.model_copy(update={"machine_months": 60.0})
    assert business_facts(stated, NOTHING)["sources"]["machine_months"] == "default"


def test_what_saves_nothing_never_breaks_even():
    assert _case(STATED.model_copy(update={"minutes_after": 3}))["break_even_month"] is None


@given(some.floats(1, 1e6), some.floats(0, 1e7))
def test_until_the_break_even_month_less_was_gained_than_paid(requests, project):
    case = _case(STATED.model_copy(update={"requests_per_month": requests, "project_cost": project}))
    month, gain, paid = (case[key] for key in ("break_even_month", "gain_per_month", "paid_once"))
    if month is not None:
        assert month * gain >= paid * (1 - 1e-12)
        assert (month - 1) * gain < paid


def test_the_sensitivity_halves_and_doubles_each_input():
    facts = business_facts(STATED, MEASURED)
    assert facts["sensitivity"]["requests_per_month"] == [17, 4]  # 1,301,815 / 79,994 and / 379,976
    assert facts["sensitivity"]["wage_per_hour"][0] > facts["results"]["break_even_month"]
    assert again(facts, MEASURED) == facts
