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
from quantize.variants import MODEL_FILE, WEIGHTS_FILE

PRODUCER = "adaptation-appliance"
LOGITS = "logits"
LOGIT_POSITIONS = "logit_positions"
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


def select_logits(model: onnx.ModelProto) -> None:
    """Let the caller say at which positions logits are wanted.

    Adds the input `logit_positions` (int64 [n]: row * sequence length + column) and turns `logits` from
    [rows, sequence length, vocabulary] into [n, vocabulary]. The head is a quarter of a small model's work, and all
    logits of 32 prompts of 60 tokens are 377 MB with a vocabulary of 49,152: generation needs one row a prompt.

    Raises:
        ModelUnsupported: the graph does not end in one product with a weight.
    """
    graph = model.graph
    head = head_of(model)
    width = weights_of(model)[head.input[1]].dims[0]
    graph.initializer.append(numpy_helper.from_array(np.array([-1, width], np.int64), "flat_shape"))
    flat = helper.make_node("Reshape", [head.input[0], "flat_shape"], ["flat_hidden"], name="/select/Reshape")
    chosen = helper.make_node("Gather", ["flat_hidden", LOGIT_POSITIONS], ["chosen_hidden"], name="/select/Gather")
    head.input[0] = "chosen_hidden"
    insert_before(graph, head, [flat, chosen])
    graph.input.append(helper.make_tensor_value_info(LOGIT_POSITIONS, onnx.TensorProto.INT64, ["chosen"]))
    shape = next(value for value in graph.output if value.name == LOGITS).type.tensor_type.shape
    del shape.dim[0]
    shape.dim[0].ClearField("dim_value")
    shape.dim[0].dim_param = "chosen"


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
