import json

import pytest
import torch

from appliance.core.sections import TrainSettings
from appliance.training import arithmetic
from appliance.training.arithmetic import CLEARLY, FILE, computing_with, fastest, settle
from appliance.training.frozen_base import load_for_training


def _takes(seconds):
    return lambda: seconds


def test_the_plain_choice_stays_unless_another_is_clearly_faster():
    assert fastest({"1": _takes(0.9), "2": _takes(1.0)}, "2") == "2"
    assert fastest({"1": _takes(1.0), "2": _takes(CLEARLY * 1.01)}, "2") == "1"


def test_one_slow_moment_decides_nothing():
    times = iter([50.0, 1.0, 1.0, 1.0, 1.0])
    assert fastest({"1": _takes(0.9), "2": lambda: next(times)}, "2") == "2"


def test_what_was_settled_is_kept_and_nothing_is_measured_anew(tmp_path, monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setattr(arithmetic, "_fastest_threads", lambda: 3)
    first = settle(TrainSettings(), tmp_path)
    assert (first.threads, first.dtype, first.cpu) == (3, "float32", torch.backends.cpu.get_cpu_capability())
    monkeypatch.setattr(arithmetic, "_fastest_threads", lambda: pytest.fail("measured twice"))
    assert settle(TrainSettings(), tmp_path) == first
    assert json.loads((tmp_path / FILE).read_text())["threads"] == 3


def test_the_settings_come_first_then_the_environment(tmp_path, monkeypatch):
    monkeypatch.setattr(arithmetic, "_fastest_threads", lambda: pytest.fail("measured"))
    monkeypatch.setenv("OMP_NUM_THREADS", "5")
    assert settle(TrainSettings(threads=2, dtype="bfloat16"), tmp_path / "a").threads == 2
    assert settle(TrainSettings(), tmp_path / "b").threads == 5


@pytest.mark.slow
def test_a_real_measurement_gives_a_number_of_cores_and_leaves_the_threads_as_they_were(tmp_path, monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    before = torch.get_num_threads()
    found = settle(TrainSettings(dtype="auto"), tmp_path)
    assert found.threads in range(1, 1 + arithmetic.usable_cores())
    assert found.dtype in ("float32", "bfloat16")
    assert torch.get_num_threads() == before


def test_threads_are_given_back_after_a_failure():
    before = torch.get_num_threads()
    with pytest.raises(OSError, match="disk"), computing_with(before + 1):
        assert torch.get_num_threads() == before + 1
        raise OSError("disk full")
    assert torch.get_num_threads() == before


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_the_base_is_loaded_in_the_floats_that_the_settings_name(tiny_folder, dtype):
    settings = TrainSettings(dtype=str(dtype).removeprefix("torch."))
    assert load_for_training(tiny_folder, settings, "cpu").get_input_embeddings().weight.dtype == dtype
