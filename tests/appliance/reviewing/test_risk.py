"""What a sample allows to say."""

import pytest

from appliance.reviewing.risk import Agreement, Residual


@pytest.mark.parametrize(
    ("hits", "trials", "bound"),
    [(0, 300, 0.00994), (0, 1, 0.95), (1, 300, 0.01573), (0, 59, 0.04951), (5, 5, 1.0), (0, 0, 1.0)],
)
def test_the_bound_is_that_of_clopper_and_pearson(hits: int, trials: int, bound: float) -> None:
    assert Residual(trials, trials, hits).bound == pytest.approx(bound, abs=2e-5)


def test_a_large_sample_with_many_misses_has_a_bound() -> None:
    assert Residual(2000, 2000, 300).bound == pytest.approx(0.1638, abs=1e-3)


def test_agreement_has_an_interval() -> None:
    assert Agreement(10, 9).interval == pytest.approx((0.5958, 0.9821), abs=1e-3)
    assert Agreement(0, 0).interval == (0.0, 1.0)
