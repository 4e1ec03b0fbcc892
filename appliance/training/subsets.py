"""Random subsets of the training examples, each inside of the next larger one. Pure."""

import random
from collections.abc import Sequence


def nested_subsets(ids: Sequence[str], shares: Sequence[float], seed: int) -> list[tuple[str, ...]]:
    """Return for each share of 0 to 1, in the order of their size, so many ids, in the order in which they are given.

    A smaller subset lies inside of a larger one: what differs between two trainings is what was added. Which ids are
    taken follows from the seed and from the ids, and not from the shares.
    """
    order = list(range(len(ids)))
    random.Random(f"samples:{seed}").shuffle(order)  # noqa: S311 - a sample, no secret
    counts = (max(1, round(share * len(ids))) for share in sorted(shares))
    return [tuple(ids[place] for place in sorted(order[:count])) for count in counts]
