import json
import os
from dataclasses import replace

import pytest
import torch

from appliance.base_model.loading import load_dequantised
from appliance.core.errors import GateRefused, InputError, Interrupted
from appliance.training.adapter import trainable
from appliance.training.plan import Execution, plan_from_json
from appliance.training.processes import ALONE, Group, join_group
from appliance.training.qlora import train
from appliance.training.several import printer, threads_of_each, train_in_processes

# of a base whose head scales its logits
SCALED = {"model_type": "granite", "architectures": ["GraniteForCausalLM"], "logits_scaling": 8.0}


def test_every_row_is_read_by_exactly_one_process():
    shares = [Group(rank, 3).share(range(10)) for rank in range(3)]
    assert sorted(row for share in shares for row in share) == list(range(10))


def test_a_process_that_was_not_started_in_a_group_is_alone(monkeypatch):
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    assert join_group("cpu") == (ALONE, "cpu")


def test_a_plan_that_another_process_reads_is_the_same_plan(small_plan):
    plan = replace(small_plan, execution=Execution(packing=True, processes=2))
    assert plan_from_json(plan.to_json()) == plan
    assert plan_from_json(plan.to_json()).fingerprint() == plan.fingerprint() != small_plan.fingerprint()


def test_what_a_plan_writes_is_json_without_a_path(small_plan, tmp_path):
    assert set(json.loads(small_plan.to_json())) == {
        "train",
        "valid",
        "settings",
        "seed",
        "base",
        "execution",
        "limits",
        "budget",
    }


def _run(folder, scratch, plan):
    outcome = train(load_dequantised(folder), plan, scratch, lambda point: None, lambda: False)
    return outcome, {name: value.detach() for name, value in trainable(outcome.model).items()}


@pytest.fixture
def ten_steps(small_plan):
    settings = small_plan.settings.model_copy(update={"epochs": 2.5, "micro_batch": 2, "threads": 2})
    # seventeen rows: the last batch of an epoch has fewer rows than there are processes
    return replace(small_plan, train=(*small_plan.train, small_plan.valid[0]), settings=settings)


@pytest.mark.parametrize(("threads", "each"), [(4, 2), (7, 3), (1, 1)])
def test_two_processes_share_the_threads_of_the_run(small_plan, tmp_path, monkeypatch, threads, each):
    monkeypatch.setenv("OMP_NUM_THREADS", "16")
    settings = small_plan.settings.model_copy(update={"threads": threads})
    plan = replace(small_plan, settings=settings, execution=Execution(processes=2))
    assert threads_of_each(plan, tmp_path) == each


def test_threads_that_were_settled_once_are_kept_when_a_run_goes_on(small_plan, tmp_path, monkeypatch):
    plan = replace(small_plan, execution=Execution(processes=2))
    monkeypatch.setenv("OMP_NUM_THREADS", "8")
    assert threads_of_each(plan, tmp_path) == 4
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    assert threads_of_each(plan, tmp_path) == 4


def test_a_process_whose_caller_is_gone_stops(monkeypatch, make_curve):
    reading, writing = os.pipe()
    os.close(reading)
    stopping = []
    with os.fdopen(writing, "w") as stdout:
        monkeypatch.setattr("sys.stdout", stdout)
        printer(stopping)(make_curve([1.0])[0])
        monkeypatch.undo()
        os.dup2(os.open(os.devnull, os.O_WRONLY), stdout.fileno())  # what was not written goes nowhere
    assert stopping


@pytest.mark.slow
@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize("packing", [False, True])
def test_two_processes_learn_what_one_learns(tiny_folder, tmp_path, ten_steps, packing):
    alone = replace(ten_steps, execution=Execution(packing=packing))
    together = replace(ten_steps, execution=Execution(packing=packing, processes=2))
    points = []
    train_in_processes(tiny_folder, together, tmp_path / "two", points.append, lambda: False)
    outcome, weights = _run(tiny_folder, tmp_path / "two", together)
    single, expected = _run(tiny_folder, tmp_path / "one", alone)
    assert outcome.resumed_from == together.steps == len(points) >= 10
    assert [point.loss for point in points] == pytest.approx([point.loss for point in single.curve], abs=1e-5)
    assert [point.valid_loss for point in points] == pytest.approx(
        [point.valid_loss for point in single.curve], abs=1e-5
    )
    for name, value in weights.items():
        assert torch.allclose(value, expected[name], rtol=0, atol=1e-5), name


@pytest.mark.slow
@pytest.mark.usefixtures("one_thread")
def test_processes_that_were_stopped_go_on_to_the_same_bits(tiny_folder, tmp_path, ten_steps):
    plan = replace(ten_steps, execution=Execution(processes=2))
    points = []
    with pytest.raises(Interrupted, match="stopped after step"):
        train_in_processes(tiny_folder, plan, tmp_path / "a", points.append, lambda: len(points) == 3)
    train_in_processes(tiny_folder, plan, tmp_path / "a", lambda point: None, lambda: False)
    train_in_processes(tiny_folder, plan, tmp_path / "b", lambda point: None, lambda: False)
    stopped, undisturbed = (_run(tiny_folder, tmp_path / each, plan)[1] for each in "ab")
    assert all(torch.equal(stopped[name], undisturbed[name]) for name in undisturbed)


@pytest.mark.slow
@pytest.mark.parametrize("fault", [({}, 1e30, GateRefused), (SCALED, 1e-3, InputError)])
def test_a_refusal_in_a_process_is_the_callers(make_tiny, tmp_path, ten_steps, fault):
    config, rate, error = fault
    settings = ten_steps.settings.model_copy(update={"learning_rate": rate, "warmup_share": 0.0})
    plan = replace(ten_steps, settings=settings, execution=Execution(processes=2))
    base = make_tiny(tmp_path / "base")
    told = json.loads((base / "config.json").read_text(encoding="utf-8"))
    (base / "config.json").write_text(json.dumps(told | config), encoding="utf-8")
    with pytest.raises(error):
        train_in_processes(base, plan, tmp_path / "scratch", lambda point: None, lambda: False)
