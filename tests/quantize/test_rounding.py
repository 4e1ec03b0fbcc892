import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper
from onnxruntime import InferenceSession

from quantize.blocks import quantize_matrix
from quantize.errors import ModelUnsupported
from quantize.rounding import rounded, scheme_of
from quantize.variants import Scheme

SCHEMES = [Scheme(bits=4), Scheme(bits=8), Scheme(bits=4, symmetric=False), Scheme(bits=4, block=64)]


def _identity_product(matrix, scheme):
    """What onnxruntime multiplies with: the product of the identity, computed in floats."""
    inputs, outputs = matrix.shape
    blocks = quantize_matrix(matrix, scheme)
    tensors = {"packed": blocks.packed, "scales": blocks.scales}
    if blocks.zero_points is not None:
        tensors["zero_points"] = blocks.zero_points
    options = {"K": inputs, "N": outputs, "bits": scheme.bits, "block_size": scheme.block, "accuracy_level": 1}
    node = helper.make_node("MatMulNBits", ["x", *tensors], ["y"], domain="com.microsoft", **options)
    graph = helper.make_graph(
        [node],
        "product",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [inputs, inputs])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [inputs, outputs])],
        [numpy_helper.from_array(value, name) for name, value in tensors.items()],
    )
    opsets = [helper.make_opsetid("", 21), helper.make_opsetid("com.microsoft", 1)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=10)
    session = InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, {"x": np.eye(inputs, dtype=np.float32)})[0]


@pytest.mark.parametrize("scheme", SCHEMES, ids=str)
def test_a_rounded_matrix_is_what_the_runtime_multiplies_with(scheme):
    matrix = np.random.default_rng(1).normal(size=(192, 40)).astype(np.float32)
    assert np.abs(_identity_product(matrix, scheme) - rounded(matrix, scheme)).max() < 1e-6


@given(st.integers(0, 2**32 - 1), st.sampled_from(SCHEMES))
def test_what_lies_on_the_grid_stays_there(seed, scheme):
    matrix = np.random.default_rng(seed).normal(size=(64, 3)).astype(np.float32)
    once = rounded(matrix, scheme)
    # two steps: the grid has one level less on one side, and what lies there is cut
    assert np.abs(once - matrix).max() <= 2 * np.abs(matrix).max() / 2 ** (scheme.bits - 1)
    assert np.abs(rounded(once, scheme) - once).max() <= 1e-5 * np.abs(once).max()


def test_a_matrix_whose_rows_the_blocks_do_not_divide_is_refused():
    with pytest.raises(ModelUnsupported, match="do not divide"):
        rounded(np.zeros((33, 2), np.float32), Scheme(bits=4))


def test_nodes_and_modules_of_one_layer_take_the_same_scheme():
    scheme = Scheme(bits=4, eight_bit_nodes=("qkv_proj", "q_proj"))
    names = ["/model/layers.0/attn/qkv_proj/MatMul", "model.layers.0.self_attn.q_proj", "layers.0.mlp.up_proj"]
    assert [scheme_of(name, scheme).bits for name in names] == [8, 8, 4]
