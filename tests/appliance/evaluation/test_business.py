import pytest
from hypothesis import given
from hypothesis import strategies as some

from appliance.core.purpose import BusinessSettings
from appliance.evaluation.business import again, business_case, business_facts

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
)


def test_a_case_computed_by_hand():
    case = business_case(STATED)
    assert case.saved_per_request == pytest.approx(100.0)
    assert case.energy_per_request == pytest.approx(0.006)
    assert case.gain_per_month == pytest.approx(2000 * 99.994 - 20_000)
    assert case.break_even_month == 8  # 1,300,000 / 179,988 = 7.2
    assert case.cost_per_thousand == pytest.approx(6 + 0.5 * (20_000 + 8_000))


def test_what_saves_nothing_never_breaks_even():
    assert business_case(STATED.model_copy(update={"minutes_after": 3})).break_even_month is None


@given(some.floats(1, 1e6), some.floats(0, 1e7))
def test_until_the_break_even_month_less_was_gained_than_paid(requests, project):
    case = business_case(STATED.model_copy(update={"requests_per_month": requests, "project_cost": project}))
    if case.break_even_month is not None:
        assert case.break_even_month * case.gain_per_month >= case.paid_once * (1 - 1e-12)
        assert (case.break_even_month - 1) * case.gain_per_month < case.paid_once


def test_the_sensitivity_halves_and_doubles_each_input():
    facts = business_facts(STATED)
    assert facts["sensitivity"]["requests_per_month"] == [17, 4]  # 1,300,000 / 79,994 and / 379,976
    assert facts["sensitivity"]["wage_per_hour"][0] > facts["results"]["break_even_month"]
    assert again(facts) == facts
