"""Blind comparison: pairs of answers, drawn at random among those that differ, in an order that nobody sees. Pure.

What people chose on them stands in `appliance/reviewing/choices.py`.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pair:
    """Two answers to one prompt; which is whose stands in the key, apart from it."""

    pair: str
    prompt: str
    A: str
    B: str


def draw_pairs(
    answers: Sequence[Mapping[str, str]], prompts: Mapping[str, str], against: str, count: int, seed: int
) -> tuple[list[Pair], dict[str, str]]:
    """Return pairs in random order, and for each its key: which letter is the adapted model."""
    chance = random.Random(f"blind:{seed}")  # noqa: S311 - an order that a person does not see, and no secret
    differing = [each for each in answers if each["adapted"].split() != each[against].split()]
    pairs, key = [], {}
    for number, each in enumerate(chance.sample(differing, min(count, len(differing)))):
        name, ours = f"p{number}", chance.choice("AB")
        said = {ours: each["adapted"], "AB".replace(ours, ""): each[against]}
        pairs.append(Pair(name, prompts[each["id"]], said["A"], said["B"]))
        key[name] = ours
    return pairs, key
