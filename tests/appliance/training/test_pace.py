from dataclasses import replace

import pytest

from appliance.training.pace import (
    OFF,
    Duration,
    Pace,
    Timed,
    computed_tokens,
    lasting,
    measured_steps,
    on_line,
    shares,
    step_tokens,
)
from appliance.training.plan import Execution


def test_seconds_lie_on_the_line_of_what_was_timed():
    assert on_line([(100, 1.5), (200, 2.5), (400, 4.5)], 300) == pytest.approx(3.5)
    assert on_line([(100, 1.0), (100, 3.0)], 50) == pytest.approx(1.0)  # one place: through the origin
    assert on_line([(100, 3.0), (200, 2.0)], 300) == pytest.approx(5.0)  # noise: likewise


def test_a_run_lasts_as_long_by_the_clock_as_its_work_took_while_it_was_timed():
    timed = (Timed(100, 1.0, 1.0), Timed(200, 6.0, 2.0), Timed(100, 1.0, 1.0))  # other work came in the second step
    told = lasting(timed, (100, 200, 300, 400), 2.0)
    assert (told.seconds, told.work) == (24.0, 12.0)
    assert (told.low, told.high) == pytest.approx((12.0 * (1 - OFF), 36.0 * (1 + OFF)))
    assert Duration(24.0, 12.0, 36.0, 12.0).times(2, 1.0) == Duration(49.0, 25.0, 73.0, 25.0)


def test_a_beginning_in_common_is_computed_once_unless_layers_are_recomputed(uneven_rows):
    alike = [uneven_rows[1]] * 3
    assert computed_tokens(alike, Execution(packing=True)) == 120
    assert computed_tokens(alike, Execution(gradient_checkpointing=True)) == 120
    assert computed_tokens(alike, Execution()) < 60


def test_a_step_computes_the_padding_of_each_of_its_passes(small_plan, uneven_rows):
    rows = uneven_rows[:4]  # of 9, 40, 13 and 25 tokens; the first alone is in common
    whole = replace(small_plan, settings=small_plan.settings.model_copy(update={"micro_batch": 4}))
    halves = replace(small_plan, settings=small_plan.settings.model_copy(update={"micro_batch": 2}))
    assert (step_tokens(rows, whole), step_tokens(rows, halves)) == (4 * 40, 2 * 40 + 2 * 25)


def test_a_process_reads_its_share_of_every_step(small_plan):
    three = replace(small_plan, execution=Execution(processes=3))
    assert [len(rows) for rows in shares(three)] == [2] * three.steps


def test_the_held_out_loss_is_taken_first_last_and_in_between(small_plan):
    assert measured_steps(small_plan) == [1, 3, 6, 8]
    assert measured_steps(replace(small_plan, valid=())) == []


@pytest.fixture
def even(small_plan):
    """Eight steps of 40 tokens; an evaluation after 1, 3, 6 and 8, a checkpoint after every second."""
    row = replace(small_plan.train[0], tokens=(1, 5, 6, 7, 8, 9, 10, 11, 12, 2))
    return replace(small_plan, train=(row,) * 16, execution=Execution(packing=True))


def test_what_is_left_are_tokens_evaluations_and_checkpoints(even):
    pace = Pace(even)
    for step in (1, 2):
        pace.learnt(step, 4.0)
    pace.evaluated(10.0)
    pace.saved(100.0)
    assert pace.seconds_left(2) == pytest.approx(6 * 4 + 3 * 10 + 3 * 100)
    assert pace.seconds_left(7) == pytest.approx(4 + 10 + 100)
    assert pace.seconds_left(8) == 0


def test_the_first_step_of_a_process_and_one_slow_moment_tell_nothing(even):
    pace = Pace(even)
    pace.learnt(1, 50.0)
    assert pace.seconds_left(1) == pytest.approx(7 * 50)
    for step, seconds in ((2, 1.0), (3, 30.0), (4, 1.0)):
        pace.learnt(step, seconds)
    assert pace.seconds_left(4) == pytest.approx(4.0)


def test_the_pace_follows_a_load_that_has_come(even):
    pace = Pace(replace(even, settings=even.settings.model_copy(update={"epochs": 20})))
    for step in range(1, 61):
        pace.learnt(step, 1.0 if step < 30 else 3.0)
    assert pace.seconds_left(60) == pytest.approx(20 * 3.0)
