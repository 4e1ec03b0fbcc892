"""Which single setting would make a training fit into memory; pure arithmetic on what a rehearsal measured."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from appliance.base_model.chat import TokenRow
from appliance.training.plan import TrainPlan

BYTES_A_WEIGHT = 16  # of an adapter: weight, gradient and Adam's two averages, in float32
FEWEST_TOKENS = 16  # of a row; the least that [prepare] takes


@dataclass(frozen=True, slots=True)
class Remedy:
    """A setting, a value with which the run fits, and the memory that it then needs."""

    setting: str
    value: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Consumption:
    """What a rehearsal measured on the device."""

    fixed: float  # bytes held beside a pass
    slope: float  # bytes a token of a pass
    recomputed: float  # bytes a token with gradient checkpointing
    weights: int  # of the adapter


def needed_bytes(fixed: float, slope: float, tokens: int) -> int:
    """Return the peak of a pass over `tokens`, with `fixed` bytes held without it and `slope` bytes a token."""
    return int(fixed + slope * tokens)


def remedies(plan: TrainPlan, longest: Sequence[TokenRow], consumption: Consumption, limit: int) -> tuple[Remedy, ...]:
    """Return what fits, the mildest first: no change of what is learnt, then shorter rows, then a lower rank.

    `longest` are the rows of the longest step of a plan that does not fit; `limit` is in bytes.
    """
    fixed, slope = consumption.fixed, consumption.slope
    rows = min(plan.settings.micro_batch or plan.settings.batch_size, len(longest))
    tokens = max(len(row.tokens) for row in longest)
    found: list[Remedy] = []
    fewer = int((limit - fixed) // (slope * tokens))
    if 1 <= fewer < rows:
        found.append(Remedy("micro_batch", str(fewer), needed_bytes(fixed, slope, fewer * tokens)))
    recomputed = needed_bytes(fixed, consumption.recomputed, rows * tokens)
    if not plan.execution.gradient_checkpointing and recomputed <= limit:
        found.append(Remedy("gradient_checkpointing", "true", recomputed))
    shorter = int((limit - fixed) // (slope * rows))
    if FEWEST_TOKENS <= shorter < tokens:
        found.append(Remedy("max_tokens", str(shorter), needed_bytes(fixed, slope, shorter * rows)))
    whole = needed_bytes(fixed, slope, rows * tokens)
    a_rank = BYTES_A_WEIGHT * consumption.weights / plan.settings.rank
    lower = plan.settings.rank - math.ceil((whole - limit) / a_rank)
    if 1 <= lower < plan.settings.rank:
        found.append(Remedy("rank", str(lower), int(whole - (plan.settings.rank - lower) * a_rank)))
    return tuple(found)
