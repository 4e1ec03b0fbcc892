"""Two independent shares and their difference, each with a 95 % interval. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from appliance.evaluation.scores import Score, wilson


@dataclass(frozen=True, slots=True)
class Extraction:
    """The shares of answers that were continued word for word."""

    trained: Score
    held_out: Score
    excess: Score  # the first less the second


def compare(trained: Sequence[bool], held_out: Sequence[bool]) -> Extraction:
    """Return the shares of hits on both sides and their difference."""
    sides = wilson(sum(trained), len(trained)), wilson(sum(held_out), len(held_out))
    return Extraction(*sides, share_difference(*sides))


def share_difference(one: Score, other: Score) -> Score:
    """Return the difference of two independent shares with Newcombe's interval (1998, method 10, from Wilson's)."""
    value = one.value - other.value
    down = math.hypot(one.value - one.low, other.high - other.value)
    up = math.hypot(one.high - one.value, other.value - other.low)
    return Score(value, max(-1.0, value - down), min(1.0, value + up), min(one.samples, other.samples))
