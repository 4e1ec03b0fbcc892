import math
from dataclasses import replace

import pytest
import torch

from appliance.base_model.loading import load_dequantised
from appliance.core.errors import SettingsError
from appliance.training.qlora import train
from appliance.training.sweep import Trial, choose, rate_grid, sweep


def test_the_rates_of_a_grid_stand_in_equal_ratios():
    assert rate_grid(1e-4, 1e-2, 3) == pytest.approx((1e-4, 1e-3, 1e-2))


@pytest.mark.parametrize("limits", [(0, 1, 3), (1e-3, 1e-4, 3), (1e-4, 1e-3, 1)])
def test_a_grid_that_is_none_is_refused(limits):
    with pytest.raises(SettingsError, match="at least two rates"):
        rate_grid(*limits)


@pytest.mark.usefixtures("one_thread")
def test_a_sweep_tells_a_rate_that_learns_from_one_that_does_not(tiny_folder, small_plan):
    found = sweep(load_dequantised(tiny_folder), small_plan, (1e-2, 1e-7), steps=8, rule="best")
    assert [trial.learning_rate for trial in found.trials] == [1e-7, 1e-2]
    assert found.trials[1].loss < found.trials[0].loss
    assert all(trial.low < trial.loss < trial.high for trial in found.trials)
    assert found.chosen == 1e-2


@pytest.mark.usefixtures("one_thread")
def test_a_trial_does_not_depend_on_the_trials_before_it(tiny_folder, small_plan):
    model = load_dequantised(tiny_folder)
    both, alone = (sweep(model, small_plan, rates, steps=3) for rates in ((1e-3, 1e-2), (1e-2,)))
    assert both.trials[1] == alone.trials[0]


@pytest.mark.usefixtures("one_thread")
def test_a_sweep_changes_no_bit_of_the_run(tiny_folder, tmp_path, small_plan):
    curves = []
    for name in ("swept", "plain"):
        model = load_dequantised(tiny_folder)
        if name == "swept":
            sweep(model, small_plan, (1e-3, 1e-2), steps=2)
        curves.append(train(model, small_plan, tmp_path / name, lambda point: None, lambda: False).curve)
    assert [point.loss for point in curves[0]] == [point.loss for point in curves[1]]
    assert torch.is_grad_enabled()


def test_a_rate_that_diverges_is_not_chosen(tiny_folder, small_plan):
    found = sweep(load_dequantised(tiny_folder), small_plan, (1e-3, 1e30), steps=4)
    assert math.isinf(found.trials[1].loss)
    assert found.chosen == 1e-3


def test_a_sweep_in_which_all_rates_diverge_is_refused(tiny_folder, small_plan):
    with pytest.raises(SettingsError, match="every learning rate"):
        sweep(load_dequantised(tiny_folder), small_plan, (1e30,), steps=4)


def test_a_sweep_without_held_out_rows_is_refused(tiny_folder, small_plan):
    with pytest.raises(SettingsError, match="two held-out examples"):
        sweep(load_dequantised(tiny_folder), replace(small_plan, valid=()), (1e-3,))


def _trial(rate, losses):
    return Trial(rate, sum(losses) / len(losses), 0.0, 0.0, tuple(losses))


def test_among_rates_that_cannot_be_told_apart_the_lowest_is_taken():
    low, high = _trial(1e-4, [1.0, 1.4, 1.1]), _trial(1e-3, [1.2, 1.1, 1.1])
    assert choose([low, high], "1se") == 1e-4
    assert choose([low, high], "best") == 1e-3


def test_a_rate_that_is_worse_on_every_row_is_not_taken_although_rows_differ_widely():
    low, high = _trial(1e-4, [1.2, 5.2, 9.21]), _trial(1e-3, [1.0, 5.0, 9.0])
    assert choose([low, high], "1se") == 1e-3
