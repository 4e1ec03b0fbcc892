"""A low-rank adapter beside an unchanged quantised base: two small products a layer, added to the layer's own.

Merging an adapter into 4-bit weights rounds most of it away: its update is about 0.5 % of a weight, the step of the
grid about 10 %. Kept beside weights that it was trained against, it loses nothing. The base's file of weights stays as
it is, byte for byte, so that adapters share one base, and an update is `model.onnx` and `adapter.data`: megabytes.

Covers: LoRA and rsLoRA on the linear layers, products that the exporter has fused (query, key and value).
Does not cover: DoRA, which scales the base's rows; adapters on the embedding or the head.
"""

import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper

from quantize.blocks import Floats
from quantize.errors import ModelUnsupported
from quantize.variants import MODEL_FILE, Variant

ADAPTER_FILE = "adapter.data"
ALIGNMENT = 64  # bytes: a cache line
_PRODUCT = re.compile(r"layers\.(\d+)/\w+/(\w+_proj)/MatMul$")
_FUSED = {"qkv_proj": ("q_proj", "k_proj", "v_proj")}

Place = tuple[int, str]  # a layer's number and the name of its projection: (0, "q_proj")


@dataclass(frozen=True, slots=True)
class LowRank:
    """An update of a matrix [inputs, outputs] as the product of two, with the adapter's scaling in `up`."""

    down: Floats  # [inputs, rank]
    up: Floats  # [rank, outputs]


def export_beside(base: Variant, out: Path, updates: Mapping[Place, LowRank]) -> Variant:
    """Write a variant that computes the base's and the adapter's products; the base's weights are copied unchanged.

    Raises:
        ModelUnsupported: an update has no product in the graph, or another shape than it.
    """
    shutil.copytree(base.folder, out)
    model = onnx.load(str(base.folder / MODEL_FILE), load_external_data=False)
    factors = _attach(model, updates)
    with (out / ADAPTER_FILE).open("wb") as stream:
        for name, values in factors.items():
            stream.write(bytes(-stream.tell() % ALIGNMENT))
            model.graph.initializer.append(_stored(name, values, stream.tell()))
            stream.write(values.astype("<f4").tobytes())
    (out / MODEL_FILE).write_bytes(model.SerializeToString(deterministic=True))
    return Variant(base.name, out, base.scheme, sum(file.stat().st_size for file in out.iterdir()))


def _attach(model: onnx.ModelProto, updates: Mapping[Place, LowRank]) -> dict[str, Floats]:
    """Add the products of every update to the graph; return their factors by the names that the graph gives them."""
    left, factors, nodes = set(updates), dict[str, Floats](), list[onnx.NodeProto]()
    for node in model.graph.node:
        nodes.append(node)
        places = _places(node)
        parts = [updates[place] for place in places if place in updates]
        if not parts:
            continue
        if len(parts) != len(places):
            raise ModelUnsupported(f"{node.name}: the adapter updates a part of what the exporter has fused")
        left.difference_update(places)
        whole = _fused(parts)
        _check_shape(node, whole)
        factors |= {f"{node.name}/down": whole.down, f"{node.name}/up": whole.up}
        nodes.extend(_beside(node))
    if left:
        raise ModelUnsupported(f"the graph has no product for the adapter's {sorted(left)[0]}")
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    return factors


def _places(node: onnx.NodeProto) -> list[Place]:
    found = _PRODUCT.search(node.name)
    if found is None or node.op_type not in ("MatMul", "MatMulNBits"):
        return []
    return [(int(found[1]), name) for name in _FUSED.get(found[2], (found[2],))]


def _fused(parts: Sequence[LowRank]) -> LowRank:
    """Return the update of matrices that stand side by side: their factors below each other, zeros between."""
    if len(parts) == 1:
        return parts[0]
    ranks, widths = [part.up.shape[0] for part in parts], [part.up.shape[1] for part in parts]
    up: Floats = np.zeros((sum(ranks), sum(widths)), np.float32)
    for number, part in enumerate(parts):
        row, column = sum(ranks[:number]), sum(widths[:number])
        up[row : row + ranks[number], column : column + widths[number]] = part.up
    return LowRank(np.concatenate([part.down for part in parts], axis=1), up)


def _check_shape(node: onnx.NodeProto, update: LowRank) -> None:
    """Of a quantised product the shape stands in its attributes; a float one is checked by the runtime at load."""
    told = {each.name: each.i for each in node.attribute if each.name in ("K", "N")}
    shape = (update.down.shape[0], update.up.shape[1])
    if told and (told["K"], told["N"]) != shape:
        raise ModelUnsupported(f"{node.name}: {told['K']} x {told['N']} weights, and an update of {shape}")


def _beside(node: onnx.NodeProto) -> list[onnx.NodeProto]:
    """Return the nodes of the adapter; the layer's own product is renamed, so that their sum takes its place."""
    name, output = node.name, node.output[0]
    node.output[0] = f"{name}/base"
    return [
        helper.make_node("MatMul", [node.input[0], f"{name}/down"], [f"{name}/low"], name=f"{name}/Down"),
        helper.make_node("MatMul", [f"{name}/low", f"{name}/up"], [f"{name}/update"], name=f"{name}/Up"),
        helper.make_node("Add", [f"{name}/base", f"{name}/update"], [output], name=f"{name}/Sum"),
    ]


def _stored(name: str, values: Floats, offset: int) -> TensorProto:
    tensor = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=values.shape)
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in {"location": ADAPTER_FILE, "offset": offset, "length": values.size * 4}.items():
        tensor.external_data.add(key=key, value=str(value))
    return tensor
