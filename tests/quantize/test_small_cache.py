from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from transformers import LlamaForCausalLM

from quantize.export import export_quantized
from quantize.graph import read_graph, weights_of
from quantize.measuring import measuring_session
from quantize.onnx_session import OnnxSession
from quantize.parity import session_parity
from quantize.schemes import SCHEMES
from quantize.small_cache import LARGEST, MARGIN, cache_ranges, shrink_cache
from quantize.variants import MODEL_FILE, NF4, Scheme, Variant

SENTENCES = [[1, *text.encode()] for text in ("The pump leaks at the lower seal.", "設備の点検を行う。")]


def scales_of(folder: Path) -> dict[str, float]:
    tensors = weights_of(read_graph(folder))
    return {name: float(onnx.numpy_helper.to_array(tensors[name])[0]) for name in tensors if name.endswith(".scale")}


def test_keys_and_values_are_kept_as_integers_within_their_scale(
    small_cache_variant: Variant, float_variant: Variant
) -> None:
    small, whole = (OnnxSession(variant.folder, threads=1) for variant in (small_cache_variant, float_variant))
    kept, exact = small.new_cache(1, 40), whole.new_cache(1, 40)
    for session, cache in ((small, kept), (whole, exact)):
        session.over(cache).extend(np.array([SENTENCES[0]]))
    scales = scales_of(small_cache_variant.folder)
    read = len(SENTENCES[0])
    for name, numbers in kept.items():
        scale = scales[f"{name}.scale"]
        assert numbers.dtype == np.int8
        assert np.abs(exact[name][:, :, :read]).max() < LARGEST * scale
        # of the first layer's keys and values nothing but their own rounding and the weights' differs
        if ".0." in name:
            assert numbers[:, :, :read] * scale == pytest.approx(exact[name][:, :, :read], abs=scale + 0.02)


def test_an_eight_bit_cache_costs_little(small_cache_variant: Variant, torch_model: LlamaForCausalLM) -> None:
    import torch  # noqa: PLC0415 seconds that most tests need not pay

    with torch.no_grad():
        reference = [torch_model(torch.tensor([ids])).logits[0].numpy() for ids in SENTENCES]
    found = session_parity(measuring_session(small_cache_variant.folder, threads=1), SENTENCES, reference)
    assert found.mean_divergence < 0.01


def test_scales_leave_room_and_are_quarters_of_octaves(small_cache_variant: Variant, float_variant: Variant) -> None:
    ranges = cache_ranges(float_variant.folder, 259)
    scales = scales_of(small_cache_variant.folder)
    assert set(scales) == {f"{name}.scale" for name in ranges}
    for name, largest in ranges.items():
        room = scales[f"{name}.scale"] * LARGEST / largest
        assert MARGIN <= room < MARGIN * 2**0.25 * 1.001
        assert 4 * np.log2(scales[f"{name}.scale"]) == pytest.approx(
            round(4 * np.log2(scales[f"{name}.scale"])), abs=1e-4
        )


def test_two_exports_give_the_same_bytes(small_cache_variant: Variant, float_variant: Variant, tmp_path: Path) -> None:
    again = export_quantized(float_variant, tmp_path / "again", Scheme(bits=8, cache_bits=8), (NF4,))
    for file in small_cache_variant.folder.iterdir():
        assert (again.folder / file.name).read_bytes() == file.read_bytes()


def test_a_layer_that_keeps_nothing_but_zeros_has_a_scale(float_variant: Variant) -> None:
    model = read_graph(float_variant.folder)
    shrink_cache(
        model, dict.fromkeys((f"past_key_values.{n}.{side}" for n in (0, 1) for side in ("key", "value")), 0.0)
    )
    assert all(
        onnx.numpy_helper.to_array(tensor) > 0 for tensor in model.graph.initializer if tensor.name.endswith(".scale")
    )


def test_the_scheme_of_the_shipped_variant_keeps_its_cache_in_eight_bits() -> None:
    assert {name for name, scheme in SCHEMES.items() if scheme.cache_bits == 8} == {"int8-64"}


def test_plain_onnxruntime_is_told_the_type_of_the_cache(small_cache_variant: Variant) -> None:
    session = ort.InferenceSession(str(small_cache_variant.folder / MODEL_FILE), providers=["CPUExecutionProvider"])
    types = {value.type for value in session.get_inputs() if value.name.startswith("past_key_values.")}
    assert types == {"tensor(int8)"}
