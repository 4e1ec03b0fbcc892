import math

import pytest

from appliance.training.plan import WatchLimits
from appliance.training.watching import (
    divergence,
    exploding_steps,
    good_steps,
    observe,
    over_fitting,
    plateaus,
    smoothed_losses,
)

FALLING = [5.0 * 0.9**step for step in range(30)]


def _kinds(curve):
    return [(seen.kind, seen.step) for seen in observe(curve)]


def test_a_sound_curve_shows_nothing(make_curve):
    assert _kinds(make_curve(FALLING, {step: 5 * 0.93**step for step in range(1, 31, 3)})) == []


def test_an_empty_curve_shows_nothing():
    assert observe([]) == ()


def test_the_smoothed_loss_of_a_level_curve_is_its_level(make_curve):
    assert smoothed_losses(make_curve([2.0] * 6), 5) == pytest.approx([2.0] * 6)


def test_a_loss_that_explodes_and_stays_up_is_divergence_with_its_numbers(make_curve):
    seen = divergence(make_curve([*FALLING, *([9.0] * 8)]))
    assert seen.kind == "divergence"
    assert seen.step == 38
    assert "in step 30" in seen.message


def test_one_wild_step_is_no_divergence(make_curve):
    assert divergence(make_curve([*FALLING, 9.0, *([0.2] * 8)])) is None


def test_a_small_loss_that_doubles_is_noise(make_curve):
    assert divergence(make_curve([0.01] * 10 + [0.05] * 10)) is None


def test_a_loss_that_is_no_number_is_not_sound(make_curve):
    assert exploding_steps(make_curve([1.0, math.nan, math.nan])) == 2


def test_weights_are_good_where_the_loss_of_the_next_step_is_sound(make_curve):
    assert good_steps(make_curve([5.0, 4.0, 9.5, 4.0, math.nan])) == {1, 3}
    assert good_steps(make_curve([5.0])) == good_steps([]) == set()


def test_a_held_out_loss_that_stands_still_is_a_plateau_once(make_curve):
    held = {step: 1.0 if step > 6 else 3.0 - step / 3 for step in range(3, 31, 3)}
    assert _kinds(make_curve([1.5] * 30, held)) == [("plateau", 18)]


def test_a_fall_after_a_plateau_is_a_late_improvement(make_curve):
    held = {step: 1.0 if step < 24 else 0.5 for step in range(3, 31, 3)}
    found = plateaus(make_curve([1.5] * 30, held))
    assert [(seen.kind, seen.step) for seen in found] == [("plateau", 15), ("late improvement", 24)]
    assert "0.500 after it had stood at 1.000 since step 3" in found[1].message


def test_a_held_out_loss_that_rises_while_the_training_loss_falls_is_over_fitting(make_curve):
    held = {3: 3.0, 6: 2.0, 9: 1.8, 12: 1.85, 15: 2.0, 18: 2.2}
    seen = over_fitting(make_curve(FALLING[:18], held))
    assert (seen.kind, seen.step) == ("over-fitting", 15)
    assert "1.800 in step 9 and 2.200 now" in seen.message


def test_a_held_out_loss_that_rises_with_the_training_loss_is_not_over_fitting(make_curve):
    held = {3: 1.0, 6: 1.2, 9: 1.4, 12: 1.6}
    assert over_fitting(make_curve([1.0 + step / 10 for step in range(12)], held)) is None


def test_the_limits_are_the_callers(make_curve):
    curve = make_curve([1.0] * 5 + [1.4] * 6)
    assert divergence(curve) is None
    assert divergence(curve, WatchLimits(explosion=1.1, explosion_rise=0.1, explosion_steps=2)) is not None
