"""That each interval is the published one, and how often it holds the truth: exactly, or in simulated samples."""

import math
from itertools import product

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar

from anonymize.proportions import Z_95
from appliance.evaluation.decide import gain_gate
from appliance.evaluation.intervals import (
    FEWEST_LINES,
    area,
    around_mean,
    chance_of_no_difference,
    of_draws,
    paired_shares,
    ratio,
    student,
)
from appliance.evaluation.membership import auc, true_positives
from appliance.evaluation.scores import paired_gain, perplexity_ratio

PAIRS = some.integers(1, 300).flatmap(
    lambda n: some.integers(0, n).flatmap(lambda b: some.tuples(some.just(b), some.integers(0, n - b), some.just(n)))
)


@settings(max_examples=40, deadline=None)
@given(some.integers(1, 3000))
def test_the_quantile_is_students(freedom):
    assert student(freedom) == pytest.approx(stats.t.ppf(0.975, freedom), abs=2e-5)


@settings(max_examples=40, deadline=None)
@given(PAIRS)
def test_the_paired_interval_excludes_zero_exactly_where_mcnemars_exact_test_does(counts):
    ours, theirs, samples = counts
    low, high = paired_shares(*counts)
    assert -1 <= low <= (ours - theirs) / samples <= high <= 1
    assert high - low > 0
    if ours + theirs:
        table = [[0, ours], [theirs, samples - ours - theirs]]
        chance = mcnemar(table, exact=True).pvalue
        assert chance_of_no_difference(ours, theirs) == pytest.approx(chance)
        assert (low > 0 or high < 0) == (chance < 0.05)


@settings(max_examples=40, deadline=None)
@given(PAIRS)
def test_the_ends_of_the_paired_interval_are_0_or_roots_of_the_published_polynomial(counts):
    """Yang, Sun and Hardin 2013 (Statistics in Medicine 32): Tango's interval without iterations."""
    ours, theirs, samples = counts
    odd, even, square = ours - theirs, ours + theirs, Z_95**2
    many = samples / square
    terms = (
        samples**2 * (many + 1) ** 2,
        -samples * odd * (many + 1) * (4 * many + 1),
        2 * samples * odd**2 * (3 * many + 2) / square - samples**2 * (even / square + 1),
        samples * odd * (2 * even / square + 1) - odd**3 * (4 * many + 1) / square,
        odd**2 * (odd**2 / square - even) / square,
    )
    for end in paired_shares(*counts):
        size = sum(abs(term * end**power) for term, power in zip(terms, (4, 3, 2, 1, 0), strict=True))
        assert end == 0 or abs(numpy.polyval(terms, end)) <= 1e-9 * size


def test_of_no_pairs_nothing_is_known():
    assert paired_shares(0, 0, 0) == (-1.0, 1.0)
    assert paired_shares(0, 0, 94) == pytest.approx((-0.0393, 0.0393), abs=1e-4)


@pytest.mark.parametrize(("right", "is_gain"), [(3, False), (4, False), (5, False), (6, True), (7, True)])
def test_a_gain_on_a_few_lines_needs_six_that_differ(right, is_gain):
    """Four of four right lines come by luck 1 time in 16; six of six 1 time in 64."""
    gate = gain_gate(paired_gain([1] * right, [0] * right, 7), 0.0)
    assert gate.passed == is_gain
    codes = [each["code"] for each in gate.reasons]
    assert ("few-lines" in codes, "holds-zero" in codes) == (right < FEWEST_LINES, not is_gain)


