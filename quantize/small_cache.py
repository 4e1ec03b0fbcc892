"""Keys and values in 8 bits: a written token reads a quarter of the bytes of all the tokens before it.

`GroupQueryAttention` rounds what it appends to the cache to whole multiples of a scale, one for a layer's keys and one
for its values, and multiplies queries in floats with them. The scales must stand in the graph. They are taken from the
largest numbers that made-up tokens leave in the float variant's cache: no text is needed, and so none can leak.

Covers: what its rounding costs is measured with the variant's, by the same gates.
Does not cover: speed of long prompts, where this kernel is slower than the float one (docs/decisions/0045).
"""

import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from quantize.graph import LOGITS
from quantize.onnx_session import PAST, PRESENT, OnnxSession

PROBES, PROBE_TOKENS = 4, 128
# A text's largest numbers were 1.15 times those of made-up tokens in the median of SmolLM2's layers, and 2.0 times at
# most: what lies beyond the scale is cut off, and a scale for all of them would cost a bit
MARGIN = 1.5
LARGEST = 127
SCALES = 12  # the first of two inputs of GroupQueryAttention: scale of the keys, scale of the values
QUANTISED = {"k_quant_type": "PER_TENSOR", "v_quant_type": "PER_TENSOR", "kv_cache_bit_width": 8}


def cache_ranges(folder: Path, vocabulary: int) -> dict[str, float]:
    """Return by the names of the cache's inputs the largest number that made-up tokens leave there."""
    session = OnnxSession(folder, threads=1)
    cache = session.new_cache(PROBES, PROBE_TOKENS)
    session.over(cache).extend(np.random.default_rng(0).integers(vocabulary, size=(PROBES, PROBE_TOKENS)))
    return {name: float(np.abs(values).max()) for name, values in cache.items()}


def vocabulary_of(model: onnx.ModelProto) -> int:
    """Return how many tokens a graph gives logits of."""
    logits = next(value for value in model.graph.output if value.name == LOGITS)
    return int(logits.type.tensor_type.shape.dim[-1].dim_value)


def shrink_cache(model: onnx.ModelProto, ranges: Mapping[str, float]) -> None:
    """Let the graph take and give its keys and values as 8-bit integers."""
    graph = model.graph
    for value in (*graph.input, *graph.output):
        if value.name.startswith((PAST, PRESENT)):
            value.type.tensor_type.elem_type = TensorProto.INT8
    for node in graph.node:
        if node.op_type == "GroupQueryAttention":
            names = [name for name in node.input if name.startswith(PAST)]
            node.input.extend([""] * (SCALES - len(node.input)))
            node.input.extend(f"{name}.scale" for name in names)
            node.attribute.extend(helper.make_attribute(name, value) for name, value in QUANTISED.items())
            graph.initializer.extend(_scale(name, ranges[name]) for name in names)


def _scale(name: str, largest: float) -> TensorProto:
    """Return the step of 8-bit numbers, rounded up to a quarter of an octave: equal on machines that sum otherwise."""
    quarters = math.ceil(4 * math.log2(MARGIN * largest / LARGEST)) if largest else 0
    return numpy_helper.from_array(np.array([2 ** (quarters / 4)], np.float32), f"{name}.scale")
