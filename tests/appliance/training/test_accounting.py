"""Held against formulas of other sources than the accountant that is used."""

import math
import subprocess
import sys
from importlib.metadata import version

import numpy
import pytest
from scipy import special, stats

from appliance.core.errors import SettingsError
from appliance.core.sections import PrivacySettings
from appliance.training.accounting import ORDERS, TOLERANCE, accountant, budget_for, spent


def _rdp_by_integral(order, rate, noise):
    """Return E over N(0, s) of the likelihood ratio to the order, as its logarithm over order - 1 (1908.10530)."""
    places, width = numpy.linspace(-12 * noise, 12 * noise + order, 20_001, retstep=True)
    log_ratio = numpy.logaddexp(math.log1p(-rate), math.log(rate) + (2 * places - 1) / (2 * noise**2))
    return (special.logsumexp(stats.norm.logpdf(places, scale=noise) + order * log_ratio) + math.log(width)) / (
        order - 1
    )


@pytest.mark.slow
@pytest.mark.parametrize(("rate", "noise"), [(0.01, 1.1), (0.1, 2.0), (0.3, 1.5)])
def test_what_is_spent_is_the_least_over_the_orders_by_direct_integration(rate, noise):
    steps, delta = 40, 1e-4
    orders = [order for order in ORDERS if order <= 30]
    by_order = [
        steps * _rdp_by_integral(order, rate, noise)
        + math.log((order - 1) / order)
        - (math.log(delta) + math.log(order)) / (order - 1)
        for order in orders
    ]
    assert spent(noise, rate, steps, delta) == pytest.approx(min(by_order), rel=1e-3)


@pytest.mark.slow
def test_without_sampling_it_is_the_gaussian_mechanism_composed():
    # RDP of the Gaussian mechanism: order / (2 s^2), added up over the steps (Mironov 2017)
    noise, steps, delta = 4.0, 9, 1e-5
    by_order = [
        steps * order / (2 * noise**2) + math.log((order - 1) / order) - math.log(delta * order) / (order - 1)
        for order in ORDERS
    ]
    assert spent(noise, 1.0, steps, delta) == pytest.approx(min(by_order), rel=1e-9)


@pytest.mark.slow
def test_the_published_figure_of_abadi_2016_is_not_exceeded():
    # figure 2 of arXiv 1607.00133: q = 0.01, s = 4, delta = 1e-5, 10,000 steps: 1.26 by the moments accountant
    assert 1.0 < spent(4.0, 0.01, 10_000, 1e-5) <= 1.26


@pytest.mark.slow
@pytest.mark.parametrize(
    ("epsilon", "examples", "batch", "steps"), [(0.5, 90, 16, 20), (100.0, 90, 16, 20), (3.0, 6_000, 256, 100)]
)
def test_the_noise_keeps_the_budget_and_wastes_none(epsilon, examples, batch, steps):
    budget = budget_for(PrivacySettings(epsilon=epsilon), examples, batch, steps)
    assert epsilon - TOLERANCE <= budget.epsilon <= epsilon
    assert budget.epsilon == spent(budget.noise_multiplier, budget.sample_rate, budget.steps, budget.delta)
    assert budget.delta == pytest.approx(examples**-1.1)
    assert budget.delta < 1 / examples


@pytest.mark.slow
def test_a_batch_as_large_as_all_draws_every_example():
    assert budget_for(PrivacySettings(epsilon=8), 20, 64, 3).sample_rate == 1.0


def test_a_delta_that_may_give_an_example_away_is_refused():
    with pytest.raises(SettingsError, match="given away whole"):
        budget_for(PrivacySettings(epsilon=8, delta=0.01), 100, 16, 10)


@pytest.mark.slow
def test_an_epsilon_that_no_noise_keeps_is_refused():
    with pytest.raises(SettingsError, match="cannot be kept"):
        budget_for(PrivacySettings(epsilon=1e-9), 100, 16, 10)


def test_the_accountant_names_itself():
    assert accountant() == f"opacus {version('opacus')}, Rényi"


def test_without_the_extra_the_operator_is_told_what_to_install():
    code = (
        "from importlib.machinery import PathFinder\n"
        "known = PathFinder.find_spec\n"
        "PathFinder.find_spec = lambda name, *rest: None if name == 'opacus' else known(name, *rest)\n"
        "from appliance.core.errors import SettingsError\n"
        "from appliance.training.accounting import spent\n"
        "try:\n spent(1.0, 0.1, 1, 1e-5)\nexcept SettingsError as error:\n print(error.exit_status, error.hint)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "2 install adaptation-appliance[dp]\n"
