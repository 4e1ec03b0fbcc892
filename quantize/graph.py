"""Changes to an exported graph: what it must not tell, what it need not compute, how it is written.

Covers: names of producers, documentation strings, metadata (stack traces, paths of the exporting machine) leave no
trace in the file; equal graphs give equal bytes.
"""

import copy
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper

from quantize.errors import ModelUnsupported
from quantize.variants import LOGIT_OFFSETS, LOGIT_PLACES, MODEL_FILE, WEIGHTS_FILE

PRODUCER = "adaptation-appliance"
LOGITS = "logits"
PLACES = "/last/places"
ENDS = 5  # the input of GroupQueryAttention that holds each row's length with its past, less one
INLINE_BYTES = 1024  # smaller tensors stay in the graph: shapes and constants, which the runtime reads at load


def read_graph(folder: Path) -> onnx.ModelProto:
    """Load a model with its weights."""
    return onnx.load(str(folder / MODEL_FILE))


def write_graph(model: onnx.ModelProto, folder: Path) -> None:
    """Write `model.onnx` and one file of weights beside it; equal models give equal bytes."""
    onnx.save_model(
        model,
        str(folder / MODEL_FILE),
        save_as_external_data=True,
        all_tensors_to_one_file=True,
        location=WEIGHTS_FILE,
        size_threshold=INLINE_BYTES,
    )


def strip_metadata(model: onnx.ModelProto) -> None:
    """Remove everything that computes nothing: documentation, metadata, the exporter's name and build."""
    _clear(model)
    model.producer_name = PRODUCER
    model.producer_version = ""
    _clear(model.graph)
    for node in model.graph.node:
        _clear(node)
    for value in (*model.graph.input, *model.graph.output, *model.graph.value_info, *model.graph.initializer):
        _clear(value)


def _clear(part: Any) -> None:
    part.doc_string = ""
    del part.metadata_props[:]


def keep_last_tokens(model: onnx.ModelProto) -> None:
    """Behind the last attention go on with every row's last real token only: `logits` is [rows, 1, vocabulary].

    Rows are padded on the right; the attention mask tells where each ends. The head is a quarter of a small model's
    work, and all logits of 32 prompts of 60 tokens are 377 MB with a vocabulary of 49,152: generation needs one row a
    prompt. onnxruntime-genai calls such a graph "pruned" and knows it by the fixed 1 in the shape; its own pruning
    takes the last column, which is padding where the prompts of a batch differ in length.

    The input `logit_offsets` (int64 [n, 1]) may ask for n tokens of every row: how far each is before the last one.
    Then `logits` is [rows * n, 1, vocabulary]. Left out, as engines do that know nothing of it, it is [[0]].

    Raises:
        ModelUnsupported: the graph has no grouped-query attention.
    """
    graph = model.graph
    attention = [node for node in graph.node if node.op_type == "GroupQueryAttention"]
    if not attention:
        raise ModelUnsupported("the graph does not compute its attention in GroupQueryAttention")
    last = attention[-1]
    behind, crossing = _behind(graph, last)
    chosen = {value: f"/last/{number}" for number, value in enumerate(crossing)}
    for node in behind:
        for at, value in enumerate(node.input):
            node.input[at] = chosen.get(value, value)
    gathers = [node for value, name in chosen.items() for node in _gathered(value, name)]
    insert_before(graph, behind[0], [*_places(graph, last), *gathers])
    graph.input.append(helper.make_tensor_value_info(LOGIT_OFFSETS, onnx.TensorProto.INT64, ["wanted", 1]))
    del graph.value_info[:]  # the lengths noted there hold no longer; the runtime infers them
    _set_logits_shape(model, "batch_size")


def _behind(graph: onnx.GraphProto, attention: onnx.NodeProto) -> tuple[list[onnx.NodeProto], list[str]]:
    """Return the nodes that need an attention's result, and every value that they take from before."""
    made, behind, crossing = {attention.output[0]}, [], dict[str, None]()
    constant = {tensor.name for tensor in graph.initializer}
    constant |= {node.output[0] for node in graph.node if node.op_type == "Constant"}
    for node in graph.node:
        if made.intersection(node.input):
            behind.append(node)
            crossing.update(dict.fromkeys(value for value in node.input if value and value not in constant))
            made.update(node.output)
    own = made - {attention.output[0]}
    return behind, [value for value in crossing if value not in own]


def _gathered(value: str, name: str) -> list[onnx.NodeProto]:
    """Return the nodes that take the chosen tokens of a value [rows, length, size] out of it: [chosen, 1, size]."""
    return [
        helper.make_node("GatherND", [value, PLACES], [f"{name}/rows"], name=f"{name}/rows", batch_dims=1),
        helper.make_node("Reshape", [f"{name}/rows", "/last/flat"], [name], name=name),
    ]