@pytest.mark.parametrize("differing", [0.1, 0.5, 1.0])
@pytest.mark.parametrize("samples", [2, 4, 6, 10, 30, 100])
def test_the_gate_calls_luck_a_gain_in_one_of_forty_sets_at_most(samples, differing):
    """Exactly, over all counts, where each line that differs is as likely the one's as the other's.

    Tango's interval alone: 6.2 % of four lines that all differ, 2.8 % of a hundred.
    """
    false_gains = 0.0
    for differ in range(samples + 1):
        share = stats.binom.pmf(differ, samples, differing)
        for ours in range(differ // 2 + 1, differ + 1):
            chance = share * stats.binom.pmf(ours, differ, 0.5)
            if chance < 1e-7 or _is_gain(ours, differ - ours, samples):  # what is too rare to look at counts as one
                false_gains += chance
    assert false_gains <= 0.025


def _is_gain(ours: int, theirs: int, samples: int) -> bool:
    rest = [0] * (samples - ours - theirs)
    candidate, baseline = [1] * ours + [0] * theirs + rest, [0] * ours + [1] * theirs + rest
    return gain_gate(paired_gain(candidate, baseline, 7), 0.0).passed


def _coverage_of_pairs(samples: int, ours: float, theirs: float) -> float:
    """Return exactly how often the interval holds the difference: over all counts, weighed by their chance."""
    counts = [(b, c) for b, c in product(range(samples + 1), repeat=2) if b + c <= samples]
    table = numpy.array([(b, c, samples - b - c) for b, c in counts])
    weights = stats.multinomial.pmf(table, samples, [ours, theirs, 1 - ours - theirs])
    held = [
        weight
        for (b, c), weight in zip(counts, weights, strict=True)
        if weight > 1e-7 and (ends := paired_shares(b, c, samples))[0] <= ours - theirs + 1e-9 <= ends[1] + 2e-9
    ]
    return sum(held)


@pytest.mark.parametrize(
    ("samples", "ours", "theirs"),
    [(12, 0.3, 0.2), (12, 0.9, 0.0), (20, 0.05, 0.05), (20, 0.6, 0.0), (50, 0.02, 0.0), (94, 0.1, 0.02)],
)
def test_the_paired_interval_covers_where_a_percentile_bootstrap_does_not(samples, ours, theirs):
    """The percentile bootstrap covered 0.90, 0.72, 0.98, 0.96, 0.64 and 0.93 of these."""
    assert _coverage_of_pairs(samples, ours, theirs) >= 0.93


def _lines(chance: numpy.random.Generator, share: float, lines: int) -> numpy.ndarray:
    """Return errors and words [2, lines]: few lines have errors, and then one to five."""
    words = chance.integers(3, 11, lines)
    errors = (chance.random(lines) < share) * (1 + chance.binomial(4, 0.25, lines))
    return numpy.array([errors, words], dtype=float)


@pytest.mark.parametrize(("share", "lines"), [(0.02, 20), (0.05, 30), (0.3, 10), (0.3, 94), (0.95, 10), (0.05, 94)])
def test_the_interval_of_an_error_rate_covers_where_a_percentile_bootstrap_does_not(share, lines):
    """The percentile bootstrap covered 0.34, 0.74, 0.86, 0.93, 0.91 and 0.89 of these."""
    chance = numpy.random.default_rng(11)
    truth = share * 2 / 6.5
    found = [ratio(*_lines(chance, share, lines)) for _ in range(2000)]
    covered = sum(low <= truth <= high for low, high in found)
    assert covered >= 1860  # 0.93; of 2,000 sets the standard error is 0.005


def test_what_every_line_has_alike_is_not_certain():
    whole = numpy.full(20, 4.0)
    assert ratio(whole, whole)[0] < 0.85
    low, high = ratio(numpy.zeros(20), whole)
    assert (low, high) == (0.0, pytest.approx(0.161, abs=1e-3))
    assert ratio(numpy.array([1.0]), numpy.array([4.0]))[1] >= 1.0
    assert ratio(numpy.zeros(0), numpy.zeros(0)) == (0.0, 1.0)


@settings(max_examples=40, deadline=None)
@given(some.lists(some.tuples(some.integers(0, 12), some.integers(0, 9)), max_size=40))
def test_a_ratio_lies_in_its_interval(lines):
    parts, wholes = (numpy.array([line[side] for line in lines], dtype=float) for side in (0, 1))
    low, high = ratio(parts, wholes)
    assert 0 <= low <= parts.sum() / max(1, wholes.sum()) * (1 + 1e-9) + 1e-12
    assert parts.sum() / max(1, wholes.sum()) <= high * (1 + 1e-9)
    assert math.isfinite(high)


@pytest.mark.parametrize(("truth", "members", "others"), [(0.5, 12, 12), (0.75, 20, 20), (0.9, 20, 95), (0.97, 95, 95)])
def test_the_interval_of_an_area_covers_near_1_and_of_few_examples(truth, members, others):
    """On the scale of the area itself it covered 0.93, 0.92, 0.90 and 0.93."""
    chance = numpy.random.default_rng(12)
    shift = stats.norm.ppf(truth) * 2**0.5
    found = [auc(chance.normal(shift, 1, members), chance.normal(0, 1, others)) for _ in range(1000)]
    assert sum(score.low <= truth <= score.high for score in found) >= 920


def test_scores_that_are_all_alike_say_little_of_an_area():
    found = auc(numpy.zeros(20), numpy.zeros(20))
    assert found.low < 0.35 < found.value < 0.65 < found.high
    assert area(0.5, 0.01) == pytest.approx((0.3135, 0.6865), abs=1e-3)


def test_the_true_positives_are_those_at_the_threshold_that_was_found_and_not_those_at_one_percent():
    """What the interval says and what it does not: see docs/evidence.md."""
    chance = numpy.random.default_rng(13)
    at_found, at_one_percent = 0, 0
    for _ in range(800):
        others = chance.normal(0, 1, 200)
        found = true_positives(chance.normal(1, 1, 200), others)
        threshold = numpy.sort(others)[::-1][2]
        at_found += found.low <= stats.norm.sf(threshold - 1) <= found.high
        at_one_percent += found.low <= stats.norm.sf(stats.norm.isf(0.01) - 1) <= found.high
    assert 0.93 <= at_found / 800 <= 0.97
    assert 0.5 <= at_one_percent / 800 <= 0.75


@pytest.mark.parametrize(("pieces", "least"), [(4, 0.87), (8, 0.92)])
def test_the_ratio_of_perplexities_covers_for_few_pieces(pieces, least):
    """A plain percentile bootstrap covered 0.81 and 0.90."""
    chance = numpy.random.default_rng(14)
    held = 0
    for _ in range(250):
        shifts = chance.normal(0.2, 0.1, pieces)
        scores = perplexity_ratio([numpy.full(50, 2 + shift) for shift in shifts], [numpy.full(50, 2.0)] * pieces, 7)
        held += scores.low <= math.exp(0.2) <= scores.high
    assert held / 250 >= least


def test_the_bootstrap_of_a_skewed_gain_covers_for_few_lines():
    chance = numpy.random.default_rng(15)
    held = 0
    for _ in range(400):
        ours, theirs = chance.beta(5, 1, 12), chance.beta(4, 1, 12)
        gain = paired_gain(ours, theirs, 7)
        held += gain.low <= 5 / 6 - 4 / 5 <= gain.high
    assert held / 400 >= 0.92


def _gains(spread: str, chance: numpy.random.Generator, size: tuple[int, int]) -> numpy.ndarray:
    """Return gains whose mean is 0: of two values, of three, of many, or mostly small and rarely a great loss."""
    match spread:
        case "two":
            return chance.choice([-0.5, 0.5], size)
        case "nearly whole":
            return chance.choice([-0.95, 0.95], size)
        case "three":
            return chance.choice([-0.25, 0.0, 0.25], size)
        case "many":
            return chance.uniform(-0.4, 0.4, size)
        case _:
            return numpy.where(chance.random(size) < 0.1, -0.9, 0.1)


@pytest.mark.parametrize("lines", [2, 5, 8, *(pytest.param(lines, marks=pytest.mark.slow) for lines in (3, 4, 6, 7))])
@pytest.mark.parametrize("spread", ["two", "nearly whole", "three", "many", "skewed"])
def test_a_gain_on_few_lines_is_not_found_by_luck(spread, lines):
    """The bootstrap alone passed 25 % of pairs of lines, both better by chance."""
    gains = _gains(spread, numpy.random.default_rng(16), (6000, lines))
    half = student(lines - 1) * gains.std(axis=1, ddof=1) / lines**0.5
    likely = gains[gains.mean(axis=1) > half]  # no other can pass: the interval is at least as wide
    passed = sum(paired_gain(numpy.maximum(row, 0), numpy.maximum(-row, 0), 7).low > 0 for row in likely[:1500])
    assert passed / min(1.0, 1500 / max(1, len(likely))) / 6000 <= 0.03  # 0.025, and 2.5 standard errors


@pytest.mark.parametrize("lines", [2, 5, 29, 30, 94])
def test_equal_gains_are_not_certain(lines):
    gain = paired_gain([0.75] * lines, [0.25] * lines, 7)
    assert gain.low < 0.5 - 0.05 < 0.5 + 0.01 < gain.high
    assert (gain.low > 0) == (lines >= 9)


@settings(max_examples=40, deadline=None)
@given(some.lists(some.floats(0.0, 1.0), min_size=2, max_size=29), some.integers(0, 9))
def test_of_few_lines_the_interval_is_never_narrower_than_students(ours, seed):
    gain, values = paired_gain(ours, [0.5] * len(ours), seed), numpy.array(ours) - 0.5
    low, high = around_mean(values)
    if values.any():
        assert -1 <= gain.low <= max(-1, low) + 1e-12
        assert min(1, high) - 1e-12 <= gain.high <= 1


def test_of_many_samples_the_draws_are_cut_at_the_usual_quantiles():
    drawn = numpy.linspace(0, 1, 100_001)
    assert of_draws(drawn, 5000) == pytest.approx((0.025, 0.975), abs=1e-4)
    assert of_draws(drawn, 8)[0] < 0.02
