"""The head becomes several products, so that loading a model takes less memory; what is computed stays the same.

A tied embedding shares the head's bytes. As one tensor, the runtime reads all of it to make the head's packed copy and
keeps it mapped for the embedding: for a moment, and on, the largest matrix of a small model lies in memory twice. The
parts are tensors of their own over the same bytes of the file: each is mapped, packed and unmapped before the next one.
SmolLM2-135M in 8 bits loads in 228 instead of 251 MB (docs/experiments.md, 2026-11-24).

Covers: heads in `MatMulNBits` with weights in the file beside the graph. Others are left whole.
"""

import itertools
from collections.abc import Sequence
from pathlib import Path

import onnx
from onnx import TensorProto, helper

from quantize.graph import LOGITS, drop_unused, insert_before, weights_of
from quantize.variants import MODEL_FILE

PARTS = 4  # 8 save 3 MB more of 251, and every part costs a node
TILE = 64  # outputs: a kernel's column of another width may sum in another order, in the last bit


def divide_head(folder: Path) -> None:
    """Rewrite the graph of an exported variant; its file of weights is left as it is."""
    model = onnx.load(str(folder / MODEL_FILE), load_external_data=False)
    head = next(node for node in model.graph.node if LOGITS in node.output)
    tensors = [weights_of(model)[name] for name in head.input[1:] if name in weights_of(model)]
    if head.op_type != "MatMulNBits" or not all(_is_in_file(tensor) for tensor in tensors):
        return
    outputs = next(each.i for each in head.attribute if each.name == "N")
    bounds = [outputs * number // PARTS // TILE * TILE for number in range(PARTS)]
    parts = [_part(model, head, tensors, range(*ends)) for ends in itertools.pairwise([*bounds, outputs])]
    insert_before(model.graph, head, parts)
    logits = [part.output[0] for part in parts]
    head.CopyFrom(helper.make_node("Concat", logits, [LOGITS], name=f"{head.name}/Parts", axis=-1))
    drop_unused(model)
    (folder / MODEL_FILE).write_bytes(model.SerializeToString(deterministic=True))


def _is_in_file(tensor: TensorProto) -> bool:
    return bool(tensor.data_location == TensorProto.EXTERNAL)


def _part(
    model: onnx.ModelProto, head: onnx.NodeProto, tensors: Sequence[TensorProto], outputs: range
) -> onnx.NodeProto:
    """Return the product that makes some of the logits; its weights are added to the graph."""
    rows = [_rows(tensor, outputs) for tensor in tensors]
    model.graph.initializer.extend(rows)
    part = onnx.NodeProto()
    part.CopyFrom(head)
    part.name = f"{head.name}/{outputs.start}"
    part.output[0] = f"{LOGITS}/{outputs.start}"
    part.input[1:] = [tensor.name for tensor in rows]
    next(each for each in part.attribute if each.name == "N").i = len(outputs)
    return part


def _rows(tensor: TensorProto, outputs: range) -> TensorProto:
    """Return a tensor over some rows of another one, in the same place of the file."""
    stored = {entry.key: entry.value for entry in tensor.external_data}
    row_bytes = int(stored["length"]) // tensor.dims[0]
    dims = [len(outputs), *tensor.dims[1:]]
    rows = TensorProto(name=f"{tensor.name}/{outputs.start}", data_type=tensor.data_type, dims=dims)
    rows.data_location = TensorProto.EXTERNAL
    offset = int(stored["offset"]) + outputs.start * row_bytes
    place = {"location": stored["location"], "offset": offset, "length": len(outputs) * row_bytes}
    for key, value in place.items():
        rows.external_data.add(key=key, value=str(value))
    return rows
