"""Private training on a real tiny model: each example is bounded, the noise is as told, a run goes on bit by bit."""

import math
from dataclasses import replace

import numpy
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as some
from scipy import stats

from appliance.base_model.likelihood import labelled_nll
from appliance.base_model.loading import load_dequantised
from appliance.core.cipher import load_key
from appliance.core.errors import CustodyError, Interrupted
from appliance.core.sections import PrivacySettings
from appliance.training.accounting import Budget
from appliance.training.adapter import add_adapter, trainable
from appliance.training.plan import TrainPlan, plan_from_json
from appliance.training.private_steps import PrivateSteps, clipped_gradients, shortening
from appliance.training.qlora import train

pytestmark = pytest.mark.usefixtures("one_thread")
BUDGET = Budget(epsilon=8.0, delta=1e-3, noise_multiplier=0.7, sample_rate=0.25, steps=8)


@pytest.fixture
def private_plan(small_plan, tmp_path) -> TrainPlan:
    load_key(tmp_path / "key")
    privacy = PrivacySettings(epsilon=8, key=tmp_path / "key")
    return replace(small_plan, settings=small_plan.settings.model_copy(update={"privacy": privacy}), budget=BUDGET)


@pytest.fixture(scope="module")
def adapted(tiny_folder):
    """A model with adapters that do something, so that both factors have gradients."""
    from appliance.core.sections import TrainSettings  # noqa: PLC0415

    model = add_adapter(load_dequantised(tiny_folder), TrainSettings(rank=4), 7)
    torch.manual_seed(3)
    with torch.no_grad():
        for value in trainable(model).values():
            value.add_(torch.randn_like(value) * 0.05)
    return model.train()


def _gradient_of(model, row):
    parameters = trainable(model)
    for value in parameters.values():
        value.grad = None
    nats, tokens = labelled_nll(model, [row])
    (nats / tokens).backward()
    return {name: value.grad.double() for name, value in parameters.items()}


def _norm(gradients):
    return math.sqrt(sum(float(each.square().sum()) for each in gradients.values()))


def test_without_a_clip_that_bites_it_is_the_sum_of_the_rows_gradients(adapted, uneven_rows):
    alone = [_gradient_of(adapted, row) for row in uneven_rows[:3]]
    told = clipped_gradients(adapted, trainable(adapted), uneven_rows[:3], 1e9)
    for name, value in trainable(adapted).items():
        torch.testing.assert_close(value.grad.double(), sum(each[name] for each in alone), rtol=1e-4, atol=1e-7)
    with torch.no_grad():
        assert told == pytest.approx(float(labelled_nll(adapted, uneven_rows[:3])[0]), rel=1e-5)


@pytest.mark.parametrize("clip_norm", [1e-3, 0.1, 0.5])
def test_taking_one_example_away_moves_the_sum_by_no_more_than_the_clip_norm(adapted, uneven_rows, clip_norm):
    def sums(rows):
        clipped_gradients(adapted, trainable(adapted), rows, clip_norm)
        return {name: value.grad.double() for name, value in trainable(adapted).items()}

    for left_out in range(3):
        rows = list(uneven_rows[:3])
        whole, without = sums(rows), sums(rows[:left_out] + rows[left_out + 1 :])
        moved = {name: whole[name] - without[name] for name in whole}
        assert _norm(moved) <= clip_norm * (1 + 1e-6)
        assert _norm(_gradient_of(adapted, rows[left_out])) > clip_norm  # else nothing was clipped


def test_the_shares_of_two_processes_add_up_to_the_whole_step(adapted, uneven_rows):
    def sums(rows):
        clipped_gradients(adapted, trainable(adapted), rows, 0.1)
        return {name: value.grad.clone() for name, value in trainable(adapted).items()}

    whole, one, other = (sums(rows) for rows in (uneven_rows[:4], uneven_rows[:4:2], uneven_rows[1:4:2]))
    assert all(torch.allclose(one[name] + other[name], whole[name], atol=1e-8) for name in whole)


def test_a_clipped_gradient_keeps_its_direction(adapted, uneven_rows):
    alone = _gradient_of(adapted, uneven_rows[0])
    clipped_gradients(adapted, trainable(adapted), uneven_rows[:1], 0.1)
    clipped = {name: value.grad.double() for name, value in trainable(adapted).items()}
    assert _norm(clipped) == pytest.approx(0.1, rel=1e-5)
    dot = sum(float((alone[name] * clipped[name]).sum()) for name in alone)
    assert dot / _norm(alone) / _norm(clipped) == pytest.approx(1, abs=1e-6)


@settings(max_examples=60)
@given(
    some.lists(some.floats(-(2.0**60), 2.0**60, width=32), min_size=1, max_size=40),
    some.lists(some.floats(-(2.0**-60), 2.0**-60, width=32), max_size=5),
    some.floats(1e-6, 1e6),
)
def test_no_gradient_is_longer_than_the_clip_norm_afterwards(large, small, clip_norm):
    gradients = [torch.tensor(large), torch.tensor(small)]
    factor = shortening(gradients, clip_norm)
    shortened = [each.mul(factor).double() for each in gradients]
    assert math.sqrt(sum(float(each.square().sum()) for each in shortened)) <= clip_norm
    assert 0 <= factor <= 1


