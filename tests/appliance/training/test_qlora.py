import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from appliance.base_model.chat import TokenRow
from appliance.base_model.likelihood import full_nll
from appliance.base_model.loading import load_dequantised, load_float, load_nf4
from appliance.core.errors import GateRefused, InputError, Interrupted
from appliance.core.sections import TrainSettings
from appliance.training.accumulating import accumulate
from appliance.training.adapter import add_adapter, load_adapter, merged, save_adapter, trainable
from appliance.training.checkpoints import newest_checkpoint
from appliance.training.plan import Execution, TrainPlan, WatchLimits
from appliance.training.qlora import train

SETTINGS = TrainSettings(
    epochs=2, batch_size=4, rank=4, alpha=8, learning_rate=5e-3, evaluate_every=3, checkpoint_every=2
)
ROWS = tuple(
    TokenRow(str(n), (1, *(3 + (n * 7 + k) % 250 for k in range(6 + n % 5)), 9, 8, 2), 7 + n % 5) for n in range(20)
)
PLAN = TrainPlan(ROWS[:16], ROWS[16:], SETTINGS, 7, "base")
UNTIMED = {"tokens_per_second": 0, "rss_bytes": 0, "seconds_left": 0, "temperature": None}


@pytest.fixture(autouse=True)
def one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def _train(folder, scratch, plan=PLAN, stop_after=()):
    points = []
    outcome = train(load_nf4(folder), plan, scratch, points.append, lambda: len(points) in stop_after)
    return outcome, points


def _weights(outcome):
    return {name: value.detach() for name, value in trainable(outcome.model).items()}


def _same(one, other):
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


@pytest.fixture(scope="module")
def uninterrupted(tiny_folder, tmp_path_factory):
    torch.set_num_threads(1)
    return _train(tiny_folder, tmp_path_factory.mktemp("scratch"))


def test_the_loss_falls_and_every_step_is_reported(uninterrupted):
    outcome, points = uninterrupted
    assert [point.step for point in points] == list(range(1, 9))
    assert points == list(outcome.curve)
    assert points[-1].loss < points[0].loss
    assert points[-1].valid_loss < points[0].valid_loss
    assert [point.step for point in points if point.valid_loss is not None] == [1, 3, 6, 8]
    assert points[-1].epoch == 2.0
    assert points[-1].seconds_left == 0 < points[0].seconds_left
    assert outcome.work > 0


@pytest.mark.parametrize("micro_batch", [1, 2, 3])
def test_a_step_in_parts_has_the_gradient_of_the_whole_step(tiny_folder, uneven_rows, micro_batch):
    model = add_adapter(load_dequantised(tiny_folder), SETTINGS, 7)
    with torch.no_grad():
        for value in trainable(model).values():
            value.add_(torch.randn_like(value) * 0.05)
    optimizer = torch.optim.SGD(list(trainable(model).values()))
    gradients = []
    for part in (len(uneven_rows), micro_batch):  # the rows teach 3 to 5 tokens: a mean of means would be another
        loss, _ = accumulate(model, uneven_rows, optimizer, part)
        gradients.append((loss, {name: value.grad.clone() for name, value in trainable(model).items()}))
    (whole_loss, whole), (parts_loss, parts) = gradients
    assert parts_loss == pytest.approx(whole_loss, abs=1e-6)
    assert all(torch.allclose(parts[name], whole[name], rtol=0, atol=1e-6) for name in whole)


@pytest.mark.parametrize("message", ["[enforce fail] DefaultCPUAllocator: can't allocate memory", "CUDA out of memory"])
def test_a_step_that_runs_out_of_memory_is_done_anew_in_smaller_parts(tiny_folder, message):
    class Full(torch.nn.Module):
        """A model that has room for two rows."""

        def __init__(self, inner):
            super().__init__()
            self.inner = inner

        def get_base_model(self):
            return self.inner.get_base_model()

        def get_input_embeddings(self):
            return self.inner.get_input_embeddings()

        def get_output_embeddings(self):
            head = self.inner.get_output_embeddings()

            def room(states):
                if len(states) > 2 * 3:
                    raise torch.OutOfMemoryError(message) if "CUDA" in message else RuntimeError(message)
                return head(states)

            return room

    model = Full(add_adapter(load_dequantised(tiny_folder), SETTINGS, 7))
    optimizer = torch.optim.SGD(list(trainable(model).values()))
    loss, fitted = accumulate(model, ROWS[:8], optimizer, 8)
    assert fitted == 2
    assert loss == pytest.approx(accumulate(model.inner, ROWS[:8], optimizer, 8)[0], abs=1e-6)


