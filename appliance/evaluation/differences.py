"""Where an adapted model answers otherwise than its base, and how far apart the two answers are. Pure.

The distance is Levenshtein's (1966) in characters, divided by the length of the longer answer: 0 is the same, 1 nothing
in common. Characters, because they mean the same in Japanese, which has no spaces between words.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rapidfuzz.distance import Levenshtein

from appliance.training.describing import quartiles
from appliance.training.examples import Example


@dataclass(frozen=True, slots=True)
class Difference:
    """One held-out example that the two models answer differently."""

    id: str
    input: str
    expected: str
    base: str
    adapted: str
    distance: float  # of the two answers, 0 to 1


def distance(one: str, other: str) -> float:
    """Return how far apart two texts are, 0 to 1, white space aside."""
    return float(Levenshtein.normalized_distance(_folded(one), _folded(other)))


def differences(examples: Sequence[Example], answers: Sequence[Mapping[str, str]]) -> list[Difference]:
    """Return the examples that are answered differently, those that differ most first, else in their own order.

    Args:
        examples: the held-out ones.
        answers: of each, in the same order, what `base` and `adapted` said.
    """
    found = [
        Difference(each.id, each.prompt, each.completion, said["base"], said["adapted"], apart)
        for each, said in zip(examples, answers, strict=True)
        if (apart := distance(said["base"], said["adapted"])) > 0
    ]
    return sorted(found, key=lambda each: -each.distance)


def count_changes(base: Sequence[float], adapted: Sequence[float]) -> dict[str, int]:
    """Return how many answers the adaptation made better and worse, by what each adds to the primary score, 0 to 1."""
    pairs = list(zip(base, adapted, strict=True))
    return {
        "held_out": len(pairs),
        "gained": sum(before < after for before, after in pairs),
        "lost": sum(before > after for before, after in pairs),
        "right_before_and_after": pairs.count((1, 1)),
        "wrong_before_and_after": sum(before == after < 1 for before, after in pairs),
    }


def describe_differences(
    found: Sequence[Difference], base: Sequence[float], adapted: Sequence[float]
) -> dict[str, Any]:
    """Return the counts, and the smallest, the quartiles and the largest of the distances of all that differ."""
    distances = quartiles([each.distance for each in found])
    return {**count_changes(base, adapted), "differing": len(found), "distances": distances}


def _folded(text: str) -> str:
    return " ".join(text.split())
