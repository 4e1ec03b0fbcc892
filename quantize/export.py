"""From a folder with a model to folders with its variants; equal weights give equal bytes."""

import json
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from quantize.builder import build_graph
from quantize.graph import keep_last_tokens, pin_cache_shape, read_graph, strip_metadata, write_graph
from quantize.head_parts import divide_head
from quantize.quantizing import quantize_graph
from quantize.variants import (
    CONFIG_FILE,
    MODEL_FILE,
    TOKENIZER_FILES,
    WEIGHTS_FILE,
    Grid,
    Scheme,
    Variant,
    refuse_same_grid,
)


def export_float(model_folder: Path, out: Path) -> Variant:
    """Export a transformers folder (config, safetensors, tokenizer) as 32-bit floats; `out` must not exist.

    The graph takes `input_ids` and `attention_mask` [rows, length], padded on the right, and the key/value cache; it
    gives `logits` [rows, 1, vocabulary] behind every row's last token, and the new cache.

    Raises:
        ModelUnsupported: the architecture or its graph is not one that can be exported.
    """
    out.mkdir(parents=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".export-") as built:
        head_size = build_graph(model_folder, Path(built))
        model = read_graph(Path(built))
        strip_metadata(model)
        keep_last_tokens(model)
        pin_cache_shape(model, head_size)
        write_graph(model, out)
        _write_engine_files(Path(built), model_folder, out)
    return _variant(out, None)


def export_quantized(source: Variant, out: Path, scheme: Scheme, came_from: Sequence[Grid]) -> Variant:
    """Quantise the float variant; `came_from` names every grid that the weights were ever rounded to.

    Raises:
        SchemeRefused: the scheme's grid is one of them.
        ModelUnsupported: the graph cannot be quantised in such blocks.
    """
    refuse_same_grid(scheme, came_from)
    model = read_graph(source.folder)
    quantize_graph(model, scheme)
    out.mkdir(parents=True)
    write_graph(model, out)
    divide_head(out)
    for file in source.folder.iterdir():
        if file.name not in (MODEL_FILE, WEIGHTS_FILE):
            shutil.copyfile(file, out / file.name)
    return _variant(out, scheme)


def _write_engine_files(built: Path, model_folder: Path, out: Path) -> None:
    """Write what onnxruntime-genai reads besides the graph; the tokenizer is the model's own, byte for byte."""
    config = json.loads((built / CONFIG_FILE).read_text(encoding="utf-8"))
    (out / CONFIG_FILE).write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    for name in TOKENIZER_FILES:
        if (model_folder / name).exists():
            shutil.copyfile(model_folder / name, out / name)


def _variant(folder: Path, scheme: Scheme | None) -> Variant:
    return Variant(folder.name, folder, scheme, sum(file.stat().st_size for file in folder.iterdir()))
