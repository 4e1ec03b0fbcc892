"""The norms of what an adapter adds, held against the merged weights of a real model."""

import math

import numpy
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as some

from appliance.base_model.loading import load_float
from appliance.core.errors import InputError
from appliance.core.sections import TrainSettings
from appliance.training.adapter import add_adapter, merged, save_adapter, trainable
from appliance.training.moved import Moved, movement_facts
from appliance.training.movement import movement, product_norm
from quantize.adapter import LowRank


@given(some.integers(1, 9), some.integers(1, 5), some.integers(1, 9), some.integers(0, 99))
def test_the_norm_of_a_product_follows_from_its_factors(inputs, rank, outputs, seed):
    chance = numpy.random.default_rng(seed)
    down = chance.normal(size=(inputs, rank)).astype(numpy.float32)
    up = chance.normal(size=(rank, outputs)).astype(numpy.float32)
    assert product_norm(LowRank(down, up)) == pytest.approx(numpy.linalg.norm(down @ up), rel=1e-5)


@pytest.mark.parametrize("method", ["lora", "rslora", "dora"])
def test_the_movement_is_that_of_the_merged_weights(tiny_folder, tmp_path, method):
    model = add_adapter(load_float(tiny_folder), TrainSettings(method=method, rank=4), 7)
    chance = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for parameter in trainable(model).values():
            parameter.add_(torch.randn(parameter.shape, generator=chance) * 0.02)
    save_adapter(model, tmp_path)
    found = {(each.layer, each.name): each for each in movement(load_float(tiny_folder), tmp_path)}
    assert len(found) == 2 * 7
    before = load_float(tiny_folder).state_dict()
    after = merged(load_float(tiny_folder), tmp_path).state_dict()
    for (layer, name), each in found.items():
        part = "self_attn" if name in ("q_proj", "k_proj", "v_proj", "o_proj") else "mlp"
        weight = f"model.layers.{layer}.{part}.{name}.weight"
        assert each.base == pytest.approx(before[weight].norm().item(), rel=1e-5)
        assert each.update == pytest.approx((after[weight] - before[weight]).norm().item(), rel=1e-3)
        assert 0 < each.ratio == pytest.approx(each.update / each.base)


def test_a_fresh_adapter_has_moved_nothing(tiny_folder, tmp_path):
    save_adapter(add_adapter(load_float(tiny_folder), TrainSettings(rank=4), 7), tmp_path)
    assert {each.update for each in movement(load_float(tiny_folder), tmp_path)} == {0.0}


def test_what_is_no_adapter_is_refused(tiny_folder, tmp_path):
    save_adapter(add_adapter(load_float(tiny_folder), TrainSettings(rank=4, method="dora"), 7), tmp_path)
    config = tmp_path / "adapter_config.json"
    config.write_text(config.read_text(encoding="utf-8").replace('"use_dora": true', '"use_dora": false'))
    with pytest.raises(InputError, match="no part of a low-rank adapter"):
        movement(load_float(tiny_folder), tmp_path)


def test_a_layer_is_all_its_matrices_together_and_the_whole_all_layers():
    facts = movement_facts([Moved(1, "v", 3.0, 30.0), Moved(0, "q", 1.0, 10.0), Moved(1, "q", 4.0, 40.0)])
    assert [(each["layer"], each["name"]) for each in facts["modules"]] == [(0, "q"), (1, "q"), (1, "v")]
    assert [each["ratio"] for each in facts["layers"]] == [pytest.approx(0.1), pytest.approx(5 / 50)]
    assert facts["whole"] == pytest.approx(math.sqrt(1 + 16 + 9) / math.sqrt(100 + 1600 + 900))
