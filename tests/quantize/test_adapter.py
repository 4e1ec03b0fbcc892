"""An adapter beside an unchanged base: the sum is right, the base is shared, both engines load the folder."""

import numpy as np
import onnx
import onnxruntime_genai as genai
import pytest
from onnx import numpy_helper

from quantize.adapter import ADAPTER_FILE, LowRank, export_beside
from quantize.errors import ModelUnsupported
from quantize.onnx_session import OnnxSession
from quantize.variants import MODEL_FILE, WEIGHTS_FILE

PROMPT = [1, 50, 60, 70, 80]
SHAPES = {  # of the tiny model
    "q_proj": (64, 64),
    "k_proj": (64, 32),
    "v_proj": (64, 32),
    "o_proj": (64, 64),
    "gate_proj": (64, 128),
    "up_proj": (64, 128),
    "down_proj": (128, 64),
}
QKV = ("q_proj", "k_proj", "v_proj")


def _updates(seed, names=SHAPES, size=0.2):
    chance = np.random.default_rng(seed)

    def draw(*shape):
        return (chance.normal(size=shape) * size).astype(np.float32)

    shapes = {(layer, name): SHAPES[name] for layer in (0, 1) for name in names}
    return {place: LowRank(draw(inputs, 4), draw(4, outputs)) for place, (inputs, outputs) in shapes.items()}


def _logits(folder):
    return OnnxSession(folder, threads=1).start([PROMPT]).read()[0]


def test_beside_floats_the_sum_is_the_merged_model(float_variant, tmp_path):
    updates = _updates(1)
    beside = export_beside(float_variant, tmp_path / "beside", updates)
    model = onnx.load(str(float_variant.folder / MODEL_FILE))
    weights = {tensor.name: tensor for tensor in model.graph.initializer}
    for node in model.graph.node:
        name = node.name.removesuffix("/MatMul").rsplit("/", 1)[-1]
        if node.op_type == "MatMul" and name.endswith("_proj"):
            layer = int(node.name.split("layers.")[1].split("/")[0])
            parts = [updates[layer, part] for part in (QKV if name == "qkv_proj" else (name,))]
            delta = np.concatenate([part.down @ part.up for part in parts], axis=1)
            tensor = weights[node.input[1]]
            tensor.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(tensor) + delta, tensor.name))
    (tmp_path / "merged").mkdir()
    onnx.save_model(model, str(tmp_path / "merged" / MODEL_FILE))
    assert _logits(beside.folder) == pytest.approx(_logits(tmp_path / "merged"), abs=1e-4)
    assert np.abs(_logits(beside.folder) - _logits(float_variant.folder)).max() > 0.1


def test_adapters_share_the_bytes_of_one_base_and_differ(int4_variant, tmp_path):
    one, other = (export_beside(int4_variant, tmp_path / str(seed), _updates(seed)) for seed in (1, 2))
    base = (int4_variant.folder / WEIGHTS_FILE).read_bytes()
    assert all((each.folder / WEIGHTS_FILE).read_bytes() == base for each in (one, other))
    assert (one.folder / MODEL_FILE).read_bytes() == (other.folder / MODEL_FILE).read_bytes()
    assert (one.folder / ADAPTER_FILE).read_bytes() != (other.folder / ADAPTER_FILE).read_bytes()
    assert one.bytes == sum(file.stat().st_size for file in one.folder.iterdir())
    assert (one.name, one.scheme) == ("int4", int4_variant.scheme)


def test_equal_adapters_give_equal_bytes_and_one_that_adds_nothing_changes_nothing(int4_variant, tmp_path):
    folders = [export_beside(int4_variant, tmp_path / name, _updates(3)).folder for name in "ab"]
    for file in folders[0].iterdir():
        assert file.read_bytes() == (folders[1] / file.name).read_bytes()
    nothing = export_beside(int4_variant, tmp_path / "nothing", _updates(3, size=0.0))
    assert _logits(nothing.folder) == pytest.approx(_logits(int4_variant.folder), abs=1e-6)


def test_plain_genai_loads_the_folder(int4_variant, tmp_path):
    folder = export_beside(int4_variant, tmp_path / "beside", _updates(1)).folder
    model = genai.Model(str(folder))
    wishes = genai.GeneratorParams(model)
    wishes.set_search_options(max_length=8)
    generator = genai.Generator(model, wishes)
    generator.append_tokens(np.array(PROMPT, np.int32))
    assert generator.get_logits().reshape(-1) == pytest.approx(_logits(folder), abs=1e-5)


def test_an_update_that_has_no_place_in_the_graph_is_refused(int4_variant, tmp_path):
    updates = _updates(1) | {(2, "up_proj"): _updates(1)[0, "up_proj"]}
    with pytest.raises(ModelUnsupported, match="no product"):
        export_beside(int4_variant, tmp_path / "a", updates)
    with pytest.raises(ModelUnsupported, match="fused"):
        export_beside(int4_variant, tmp_path / "b", _updates(1, names=["q_proj"]))
    wrong = _updates(1) | {(0, "o_proj"): _updates(1)[0, "up_proj"]}
    with pytest.raises(ModelUnsupported, match="64 x 64 weights"):
        export_beside(int4_variant, tmp_path / "c", wrong)
