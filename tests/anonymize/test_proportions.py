import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as some
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from anonymize.proportions import lower_bound, sample_size, upper_bound, wilson

COUNTS = some.integers(1, 2000).flatmap(lambda n: some.tuples(some.integers(0, n), some.just(n)))


@given(COUNTS)
def test_the_bounds_are_those_of_clopper_and_pearson(counts):
    low, high = proportion_confint(*counts, alpha=0.10, method="beta")  # two-sided 90 %: each side holds 95 %
    assert upper_bound(*counts) == pytest.approx(high, abs=1e-9)
    assert lower_bound(*counts) == pytest.approx(low, abs=1e-9)


@pytest.mark.parametrize(("share", "samples"), [(0.01, 100), (0.05, 300), (0.5, 20)])
def test_the_bound_holds_in_at_least_95_of_100_samples(share, samples):
    hits = numpy.random.default_rng(6).binomial(samples, share, 3000)
    bounds = {count: upper_bound(int(count), samples) for count in set(hits)}
    assert sum(bounds[count] >= share for count in hits) >= 0.95 * 3000 - 36  # three standard errors


@given(COUNTS)
def test_wilsons_interval_is_that_of_statsmodels(counts):
    assert wilson(*counts) == pytest.approx(proportion_confint(*counts, method="wilson"), abs=1e-12)


def _coverage(intervals, samples: int) -> numpy.ndarray:
    """Return exactly how often the intervals of 0 to all hits hold each share of a grid."""
    shares = numpy.linspace(0.001, 0.999, 999)
    low, high = (numpy.array(ends)[:, None] for ends in zip(*intervals, strict=True))
    chance = stats.binom.pmf(numpy.arange(samples + 1)[:, None], samples, shares)
    return (chance * ((low <= shares) & (shares <= high))).sum(axis=0)


@pytest.mark.parametrize("samples", [10, 30, 94, 300])
def test_wilsons_interval_covers_on_average_and_less_for_the_rarest_shares(samples):
    covered = _coverage([wilson(hits, samples) for hits in range(samples + 1)], samples)
    assert 0.945 <= covered.mean() <= 0.965
    assert covered.min() >= 0.83
    shares = numpy.linspace(0.001, 0.999, 999)
    usual = (shares > 2 / samples) & (shares < 1 - 2 / samples)
    assert covered[usual].min() >= 0.91


@pytest.mark.parametrize("samples", [10, 94])
def test_the_exact_bounds_cover_every_share(samples):
    above = [(0.0, upper_bound(hits, samples)) for hits in range(samples + 1)]
    below = [(lower_bound(hits, samples), 1.0) for hits in range(samples + 1)]
    for bounds in (above, below):
        assert _coverage(bounds, samples).min() >= 0.95 - 1e-9


def test_zero_misses_in_299_records_bound_what_remains_below_1_percent():
    assert sample_size(0.01) == 299
    assert upper_bound(0, 299) < 0.01 < upper_bound(0, 298)


@given(some.floats(0.005, 0.5), some.integers(0, 5))
def test_the_sample_is_the_smallest_that_keeps_the_bound(bound, misses):
    size = sample_size(bound, misses)
    assert upper_bound(misses, size) <= bound < upper_bound(misses, size - 1)


def test_of_nothing_nothing_is_known():
    assert upper_bound(0, 0) == 1.0
    assert lower_bound(0, 0) == 0.0
