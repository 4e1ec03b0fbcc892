"""Exports the adapted model to ONNX: float, and every scheme that is asked for. Clean.

The adapter is merged into the weights that it was trained against, the de-quantised NF4 ones, and into no others.
"""

import time
from collections.abc import Iterator, Mapping, Sequence

from appliance.base_model.loading import load_dequantised
from appliance.core.errors import InputError
from appliance.core.hashing import remove_tree
from appliance.core.reporting import Facts, Reporter
from appliance.core.sections import ExportSettings
from appliance.core.store import Artifact, Draft
from appliance.release.publishing import REPORT
from appliance.stages.intake import model_folder
from appliance.stages.train import ADAPTER
from appliance.training.adapter import merged
from quantize.errors import QuantizeError, SchemeRefused
from quantize.export import export_float, export_quantized
from quantize.schemes import SCHEMES
from quantize.variants import NF4, Q4_0, Q4_1, TOKENIZER_FILES, Grid, Scheme, Variant

MERGED = "merged"
GGUF_GRIDS = {"Q4_0": Q4_0, "Q4_1": Q4_1}


def run(inputs: Mapping[str, Artifact], settings: ExportSettings, draft: Draft, reporter: Reporter) -> Facts:
    """Write one folder a variant; a scheme that would round the adaptation away is left out and told.

    Raises:
        InputError: the architecture cannot be exported.
    """
    started = time.monotonic()
    whole = draft.scratch / MERGED
    remove_tree(whole)
    model = merged(load_dequantised(model_folder(inputs["intake"])), inputs["train"].folder / ADAPTER)
    model.save_pretrained(whole)
    del model
    for name in TOKENIZER_FILES:
        source = model_folder(inputs["intake"]) / name
        if source.exists():
            (whole / name).write_bytes(source.read_bytes())
    try:
        float_variant = export_float(whole, draft.folder / "float")
        variants = [float_variant, *quantised(float_variant, settings, came_from(inputs["intake"]), reporter)]
    except QuantizeError as error:
        raise InputError(str(error), hint="choose other variants in [export], or another base model") from error
    return {
        "bytes": {variant.name: variant.bytes for variant in variants},
        "seconds": round(time.monotonic() - started, 1),
    }


def quantised(
    float_variant: Variant, settings: ExportSettings, grids: Sequence[Grid], reporter: Reporter
) -> Iterator[Variant]:
    """Write and yield the other variants beside the float one, without those that `grids` forbids."""
    names = [name for name in settings.variants if name != "float"]
    for number, name in enumerate(names):
        reporter.progress(number, len(names), "variants")
        try:
            yield export_quantized(float_variant, float_variant.folder.parent / name, SCHEMES[name], grids)
        except SchemeRefused as error:
            reporter.note(f"{name} is not made: {error}", "warning")


def came_from(intake: Artifact) -> Sequence[Grid]:
    """Return every grid that the weights were ever rounded to: as received, and NF4 for training."""
    tensors = intake.read_json(REPORT)["grid"]["tensors"]
    return (NF4, *(grid for name, grid in GGUF_GRIDS.items() if name in tensors))


def variants_of(export: Artifact) -> list[Variant]:
    """Return the variants that this stage wrote, the float one first."""
    schemes: list[tuple[str, Scheme | None]] = [("float", None), *SCHEMES.items()]
    return [
        Variant(
            name, export.folder / name, scheme, sum(file.stat().st_size for file in (export.folder / name).iterdir())
        )
        for name, scheme in schemes
        if (export.folder / name).is_dir()
    ]
