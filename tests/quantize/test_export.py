import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from transformers import LlamaForCausalLM

from quantize.errors import ModelUnsupported, SchemeRefused
from quantize.export import export_float, export_quantized
from quantize.graph import head_of, read_graph
from quantize.head_parts import PARTS
from quantize.measuring import measuring_session
from quantize.parity import session_parity
from quantize.variants import LOGIT_OFFSETS, MODEL_FILE, NF4, Q4_0, Q4_1, Scheme, Variant, refuse_same_grid

SEQUENCES = [[1, 50, 60, 70], [1, 90, 91, 92, 93, 94, 95, 96, 97], [1, 200]]
ODD_WIDTH = 48


def digests(folder: Path) -> dict[str, str]:
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in folder.iterdir()}


def torch_logits(model: LlamaForCausalLM) -> list[np.ndarray]:
    with torch.no_grad():
        return [model(torch.tensor([ids])).logits[0].numpy() for ids in SEQUENCES]


def test_the_float_variant_gives_the_logits_of_the_torch_model(
    float_variant: Variant, torch_model: LlamaForCausalLM
) -> None:
    found = session_parity(measuring_session(float_variant.folder, threads=1), SEQUENCES, torch_logits(torch_model))
    assert found.positions == sum(map(len, SEQUENCES))
    assert found.same_top_token == 1
    assert found.max_difference < 1e-4


def test_plain_onnxruntime_may_leave_out_which_tokens_logits_it_wants(float_variant: Variant) -> None:
    session = onnxruntime.InferenceSession(str(float_variant.folder / MODEL_FILE))
    ids = np.array([SEQUENCES[0], [*SEQUENCES[2], 0, 0]])
    caches = {value.name: value.shape for value in session.get_inputs() if "past" in value.name}
    empty = {name: np.zeros((2, shape[1], 0, shape[3]), np.float32) for name, shape in caches.items()}
    feeds = {"input_ids": ids, "attention_mask": np.array([[1, 1, 1, 1], [1, 1, 0, 0]]), **empty}
    last = session.run(["logits"], feeds)[0]
    both = session.run(["logits"], {**feeds, LOGIT_OFFSETS: np.array([[1], [0]])})[0]
    assert (last.shape, both.shape) == ((2, 1, last.shape[2]), (4, 1, last.shape[2]))
    assert (both[[1, 3]] == last).all()
    before = session.run(["logits"], {**feeds, "attention_mask": np.array([[1, 1, 1, 0], [1, 0, 0, 0]])})[0]
    assert both[[0, 2]] == pytest.approx(before, abs=1e-5)


def test_the_int8_variant_is_close_to_the_torch_model(int8_variant: Variant, torch_model: LlamaForCausalLM) -> None:
    found = session_parity(measuring_session(int8_variant.folder, threads=1), SEQUENCES, torch_logits(torch_model))
    assert found.mean_divergence < 0.01


def test_int4_differs_more_than_int8_and_takes_fewer_bytes(
    int8_variant: Variant, int4_variant: Variant, torch_model: LlamaForCausalLM
) -> None:
    reference = torch_logits(torch_model)
    eight = session_parity(measuring_session(int8_variant.folder, threads=1), SEQUENCES, reference)
    four = session_parity(measuring_session(int4_variant.folder, threads=1), SEQUENCES, reference)
    assert eight.mean_divergence < four.mean_divergence < 1
    assert int4_variant.bytes < int8_variant.bytes


def test_two_exports_give_the_same_bytes(tiny_folder: Path, float_variant: Variant, tmp_path: Path) -> None:
    again = export_float(tiny_folder, tmp_path / "again")
    assert digests(again.folder) == digests(float_variant.folder)


def test_two_quantisations_give_the_same_bytes(float_variant: Variant, int4_variant: Variant, tmp_path: Path) -> None:
    again = export_quantized(float_variant, tmp_path / "again", Scheme(bits=4), (NF4,))
    assert digests(again.folder) == digests(int4_variant.folder)


