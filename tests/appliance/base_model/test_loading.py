from pathlib import Path

import pytest
import torch

from appliance.base_model.chat import TokenRow
from appliance.base_model.likelihood import full_nll, labelled_nll
from appliance.base_model.loading import (
    compute_dtype,
    dequantised,
    forbid_packing,
    load_dequantised,
    load_float,
    load_nf4,
)
from appliance.core.errors import ResourceError

pytestmark = pytest.mark.filterwarnings(
    "ignore:.*AVX512_BF16.*:UserWarning", "ignore:.*is_gradient_checkpointing.*:FutureWarning"
)
ROW = TokenRow("r", tuple(range(3, 40)), 20)
HAS_AVX512_BF16 = "avx512_bf16" in Path("/proc/cpuinfo").read_text(encoding="ascii")


def _gradients(model):
    """Gradients of the embeddings: they flow back through every 4-bit layer."""
    model.train()
    model.zero_grad()
    weight = model.get_input_embeddings().weight
    weight.requires_grad_(True)
    labelled_nll(model, [ROW])[0].backward()
    return weight.grad.flatten().clone()


def _cosine(one, other):
    return float(torch.nn.functional.cosine_similarity(one.double(), other.double(), dim=0))


def _evaluate(model):
    model.eval()
    with torch.no_grad():
        labelled_nll(model, [ROW])


def test_gradients_of_a_4_bit_base_are_the_same_after_an_evaluation(tiny_folder):
    model = load_nf4(tiny_folder)
    before = _gradients(model)
    _evaluate(model)
    assert _cosine(before, _gradients(model)) >= 0.9999


@pytest.mark.filterwarnings("ignore:.*autograd kernel was not registered.*:UserWarning")
def test_without_the_guard_an_evaluation_breaks_the_gradients_on_a_cpu_that_repacks(tiny_folder):
    model = load_nf4(tiny_folder)
    before = _gradients(model)
    for module in model.modules():
        if hasattr(module, "support_avx512bf16_for_cpu"):
            module.support_avx512bf16_for_cpu = HAS_AVX512_BF16
    _evaluate(model)
    assert (_cosine(before, _gradients(model)) < 0.99) == HAS_AVX512_BF16


def test_every_linear_layer_but_the_head_is_guarded(tiny_folder):
    assert forbid_packing(load_nf4(tiny_folder)) == 14


def test_dequantised_layers_are_the_same_function(tiny_folder):
    model = load_nf4(tiny_folder)
    before = full_nll(model.eval(), ROW)
    assert abs(full_nll(dequantised(model), ROW) - before) < 1e-3
    assert abs(full_nll(load_float(tiny_folder), ROW) - before) > 1e-3


def test_a_dequantised_model_can_be_saved_and_cast(tiny_folder, tmp_path):
    model = load_dequantised(tiny_folder, torch.bfloat16)
    assert {parameter.dtype for parameter in model.parameters()} == {torch.bfloat16}
    load_dequantised(tiny_folder).save_pretrained(tmp_path)
    assert abs(full_nll(load_float(tmp_path), ROW) - full_nll(load_dequantised(tiny_folder), ROW)) < 1e-4


def test_the_loss_at_labelled_places_is_the_models_own(tiny_folder):
    model = load_float(tiny_folder)
    assert abs(labelled_nll(model, [ROW])[0].item() - full_nll(model, ROW)) < 1e-3


def test_rows_of_a_batch_do_not_change_each_other(tiny_folder):
    model, other = load_float(tiny_folder), TokenRow("s", (1, 7, 9, 2), 2)
    nats, tokens = labelled_nll(model, [ROW, other])
    assert tokens == 17 + 2
    assert abs(nats.item() - full_nll(model, ROW) - full_nll(model, other)) < 1e-3


def test_a_gpu_that_is_not_there_is_named():
    with pytest.raises(ResourceError, match="no GPU"):
        compute_dtype("cuda:99")
