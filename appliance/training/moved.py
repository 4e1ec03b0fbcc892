"""How far an adapter moved each matrix and each layer, from their norms alone. Pure: an auditor repeats it."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Any


@dataclass(frozen=True, slots=True)
class Moved:
    """One linear layer: how large its weights are, and what the adapter adds to them."""

    layer: int
    name: str  # "q_proj"
    update: float  # Frobenius norm
    base: float  # the same, of the weights that the adapter was trained against

    @property
    def ratio(self) -> float:
        """The update over the base."""
        return self.update / self.base


def movement_facts(moved: Sequence[Moved]) -> dict[str, Any]:
    """Return the ratio of each matrix, in the order of their layers, of each layer, and of all together."""
    ordered = sorted(moved, key=lambda each: (each.layer, each.name))
    layers = ((layer, together(list(group))) for layer, group in groupby(ordered, key=lambda each: each.layer))
    return {
        "modules": [{**asdict(each), "ratio": each.ratio} for each in ordered],
        "layers": [{"layer": layer, "ratio": ratio} for layer, ratio in layers],
        "whole": together(ordered),
    }


def together(moved: Sequence[Moved]) -> float:
    """Return the norm of all updates over that of all their weights."""
    return math.hypot(*(each.update for each in moved)) / math.hypot(*(each.base for each in moved))