@pytest.mark.parametrize("method", ["rslora", "dora"])
def test_other_kinds_of_adapters_learn_too(tiny_folder, tmp_path, method):
    plan = replace(PLAN, settings=SETTINGS.model_copy(update={"method": method}))
    _, points = _train(tiny_folder, tmp_path, plan)
    assert points[-1].valid_loss < points[0].valid_loss


def test_two_runs_of_a_plan_give_the_same_bits(tiny_folder, tmp_path, uninterrupted):
    assert _same(_weights(_train(tiny_folder, tmp_path)[0]), _weights(uninterrupted[0]))


def test_evaluating_more_often_changes_no_weight(tiny_folder, tmp_path, uninterrupted):
    often = replace(PLAN, settings=SETTINGS.model_copy(update={"evaluate_every": 1}))
    assert _same(_weights(_train(tiny_folder, tmp_path, often)[0]), _weights(uninterrupted[0]))


@pytest.mark.parametrize("step", [1, 4, 7])
def test_a_run_that_was_stopped_and_resumed_gives_the_same_bits(tiny_folder, tmp_path, uninterrupted, step):
    with pytest.raises(Interrupted, match=f"after step {step} of 8"):
        _train(tiny_folder, tmp_path, stop_after={step})
    outcome, points = _train(tiny_folder, tmp_path)
    assert outcome.resumed_from == step
    assert points[0].step == step + 1
    assert _same(_weights(outcome), _weights(uninterrupted[0]))
    untimed = [[replace(point, **UNTIMED) for point in run.curve] for run in (outcome, uninterrupted[0])]
    assert untimed[0] == untimed[1]


def test_a_checkpoint_of_another_plan_is_not_taken_up(tiny_folder, tmp_path):
    with pytest.raises(Interrupted):
        _train(tiny_folder, tmp_path, stop_after={4})
    assert _train(tiny_folder, tmp_path, replace(PLAN, seed=8))[0].resumed_from == 0


def test_a_run_that_diverges_is_refused(tiny_folder, tmp_path):
    wild = SETTINGS.model_copy(update={"learning_rate": 1e30, "warmup_share": 0.0})
    with pytest.raises(GateRefused, match="diverged in step"):
        _train(tiny_folder, tmp_path, replace(PLAN, settings=wild))


def test_the_learning_rate_warms_up_and_falls_to_zero():
    plan = replace(PLAN, settings=SETTINGS.model_copy(update={"warmup_share": 0.5}))
    rates = [plan.learning_rate(step) / SETTINGS.learning_rate for step in range(9)]
    assert rates == pytest.approx([0.25, 0.5, 0.75, 1.0, 1.0, 0.853553, 0.5, 0.146447, 0.0], abs=1e-5)


def test_a_saved_adapter_names_no_path_and_merges_to_what_was_trained(tiny_folder, tmp_path, uninterrupted):
    save_adapter(uninterrupted[0].model, tmp_path)
    config = (tmp_path / "adapter_config.json").read_text(encoding="utf-8")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["adapter_config.json", "adapter_model.safetensors"]
    assert json.loads(config)["base_model_name_or_path"] == "base"
    assert str(tiny_folder) not in config
    trained = full_nll(uninterrupted[0].model, ROWS[0])
    assert full_nll(merged(load_dequantised(tiny_folder), tmp_path), ROWS[0]) == pytest.approx(trained, abs=1e-2)
    assert full_nll(load_adapter(load_nf4(tiny_folder), tmp_path), ROWS[0]) == pytest.approx(trained, abs=1e-4)


def test_a_folder_without_an_adapter_is_refused_before_a_hub_is_asked(tiny_folder, tmp_path):
    with pytest.raises(InputError, match=r"holds no adapter_config\.json"):
        load_adapter(load_nf4(tiny_folder), tmp_path)


