"""The frozen weights that an adapter is trained against, and that every later step must take with it.

`nf4` is the common choice: the adapter is merged before the export, which rounds the sum anew. `int4` are the very
weights of the int4 variant: there the adapter stays beside them, and the export changes nothing of what was learnt
(docs/decisions/0014-an-adapter-may-ship-beside-its-base.md).
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import torch

from appliance.base_model.loading import compute_dtype, load_dequantised, load_float, load_nf4
from appliance.base_model.locating import model_folder
from appliance.core.sections import TrainSettings
from appliance.core.store import Artifact
from quantize.rounding import eight_bits, rounded, scheme_of
from quantize.schemes import SCHEMES
from quantize.variants import NF4, Grid, Scheme

INT4 = SCHEMES["int4"]
BaseGrid = Literal["nf4", "int4"]
ADAPTER, BASE = "adapter", "base.json"  # of a training: the folder of what was learnt, and which weights it belongs on


def load_frozen(folder: Path, grid: BaseGrid, device: str = "cpu") -> Any:
    """Return the base of a canonical folder as an adapter is trained against it, on a device.

    On a CPU the weights are unpacked once: the same function, without unpacking them in every pass.

    Raises:
        ModelUnsupported: `int4`, and a layer does not divide into the blocks of the grid.
        ResourceError: the device is a GPU that is not there.
    """
    if grid == "int4":
        return rounded_base(load_float(folder), INT4).to(device, compute_dtype(device))
    return load_nf4(folder, device) if device.startswith("cuda") else load_dequantised(folder)


def load_for_training(folder: Path, settings: TrainSettings, device: str) -> Any:
    """Return the base as `load_frozen` does, in the floats that the settings name for a CPU."""
    model = load_frozen(folder, settings.grid, device)
    return model.to(torch.bfloat16) if device == "cpu" and settings.dtype == "bfloat16" else model


def base_grid(train: Artifact) -> BaseGrid:
    """Return what the frozen base of a trained adapter is rounded to."""
    grid: BaseGrid = train.read_json(BASE)["grid"]
    return grid


def adapted_base(inputs: Mapping[str, Artifact]) -> Any:
    """Return the weights that the adapter was trained against, on the CPU: it belongs on these and on no others."""
    return load_frozen(model_folder(inputs["intake"]), base_grid(inputs["train"]))


def grids_of(grid: BaseGrid) -> Sequence[Grid]:
    """Return the grids that the weights have been rounded to by the training: no merged variant may go there again."""
    return (INT4.grid,) if grid == "int4" else (NF4,)


def rounded_base(model: Any, scheme: Scheme) -> Any:
    """Round the weights of a model, in place, to what an export by the scheme leaves of them; return the model."""
    head, embedding = model.get_output_embeddings(), model.get_input_embeddings()
    with torch.no_grad():
        for name, module in model.named_modules():
            if isinstance(module, torch.nn.Linear) and module is not head:
                _round(module.weight, scheme_of(name, scheme))
        _round(head.weight, eight_bits(scheme))
        if embedding.weight is not head.weight:
            _round(embedding.weight, eight_bits(scheme))
    return model


def _round(weight: torch.Tensor, scheme: Scheme) -> None:
    """Torch keeps [outputs, inputs]; an embedding's rows are looked up as the head's are multiplied with."""
    weight.copy_(torch.from_numpy(rounded(weight.float().numpy().T, scheme).T))