def test_the_export_prints_nothing(tiny_folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    export_float(tiny_folder, tmp_path / "quiet")
    assert capfd.readouterr() == ("", "")


def test_a_variant_holds_what_the_engine_reads_and_nothing_else(int4_variant: Variant) -> None:
    assert sorted(file.name for file in int4_variant.folder.iterdir()) == [
        "chat_template.jinja",
        "genai_config.json",
        "model.onnx",
        "model.onnx.data",
        "tokenizer.json",
        "tokenizer_config.json",
    ]


def test_no_path_and_no_trace_of_the_exporting_machine_is_left(
    tiny_folder: Path, float_variant: Variant, int4_variant: Variant
) -> None:
    traces = [str(tiny_folder).encode(), b"/tmp", b"stack_trace", b"site-packages", b"name_or_path", b"is_local"]
    content = b"".join(
        file.read_bytes() for variant in (float_variant, int4_variant) for file in variant.folder.iterdir()
    )
    assert [trace for trace in traces if trace in content] == []


def test_the_int4_variant_has_an_eight_bit_head_that_shares_its_bytes_with_the_embedding(
    int4_variant: Variant,
) -> None:
    nodes = read_graph(int4_variant.folder).graph.node
    head = [node for node in nodes if node.output[0].startswith("logits/")]
    embedding = next(node for node in nodes if node.op_type == "GatherBlockQuantized")
    assert [{a.name: a.i for a in part.attribute}["bits"] for part in head] == [8] * PARTS
    assert all(part.input[1].startswith(f"{embedding.input[0]}/") for part in head)
    assert {node.op_type for node in nodes}.isdisjoint({"MatMul", "Transpose"})


def test_chosen_layers_of_an_int4_variant_take_eight_bits(float_variant: Variant, tmp_path: Path) -> None:
    mixed = export_quantized(float_variant, tmp_path / "mixed", Scheme(bits=4, eight_bit_nodes=("down_proj",)), ())
    bits = {
        node.name: attribute.i
        for node in read_graph(mixed.folder).graph.node
        for attribute in node.attribute
        if attribute.name == "bits"
    }
    assert {bits["/model/layers.0/mlp/down_proj/MatMul"], bits["/model/layers.1/mlp/down_proj/MatMul"]} == {8}
    assert bits["/model/layers.0/mlp/up_proj/MatMul"] == 4


def test_an_asymmetric_scheme_also_runs(float_variant: Variant, torch_model: LlamaForCausalLM, tmp_path: Path) -> None:
    scheme = Scheme(bits=4, symmetric=False)
    variant = export_quantized(float_variant, tmp_path / "asymmetric", scheme, (NF4,))
    found = session_parity(measuring_session(variant.folder, threads=1), SEQUENCES, torch_logits(torch_model))
    assert found.mean_divergence < 1


def test_a_model_with_a_separate_embedding_is_exported_and_quantised(
    make_tiny: Callable[..., Path], tmp_path: Path
) -> None:
    folder = make_tiny(tmp_path / "model", tied=False)
    model = LlamaForCausalLM.from_pretrained(folder, trust_remote_code=False).eval()
    variant = export_float(folder, tmp_path / "float")
    small = export_quantized(variant, tmp_path / "int8", Scheme(bits=8), ())
    found = session_parity(measuring_session(small.folder, threads=1), SEQUENCES, torch_logits(model))
    assert found.mean_divergence < 0.01


@pytest.mark.parametrize("scheme", [Scheme(bits=4, symmetric=False), Scheme(bits=4, symmetric=True)])
def test_the_grid_that_the_weights_came_from_is_refused(scheme: Scheme, float_variant: Variant, tmp_path: Path) -> None:
    with pytest.raises(SchemeRefused, match="rounds the adaptation away"):
        export_quantized(float_variant, tmp_path / "refused", scheme, (NF4, Q4_0, Q4_1))
    assert not (tmp_path / "refused").exists()


def test_another_block_or_eight_bits_are_not_refused() -> None:
    refuse_same_grid(Scheme(bits=4, block=16), (NF4, Q4_0, Q4_1))
    refuse_same_grid(Scheme(bits=8), (NF4, Q4_0, Q4_1))


def test_rows_that_blocks_do_not_divide_are_refused(float_variant: Variant, tmp_path: Path) -> None:
    with pytest.raises(ModelUnsupported, match="do not divide into blocks of 48"):
        export_quantized(float_variant, tmp_path / "odd", Scheme(bits=8, block=ODD_WIDTH), ())


def test_a_graph_without_a_head_is_refused() -> None:
    with pytest.raises(ModelUnsupported, match="does not end in one product"):
        head_of(onnx.ModelProto())