def _places(graph: onnx.GraphProto, attention: onnx.NodeProto) -> list[onnx.NodeProto]:
    """Return the nodes that find each row's last real column, less the offsets: [rows, offsets, 1]."""
    # 0 in a shape: the size that is there
    constants = {"/last/one": [1], "/last/shape": [-1, 1, 1], "/last/flat": [-1, 1, 0], LOGIT_OFFSETS: [[0]]}
    for name, value in constants.items():
        graph.initializer.append(numpy_helper.from_array(np.array(value, np.int64), name))
    steps: list[tuple[str, list[str], str, dict[str, int]]] = [
        ("Shape", ["input_ids"], "/last/length", {"start": 1}),
        ("Sub", ["/last/length", "/last/one"], "/last/column", {}),
        # the index of the row's last token with its past, which is beyond the one column of a later step
        ("Cast", [attention.input[ENDS]], "/last/ends", {"to": onnx.TensorProto.INT64}),
        ("Reshape", ["/last/ends", "/last/shape"], "/last/end", {}),
        ("Min", ["/last/end", "/last/column"], "/last/place", {}),
        ("Sub", ["/last/place", LOGIT_OFFSETS], PLACES, {}),
    ]
    return [
        helper.make_node(kind, inputs, [output], name=output, **attributes)
        for kind, inputs, output, attributes in steps
    ]


def select_tokens(model: onnx.ModelProto) -> None:
    """Let the caller say which tokens' logits are wanted, as a likelihood needs it; undoes `keep_last_tokens`.

    Adds the input `logit_places` (int64 [n, 1, 2]: row, column) and turns `logits` into [n, 1, vocabulary].
    """
    for node in model.graph.node:
        if node.op_type == "GatherND" and node.input[1] == PLACES:
            node.input[1] = LOGIT_PLACES
            node.attribute[0].i = 0  # batch_dims: a place names its row, too
    inputs = [value for value in model.graph.input if value.name != LOGIT_OFFSETS]
    inputs.append(helper.make_tensor_value_info(LOGIT_PLACES, onnx.TensorProto.INT64, ["chosen", 1, 2]))
    del model.graph.input[:]
    model.graph.input.extend(inputs)
    _set_logits_shape(model, "chosen")
    drop_unused(model)


def _set_logits_shape(model: onnx.ModelProto, rows: str) -> None:
    shape = next(value for value in model.graph.output if value.name == LOGITS).type.tensor_type.shape
    shape.dim[0].Clear()
    shape.dim[0].dim_param = rows
    shape.dim[1].Clear()
    shape.dim[1].dim_value = 1


def pin_cache_shape(model: onnx.ModelProto, head_size: int) -> None:
    """Write the size of a head into the shapes of the cache, so that the runtime can allocate it."""
    for value in (*model.graph.input, *model.graph.output):
        if value.name.startswith(("past_key_values.", "present.")):
            value.type.tensor_type.shape.dim[3].Clear()
            value.type.tensor_type.shape.dim[3].dim_value = head_size


def weights_of(model: onnx.ModelProto) -> dict[str, onnx.TensorProto]:
    """Return the constant tensors of a graph by name."""
    return {tensor.name: tensor for tensor in model.graph.initializer}


def head_of(model: onnx.ModelProto) -> onnx.NodeProto:
    """Return the product that makes the logits.

    Raises:
        ModelUnsupported: something else makes them.
    """
    node = next((node for node in model.graph.node if LOGITS in node.output), None)
    if node is None or node.op_type != "MatMul" or node.input[1] not in weights_of(model):
        raise ModelUnsupported("the graph does not end in one product with a weight")
    return node


def embedding_of(model: onnx.ModelProto) -> onnx.NodeProto:
    """Return the node that looks up the tokens' vectors.

    Raises:
        ModelUnsupported: nothing is looked up by `input_ids`.
    """
    node = next((node for node in model.graph.node if node.op_type == "Gather" and "input_ids" in node.input), None)
    if node is None:
        raise ModelUnsupported("no node of the graph looks up the tokens' vectors")
    return node


def insert_before(graph: onnx.GraphProto, node: onnx.NodeProto, new: Sequence[onnx.NodeProto]) -> None:
    """Insert nodes right before a node of the graph."""
    at = next(place for place, other in enumerate(graph.node) if other is node or other.output == node.output)
    for offset, addition in enumerate(new):
        graph.node.insert(at + offset, addition)


def drop_unused(model: onnx.ModelProto) -> None:
    """Remove nodes and weights that nothing reads any more, such as the transposed copy of a tied embedding."""
    graph = model.graph
    used = {value.name for value in graph.output}
    kept = []
    for node in reversed(graph.node):
        if used.intersection(node.output):
            kept.append(node)
            used.update(node.input)
    nodes = [copy.deepcopy(node) for node in reversed(kept)]
    weights = [tensor for tensor in graph.initializer if tensor.name in used]
    del graph.node[:]
    graph.node.extend(nodes)
    if len(weights) < len(graph.initializer):
        weights = [copy.deepcopy(tensor) for tensor in weights]
        del graph.initializer[:]
        graph.initializer.extend(weights)
