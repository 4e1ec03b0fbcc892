"""Which examples stand in which step: a function of the seed, the epoch and the step, and of nothing else.

A resumed run computes its place instead of replaying it.
"""

import math
import random
from collections.abc import Sequence

POOL_BATCHES = 8  # batches that are sorted by length together: padding falls, yet each epoch mixes anew


def steps_per_epoch(examples: int, batch_size: int) -> int:
    """Return the number of batches of one pass; the last one may be smaller."""
    return math.ceil(examples / batch_size)


def total_steps(examples: int, batch_size: int, epochs: float) -> int:
    """Return the number of steps of a run, at least one; a part of an epoch is rounded up to whole steps."""
    return max(1, math.ceil(epochs * steps_per_epoch(examples, batch_size) - 1e-9))


def epoch_batches(lengths: Sequence[int], batch_size: int, seed: int, epoch: int) -> list[list[int]]:
    """Return the batches of one epoch as indices; every index occurs once, batches hold rows of similar length."""
    chance = random.Random(f"order:{seed}:{epoch}")  # noqa: S311 - an order, no secret
    order = list(range(len(lengths)))
    chance.shuffle(order)
    batches: list[list[int]] = []
    for start in range(0, len(order), POOL_BATCHES * batch_size):
        pool = sorted(order[start : start + POOL_BATCHES * batch_size], key=lambda index: lengths[index])
        batches.extend(pool[at : at + batch_size] for at in range(0, len(pool), batch_size))
    chance.shuffle(batches)
    return batches
