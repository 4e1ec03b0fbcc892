"""What a sample allows to say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.reviewing.risk import upper_bound, wilson


@pytest.mark.parametrize(
    ("hits", "trials", "bound"),
    [(0, 300, 0.00994), (0, 1, 0.95), (1, 300, 0.01573), (0, 59, 0.04951), (5, 5, 1.0), (0, 0, 1.0)],
)
def test_the_bound_is_that_of_clopper_and_pearson(hits: int, trials: int, bound: float) -> None:
    assert upper_bound(hits, trials) == pytest.approx(bound, abs=2e-5)


@given(st.integers(0, 40), st.integers(1, 200))
def test_more_reading_without_a_miss_never_raises_the_bound(hits: int, trials: int) -> None:
    hits = min(hits, trials)
    assert hits / trials <= upper_bound(hits, trials) <= 1.0
    assert upper_bound(hits, trials + 1) <= upper_bound(hits, trials)


def test_agreement_has_an_interval() -> None:
    low, high = wilson(9, 10)
    assert (low, high) == pytest.approx((0.5958, 0.9821), abs=1e-3)
    assert wilson(0, 0) == (0.0, 1.0)
