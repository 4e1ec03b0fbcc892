"""Exports the adapted model to ONNX: float, and every scheme that is asked for. Clean.

The adapter is merged into the weights that it was trained against and into no others. Where those are the int4
variant's own, int4 is not merged: the adapter stays beside the unchanged base, and nothing is rounded any more.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from appliance.base_model.locating import model_folder
from appliance.core.distil_section import STUDENT
from appliance.core.errors import InputError
from appliance.core.hashing import remove_tree
from appliance.core.reporting import Facts, Reporter
from appliance.core.sections import ExportSettings
from appliance.core.store import Artifact, Draft
from appliance.release.publishing import REPORT
from appliance.stages.distil import student_of
from appliance.training.adapter import low_rank_updates, merged
from appliance.training.frozen_base import ADAPTER, BaseGrid, adapted_base, base_grid, grids_of
from quantize.adapter import export_beside
from quantize.errors import QuantizeError, SchemeRefused
from quantize.export import export_float, export_quantized
from quantize.schemes import SCHEMES, SchemeName
from quantize.variants import Q4_0, Q4_1, TOKENIZER_FILES, Grid, Scheme, Variant

MERGED, BASE = "merged", "base"  # folders of the scratch
GGUF_GRIDS = {"Q4_0": Q4_0, "Q4_1": Q4_1}


def run(inputs: Mapping[str, Artifact], settings: ExportSettings, draft: Draft, reporter: Reporter) -> Facts:
    """Write one folder a variant; a scheme that would round the adaptation away is left out and told.

    Raises:
        InputError: the architecture cannot be exported.
    """
    started = time.monotonic()
    grid = base_grid(inputs["train"])
    grids = came_from(inputs["intake"], grid)
    folders = {name: draft.folder / name for name in SCHEMES if name in settings.variants and name != grid}
    try:
        float_variant = export_float(_merged(inputs, draft.scratch / MERGED), draft.folder / "float")
        variants = [float_variant, *quantised(float_variant, folders, grids, reporter)]
        if grid in SCHEMES and grid in settings.variants:
            variants.append(beside(inputs, draft.scratch / BASE, draft.folder / grid, SCHEMES[grid]))
        if "distil" in inputs:
            variants += _of_student(inputs, settings, draft, reporter)
    except QuantizeError as error:
        raise InputError(str(error), hint="choose other variants in [export], or another base model") from error
    return {
        "bytes": {variant.name: variant.bytes for variant in variants},
        "seconds": round(time.monotonic() - started, 1),
    }


def quantised(
    float_variant: Variant, folders: Mapping[SchemeName, Path], grids: Sequence[Grid], reporter: Reporter
) -> Iterator[Variant]:
    """Write and yield variants of the float one, each into its folder by the name of its scheme, without those that
    `grids` forbids.
    """
    for number, (name, folder) in enumerate(folders.items()):
        reporter.progress(number, len(folders), "variants")
        try:
            yield export_quantized(float_variant, folder, SCHEMES[name], grids)
        except SchemeRefused as error:
            reporter.note(f"{folder.name} is not made: {error}", "warning")


def _of_student(
    inputs: Mapping[str, Artifact], settings: ExportSettings, draft: Draft, reporter: Reporter
) -> Iterator[Variant]:
    """Write and yield the variants of the student; its floats are none."""
    folder = _written(inputs, student_of(inputs), draft.scratch / MERGED)
    floats = export_float(folder, draft.scratch / f"{STUDENT}float")
    folders = {name: draft.folder / f"{STUDENT}{name}" for name in SCHEMES if name in settings.variants}
    yield from quantised(floats, folders, came_from(inputs["intake"], base_grid(inputs["train"])), reporter)


def _merged(inputs: Mapping[str, Artifact], folder: Path) -> Path:
    """Write the adapted model as floats."""
    return _written(inputs, merged(adapted_base(inputs), inputs["train"].folder / ADAPTER), folder)


def _written(inputs: Mapping[str, Artifact], model: Any, folder: Path) -> Path:
    remove_tree(folder)
    model.save_pretrained(folder)
    for name in TOKENIZER_FILES:
        source = model_folder(inputs["intake"]) / name
        if source.exists():
            (folder / name).write_bytes(source.read_bytes())
    return folder


def beside(inputs: Mapping[str, Artifact], scratch: Path, out: Path, scheme: Scheme) -> Variant:
    """Quantise the base as it was received, and put the adapter beside it.

    No grid is forbidden: only the base is rounded, nothing that was learnt.
    """
    remove_tree(scratch)
    scratch.mkdir(parents=True)
    whole = export_float(model_folder(inputs["intake"]), scratch / "float")
    base = export_quantized(whole, scratch / out.name, scheme, ())
    return export_beside(base, out, low_rank_updates(inputs["train"].folder / ADAPTER))


def received_on(intake: Artifact) -> Sequence[Grid]:
    """Return the grids that the weights lay on when they were received."""
    tensors = intake.read_json(REPORT)["grid"]["tensors"]
    return [grid for name, grid in GGUF_GRIDS.items() if name in tensors]


def came_from(intake: Artifact, grid: BaseGrid) -> Sequence[Grid]:
    """Return every grid that the merged weights were ever rounded to: as received, and for the training."""
    return [*grids_of(grid), *received_on(intake)]


def variants_of(export: Artifact) -> list[Variant]:
    """Return the variants that this stage wrote, the float one first."""
    schemes: list[tuple[str, Scheme | None]] = [("float", None), *SCHEMES.items()]
    schemes += [(f"{STUDENT}{name}", scheme) for name, scheme in SCHEMES.items()]
    return [
        Variant(
            name, export.folder / name, scheme, sum(file.stat().st_size for file in (export.folder / name).iterdir())
        )
        for name, scheme in schemes
        if (export.folder / name).is_dir()
    ]