@pytest.fixture(scope="module")
def learned_folder(tiny_folder, tmp_path_factory):
    """A base that has learned the rows: unlike that of a random one, its loss has somewhere to explode to."""
    folder, model = tmp_path_factory.mktemp("learned"), load_float(tiny_folder)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    for _ in range(12):
        optimizer.zero_grad()
        accumulate(model, ROWS[:16], optimizer, 16)
        optimizer.step()
    model.save_pretrained(folder)
    return folder


WILD = SETTINGS.model_copy(update={"learning_rate": 30.0, "checkpoint_every": 1, "evaluate_every": 10**6})


def test_a_loss_that_explodes_stops_the_run_and_the_last_good_checkpoint_is_left(learned_folder, tmp_path):
    slowly = WILD.model_copy(update={"warmup_share": 0.9, "epochs": 2000})  # the rate climbs, and the loss falls first
    points = []
    with pytest.raises(GateRefused, match=r"diverged by step \d+ of 8000: the smoothed loss is") as refusal:
        train(load_nf4(learned_folder), replace(PLAN, settings=slowly), tmp_path, points.append, lambda: False)
    losses, limits = [point.loss for point in points], WatchLimits()
    good = newest_checkpoint(next(tmp_path.iterdir())).step
    assert f"the last good checkpoint is of step {good}" in str(refusal.value)
    assert 3 < good < len(points)
    # a step's loss is that of the weights that the step before it left
    assert max(losses[: good + 1]) <= min(losses[:good]) + limits.explosion_rise < max(losses[good + 1 :])


def test_a_loss_that_explodes_at_once_leaves_no_checkpoint_that_could_be_taken_for_a_good_one(learned_folder, tmp_path):
    at_once = replace(PLAN, settings=WILD.model_copy(update={"warmup_share": 0.0}))
    with pytest.raises(GateRefused, match="no checkpoint was good"):
        train(load_nf4(learned_folder), at_once, tmp_path, lambda point: None, lambda: False)
    assert not list(tmp_path.glob("*/step-*"))


def test_no_checkpoint_is_written_while_the_loss_is_far_off(tiny_folder, tmp_path):
    sound = SETTINGS.model_copy(update={"checkpoint_every": 1, "evaluate_every": 100})
    impatient = WatchLimits(explosion=0.0, explosion_rise=-1.0, explosion_steps=100)  # every loss is "far off"
    _train(tiny_folder, tmp_path, replace(PLAN, settings=sound, limits=impatient))
    assert [folder.name for folder in tmp_path.glob("*/step-*")] == ["step-00000008"]


def test_a_point_tells_the_norms_of_gradient_and_weights(uninterrupted):
    outcome, points = uninterrupted
    squares = sum(float(value.detach().square().sum()) for value in trainable(outcome.model).values())
    assert points[-1].weight_norm == pytest.approx(squares**0.5, rel=1e-5)
    assert all(point.gradient_norm > 0 for point in points)


def test_a_run_with_gradient_checkpointing_learns_the_same(tiny_folder, tmp_path, uninterrupted):
    _, points = _train(tiny_folder, tmp_path, replace(PLAN, execution=Execution(gradient_checkpointing=True)))
    assert [point.loss for point in points] == pytest.approx([p.loss for p in uninterrupted[1]], abs=1e-4)


CHILD = """
import importlib.util, sys
from pathlib import Path
spec = importlib.util.spec_from_file_location("plan", sys.argv[1])
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
module.torch.set_num_threads(1)
outcome, _ = module._train(Path(sys.argv[2]), Path(sys.argv[3]))
module.torch.save(module._weights(outcome), sys.argv[4])
"""


@pytest.mark.slow
@pytest.mark.parametrize("pause", [0.0, 0.02, 0.05, 0.1])  # seconds after the first checkpoint is begun
def test_a_run_that_was_killed_and_resumed_gives_the_same_bits(tiny_folder, tmp_path, uninterrupted, pause):
    scratch = tmp_path / "scratch"
    command = [sys.executable, "-c", CHILD, __file__, str(tiny_folder), str(scratch), str(tmp_path / "weights.pt")]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    with subprocess.Popen(command, env=environment) as child:
        while child.poll() is None and not list(scratch.glob("*/*")):
            time.sleep(0.002)
        time.sleep(pause)
        child.send_signal(signal.SIGKILL)
    assert child.returncode == -signal.SIGKILL
    assert _same(_weights(_train(tiny_folder, scratch)[0]), _weights(uninterrupted[0]))
