import shutil
from pathlib import Path

import numpy as np
import onnx
import pytest

from quantize.graph import read_graph, weights_of, write_graph
from quantize.head_parts import PARTS, divide_head
from quantize.onnx_session import OnnxSession
from quantize.quantizing import quantize_graph
from quantize.variants import MODEL_FILE, WEIGHTS_FILE, Scheme, Variant

SENTENCES = [[1, 50, 60, 70], [1, 90, 91, 92, 93], list("設備の点検".encode())]
PROJECTION = "lm_head.MatMul.weight.packed"


@pytest.fixture(scope="module")
def whole(float_variant: Variant, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole")
    model = read_graph(float_variant.folder)
    quantize_graph(model, Scheme(bits=8))
    write_graph(model, folder)
    return folder


@pytest.fixture(scope="module")
def divided(whole: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("parts") / "divided"
    shutil.copytree(whole, folder)
    divide_head(folder)
    return folder


def test_a_divided_head_gives_the_bits_of_a_whole_one(whole: Path, divided: Path) -> None:
    ours, other = (OnnxSession(folder, threads=1).start(SENTENCES).read().copy() for folder in (divided, whole))
    assert np.array_equal(ours, other)


def test_the_file_of_weights_is_left_as_it_is(whole: Path, divided: Path) -> None:
    assert (divided / WEIGHTS_FILE).read_bytes() == (whole / WEIGHTS_FILE).read_bytes()
    assert len(list(divided.iterdir())) == len(list(whole.iterdir()))


def test_the_parts_are_the_rows_of_the_embedding(divided: Path) -> None:
    tensors = weights_of(read_graph(divided))
    table = onnx.numpy_helper.to_array(tensors[PROJECTION])
    parts = [onnx.numpy_helper.to_array(tensors[name]) for name in tensors if name.startswith(f"{PROJECTION}/")]
    assert len(parts) == PARTS
    assert np.array_equal(np.concatenate(parts), table)


def test_a_divided_graph_is_a_valid_one(divided: Path) -> None:
    nodes = onnx.load(str(divided / MODEL_FILE), load_external_data=False).graph.node
    made = {value for node in nodes for value in node.output}
    assert sum(node.output[0].startswith("logits/") for node in nodes) == PARTS
    assert "logits" in made
    OnnxSession(divided, threads=1)


def test_a_head_in_floats_is_left_whole(float_variant: Variant, tmp_path: Path) -> None:
    folder = tmp_path / "float"
    shutil.copytree(float_variant.folder, folder)
    divide_head(folder)
    assert (folder / MODEL_FILE).read_bytes() == (float_variant.folder / MODEL_FILE).read_bytes()
