"""Which layers an adapter moved most: the Frobenius norm of what it adds to a matrix, over that of the matrix.

What it adds is a product of two thin factors, B A; its norm follows from their Gram matrices of rank x rank,
||B A||^2 = tr(B'B A A'), without forming the product.
Covers: LoRA, rsLoRA; DoRA by the difference of the merged weights, which takes the linear layers twice in memory.
Does not cover: what a change of a weight does to an answer; a large change may matter little.
"""

import json
import math
import re
from pathlib import Path
from typing import Any

import numpy
import torch

from appliance.training.adapter import low_rank_updates, merged
from appliance.training.moved import Moved
from quantize.adapter import LowRank, Place

_PLACE = re.compile(r"\.layers\.(\d+)\.\w+\.(\w+)$")


def movement(base: Any, folder: Path) -> list[Moved]:
    """Return every linear layer that the adapter of a folder changes, by the number of its layer and its name.

    Args:
        base: the frozen weights that the adapter was trained against, as floats; DoRA's are changed in place.
        folder: of the adapter.

    Raises:
        InputError: the folder holds no low-rank adapter.
    """
    norms = {place: _norm(weight) for place, weight in _linear_weights(base).items()}
    config = json.loads((folder / "adapter_config.json").read_text(encoding="utf-8"))
    updates = _merged_norms(base, folder) if config["use_dora"] else _product_norms(folder)
    return [Moved(*place, update, norms[place]) for place, update in sorted(updates.items())]


def product_norm(update: LowRank) -> float:
    """Return the Frobenius norm of a product [inputs, rank] x [rank, outputs], from its factors alone."""
    down, up = update.down.astype(numpy.float64), update.up.astype(numpy.float64)
    return math.sqrt(max(0.0, float(((down.T @ down) * (up @ up.T)).sum())))


def _product_norms(folder: Path) -> dict[Place, float]:
    return {place: product_norm(update) for place, update in low_rank_updates(folder).items()}


def _merged_norms(base: Any, folder: Path) -> dict[Place, float]:
    before = {place: weight.clone() for place, weight in _linear_weights(base).items()}
    after = _linear_weights(merged(base, folder))
    return {place: _norm(after[place] - weight) for place, weight in before.items()}


def _linear_weights(model: Any) -> dict[Place, torch.Tensor]:
    linear = ((name, module) for name, module in model.named_modules() if isinstance(module, torch.nn.Linear))
    return {
        (int(found[1]), found[2]): module.weight.detach() for name, module in linear if (found := _PLACE.search(name))
    }


def _norm(weight: torch.Tensor) -> float:
    return float(torch.linalg.vector_norm(weight, dtype=torch.float64))