@pytest.mark.parametrize("odd", [math.nan, math.inf, -math.inf])
def test_a_gradient_that_is_no_number_counts_as_none(odd):
    assert shortening([torch.tensor([1.0, odd])], 0.1) == 0.0


def test_every_example_is_drawn_by_itself_with_the_same_chance(private_plan):
    steps = PrivateSteps(private_plan)
    drawn = numpy.array([[row in rows for row in private_plan.train] for rows in map(steps.rows, range(2000))])
    rates = drawn.mean(axis=0)
    assert abs(rates - 0.25).max() < 5 * math.sqrt(0.25 * 0.75 / 2000)
    # sizes are those of independent draws, which a shuffle in fixed batches would not give
    sizes = numpy.bincount(drawn.sum(axis=1), minlength=17)
    expected = stats.binom.pmf(range(17), 16, 0.25) * 2000
    assert stats.chisquare(sizes[1:9], expected[1:9] * sizes[1:9].sum() / expected[1:9].sum()).pvalue > 1e-3


def test_the_draws_and_the_noise_follow_from_key_plan_and_step_alone(private_plan, tmp_path):
    one, again = PrivateSteps(private_plan), PrivateSteps(plan_from_json(private_plan.to_json()))
    assert [one.rows(step) for step in range(20)] == [again.rows(step) for step in range(20)]
    load_key(tmp_path / "other")
    privacy = private_plan.settings.privacy.model_copy(update={"key": tmp_path / "other"})
    foreign = replace(private_plan, settings=private_plan.settings.model_copy(update={"privacy": privacy}))
    assert foreign.fingerprint() == private_plan.fingerprint()  # the key's place decides nothing, the key does
    assert [one.rows(step) for step in range(20)] != [PrivateSteps(foreign).rows(step) for step in range(20)]


def test_a_neighbour_of_the_data_gets_other_noise(private_plan):
    neighbour = replace(private_plan, train=private_plan.train[:-1])
    noise = []
    for plan in (private_plan, neighbour):
        value = torch.nn.Parameter(torch.zeros(1000))
        value.grad = torch.zeros(1000)
        PrivateSteps(plan).add_noise({"a": value}, 0)
        noise.append(value.grad)
    assert abs(float(torch.corrcoef(torch.stack(noise))[0, 1])) < 0.15


def test_the_noise_has_the_deviation_that_the_budget_names(private_plan):
    values = {name: torch.nn.Parameter(torch.zeros(size)) for name, size in (("a", (200, 300)), ("b", (7,)))}
    for value in values.values():
        value.grad = torch.ones_like(value) * 2.0
    norm = PrivateSteps(private_plan).add_noise(values, 5)
    noise = (values["a"].grad.double() * 4 - 2.0).flatten().numpy()  # 4 rows a step on average
    assert stats.kstest(noise / (0.7 * 0.1), "norm").pvalue > 1e-3
    assert norm == pytest.approx(math.sqrt(sum(float(each.grad.square().sum()) for each in values.values())), rel=1e-5)


def test_without_the_key_nothing_is_drawn(private_plan, tmp_path):
    (tmp_path / "key").unlink()
    with pytest.raises(CustodyError, match="no key is there"):
        PrivateSteps(private_plan)


def _train(folder, scratch, plan, stop_after=()):
    points = []
    outcome = train(load_dequantised(folder), plan, scratch, points.append, lambda: len(points) in stop_after)
    return {name: value.detach() for name, value in trainable(outcome.model).items()}, outcome


def _same(one, other):
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


@pytest.mark.slow
def test_a_private_run_that_was_stopped_and_resumed_gives_the_same_bits(tiny_folder, tmp_path, private_plan):
    whole, _ = _train(tiny_folder, tmp_path / "one", private_plan)
    with pytest.raises(Interrupted):
        _train(tiny_folder, tmp_path / "two", private_plan, stop_after={3})
    resumed, outcome = _train(tiny_folder, tmp_path / "two", private_plan)
    assert outcome.resumed_from == 3
    assert _same(resumed, whole)


@pytest.mark.slow
def test_with_little_noise_it_learns(tiny_folder, tmp_path, private_plan):
    quiet = replace(private_plan, budget=replace(BUDGET, noise_multiplier=1e-4))
    quiet = replace(quiet, settings=quiet.settings.model_copy(update={"epochs": 4}))
    _, outcome = _train(tiny_folder, tmp_path, quiet)
    losses = [point.loss for point in outcome.curve]
    assert sum(losses[-4:]) < sum(losses[:4]) - 1


def test_a_step_that_draws_nobody_is_noise_and_the_run_goes_on(tiny_folder, tmp_path, private_plan):
    empty = replace(private_plan, budget=replace(BUDGET, sample_rate=0.0))
    weights, outcome = _train(tiny_folder, tmp_path, empty)
    assert [point.loss for point in outcome.curve] == [0.0] * 8
    assert all(point.gradient_norm > 0 for point in outcome.curve)
    assert all(torch.isfinite(value).all() for value in weights.values())
