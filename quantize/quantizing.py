"""A float graph becomes an int8 or int4 graph: weights only, block by block; activations and the cache stay floats.

A tied embedding shares the bytes of the head: of a 135M model's int4 file, a float embedding would be more than half.
"""

import numpy as np
import onnx
from onnx import helper, numpy_helper

from quantize.blocks import Blocks, quantize_matrix
from quantize.errors import ModelUnsupported
from quantize.graph import drop_unused, embedding_of, head_of, insert_before, weights_of
from quantize.rounding import eight_bits, scheme_of
from quantize.variants import Scheme

DOMAIN = "com.microsoft"


def quantize_graph(model: onnx.ModelProto, scheme: Scheme) -> None:
    """Replace the embedding and every product with a constant matrix by their block-quantised forms.

    Raises:
        ModelUnsupported: the graph has no head or no embedding of the known form, or rows that blocks do not divide.
    """
    eight = eight_bits(scheme)
    head, embedding = head_of(model), embedding_of(model)
    head_weight = head.input[1]
    table = _table_of(model, embedding)
    for node in [node for node in model.graph.node if node.op_type == "MatMul"]:
        if node.input[1] in weights_of(model):
            is_head = node.output[0] == head.output[0]
            _quantize_product(model, node, eight if is_head else scheme_of(node.name, scheme))
    if table != head_weight:
        matrix = numpy_helper.to_array(weights_of(model)[table]).T
        _add_blocks(model, table, quantize_matrix(np.ascontiguousarray(matrix), eight))
    _quantize_embedding(model, embedding, table, eight)
    drop_unused(model)


def _table_of(model: onnx.ModelProto, embedding: onnx.NodeProto) -> str:
    """Return the constant that the embedding reads; a tied one reads the head's, transposed."""
    source: str = embedding.input[0]
    transposes: dict[str, str] = {
        node.output[0]: node.input[0] for node in model.graph.node if node.op_type == "Transpose"
    }
    table = transposes.get(source, source)
    if table not in weights_of(model):
        raise ModelUnsupported("the embedding does not read a constant table")
    return table


def _quantize_product(model: onnx.ModelProto, node: onnx.NodeProto, scheme: Scheme) -> None:
    weight = node.input[1]
    matrix = numpy_helper.to_array(weights_of(model)[weight])
    inputs, outputs = matrix.shape
    if inputs % scheme.block:
        raise ModelUnsupported(f"{node.name}: rows of {inputs} weights do not divide into blocks of {scheme.block}")
    names = _add_blocks(model, weight, quantize_matrix(matrix, scheme))
    product = helper.make_node(
        "MatMulNBits",
        [node.input[0], *names],
        list(node.output),
        name=node.name,
        domain=DOMAIN,
        K=inputs,
        N=outputs,
        bits=scheme.bits,
        block_size=scheme.block,
        accuracy_level=scheme.accuracy_level,
    )
    node.CopyFrom(product)


def _add_blocks(model: onnx.ModelProto, weight: str, blocks: Blocks) -> list[str]:
    tensors = {f"{weight}.packed": blocks.packed, f"{weight}.scales": blocks.scales}
    if blocks.zero_points is not None:
        tensors[f"{weight}.zero_points"] = blocks.zero_points
    for name, tensor in tensors.items():
        model.graph.initializer.append(numpy_helper.from_array(tensor, name))
    return list(tensors)


def _quantize_embedding(model: onnx.ModelProto, node: onnx.NodeProto, table: str, scheme: Scheme) -> None:
    """Look up packed rows [outputs, blocks, block]: the very bytes that the head multiplies with."""
    constants = {"/embedding/scales_shape": [0, -1, 1], "/embedding/rows_shape": [0, 0, -1]}
    for name, shape in constants.items():
        model.graph.initializer.append(numpy_helper.from_array(np.array(shape, np.int64), name))
    scales = helper.make_node(
        "Reshape", [f"{table}.scales", "/embedding/scales_shape"], ["/embedding/scales"], name="/embedding/Scales"
    )
    lookup = helper.make_node(
        "GatherBlockQuantized",
        [f"{table}.packed", node.input[1], "/embedding/scales"],
        ["/embedding/blocks"],
        name="/embedding/Gather",
        domain=DOMAIN,
        gather_axis=0,
        quantize_axis=2,
        block_size=scheme.block,
        bits=scheme.bits,
    )
    rows = helper.make_node(
        "Reshape", ["/embedding/blocks", "/embedding/rows_shape"], list(node.output), name="/embedding/Rows"
    )
    insert_before(model.graph, node, [scales, lookup])
    node.CopyFrom(rows)
