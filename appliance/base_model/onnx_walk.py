"""Walk through an ONNX file without running it: known operators only, and no tensor outside of its folder or its size.

Covers: unknown operator domains, external data by absolute path, `..`, symbolic or hard link, offsets and lengths
beyond the file, tensors that declare more than they hold.
Does not cover: a graph of known operators that computes for long; sessions run under limits of their own.
"""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

DOMAINS = frozenset({"", "ai.onnx", "ai.onnx.ml", "com.microsoft"})
LIMIT_BYTES = 2 << 30  # of a protobuf
LIMIT_TENSOR = 64 << 30  # bytes that one tensor may declare
DEPTH = 16  # of graphs inside of graphs


def first_problem(file: Path) -> str:
    """Return why an ONNX file may not be opened, or ""."""
    import onnx  # noqa: PLC0415 few models come with a graph
    from google.protobuf.message import DecodeError  # type: ignore[import-untyped] # noqa: PLC0415

    if file.stat().st_size > LIMIT_BYTES:
        return "a graph of more than 2 GiB"
    try:
        model = onnx.load(file, load_external_data=False)
    except (DecodeError, OSError, ValueError):
        return "not an ONNX graph"
    if not model.graph.node:
        return "an ONNX file without a graph"
    bodies = [model.graph, *model.functions]
    return next((problem for body in bodies for problem in _problems(body, file, 0)), "")


def _problems(body: Any, file: Path, depth: int) -> Iterator[str]:
    if depth > DEPTH:
        yield "graphs that are nested too deeply"
        return
    for tensor in getattr(body, "initializer", ()):
        yield from _tensor_problem(tensor, file)
    for node in body.node:
        if node.domain not in DOMAINS:
            yield f"an operator of the unknown domain {node.domain[:40]!r}"
        for attribute in node.attribute:
            if attribute.HasField("t"):
                yield from _tensor_problem(attribute.t, file)
            for graph in (*([attribute.g] if attribute.HasField("g") else []), *attribute.graphs):
                yield from _problems(graph, file, depth + 1)


def _tensor_problem(tensor: Any, file: Path) -> Iterator[str]:
    from onnx.helper import tensor_dtype_to_np_dtype  # noqa: PLC0415

    try:
        size = math.prod(tensor.dims) * tensor_dtype_to_np_dtype(tensor.data_type).itemsize
    except (KeyError, TypeError):
        yield "a tensor of an unknown type"
        return
    if any(extent < 0 for extent in tensor.dims) or size > LIMIT_TENSOR:
        yield "a tensor that declares an absurd size"
    if tensor.data_location == tensor.EXTERNAL:
        yield from _external_problem({entry.key: entry.value for entry in tensor.external_data}, file)


def _external_problem(place: dict[str, str], file: Path) -> Iterator[str]:
    name = place.get("location", "")
    if not name or Path(name).is_absolute() or Path(name).name != name:
        yield "a tensor that lies outside of the folder"
        return
    beside = file.parent / name
    if beside.is_symlink() or not beside.is_file() or beside.stat().st_nlink > 1:
        yield "a tensor whose file is missing, or is a link"
        return
    offset, length = place.get("offset", "0"), place.get("length", "0")
    if not (offset.isdecimal() and length.isdecimal()) or int(offset) + int(length) > beside.stat().st_size:
        yield "a tensor that lies beyond the end of its file"
