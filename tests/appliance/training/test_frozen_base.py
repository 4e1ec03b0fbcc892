"""What an adapter is trained against is what ships: the int4 variant's own weights, and never twice the same grid."""

import shutil
from dataclasses import replace

import numpy as np
import pytest
import torch

from appliance.base_model.loading import load_float
from appliance.core.sections import TrainSettings
from appliance.training.adapter import load_adapter, low_rank_updates, merged, save_adapter
from appliance.training.frozen_base import grids_of, load_frozen
from appliance.training.qlora import train
from quantize.adapter import export_beside
from quantize.errors import SchemeRefused
from quantize.export import export_float, export_quantized
from quantize.measuring import measuring_session
from quantize.schemes import SCHEMES
from quantize.variants import NF4

PROMPT = [1, 50, 60, 70, 80, 90]

INT4 = SCHEMES["int4"]


def _torch_logits(model):
    with torch.no_grad():
        return model.eval()(input_ids=torch.tensor([PROMPT]), use_cache=False).logits[0].numpy()


def _onnx_logits(folder):
    return measuring_session(folder, threads=1).start([PROMPT]).read_all([0])[0]


@pytest.mark.parametrize("tied", [True, False])
def test_the_frozen_base_computes_what_the_exported_base_computes(make_tiny, tmp_path, tied):
    base = make_tiny(tmp_path / "model", tied=tied)
    exact = replace(INT4, accuracy_level=1)  # activations in floats: what is left are the weights
    exported = export_quantized(export_float(base, tmp_path / "float"), tmp_path / "int4", exact, ())
    ours = _torch_logits(load_frozen(base, "int4"))
    assert np.abs(ours - _onnx_logits(exported.folder)).max() < 1e-4
    assert np.abs(ours - _torch_logits(load_float(base))).max() > 1e-2  # the control: rounding shows


@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize("method", ["lora", "rslora"])
def test_an_adapter_trained_against_int4_loses_nothing_when_it_ships_beside_it(
    tiny_folder, tmp_path, small_plan, method
):
    changes = {"grid": "int4", "method": method, "learning_rate": 5e-2}
    plan = replace(small_plan, settings=small_plan.settings.model_copy(update=changes))
    outcome = train(load_frozen(tiny_folder, "int4"), plan, tmp_path, lambda point: None, lambda: False)
    save_adapter(outcome.model, tmp_path / "adapter")
    trained = _torch_logits(outcome.model)
    exact = replace(INT4, accuracy_level=1)
    base = export_quantized(export_float(tiny_folder, tmp_path / "float"), tmp_path / "base", exact, ())
    shipped = export_beside(base, tmp_path / "int4", low_rank_updates(tmp_path / "adapter"))
    assert np.abs(_onnx_logits(shipped.folder) - trained).max() < 1e-3
    assert np.abs(_onnx_logits(base.folder) - trained).max() > 0.1  # the control: the adapter does something
    again = load_adapter(load_frozen(tiny_folder, "int4"), tmp_path / "adapter")
    assert _torch_logits(again) == pytest.approx(trained, abs=1e-5)


def test_a_merged_model_is_never_put_back_on_the_grid_it_was_trained_on(tiny_folder, tmp_path, small_plan):
    plan = replace(small_plan, settings=small_plan.settings.model_copy(update={"grid": "int4", "epochs": 0.25}))
    outcome = train(load_frozen(tiny_folder, "int4"), plan, tmp_path, lambda point: None, lambda: False)
    save_adapter(outcome.model, tmp_path / "adapter")
    shutil.copytree(tiny_folder, tmp_path / "merged")
    merged(load_frozen(tiny_folder, "int4"), tmp_path / "adapter").save_pretrained(tmp_path / "merged")
    whole = export_float(tmp_path / "merged", tmp_path / "float")
    with pytest.raises(SchemeRefused, match="the same grid"):
        export_quantized(whole, tmp_path / "int4", INT4, grids_of("int4"))
    assert INT4.grid not in grids_of("nf4")
    assert grids_of("nf4") == (NF4,)


def test_dora_does_not_go_beside_a_base():
    with pytest.raises(ValueError, match="dora also scales"):
        TrainSettings(grid="int4", method="dora")
