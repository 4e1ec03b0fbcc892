"""How the training data are spread: languages, lengths, replacements, near-duplicates that are left, outliers. Pure.

An outlier is an example whose nearest other one is far less like it than is usual: below the first quartile by more
than one and a half times the distance between the quartiles (Tukey 1977). It may be a line of another kind, a mistake
of the source, or the one example of something rare.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy
from numpy.typing import NDArray

from appliance.training.describing import describe, quartiles
from appliance.training.duplicates import clusters
from appliance.training.examples import Example

NEAR = 0.7  # Jaccard similarity of shingles: the one at which the search for pairs misses two in ten thousand
BINS = 10
FENCE = 1.5  # interquartile ranges
BLOCK = 1024  # examples that are held against all others at once

Vectors = NDArray[numpy.float32]


def spread(examples: Sequence[Example], likeness: Sequence[float]) -> dict[str, Any]:
    """Return counts and distributions without any text; `likeness` is that of each example to its nearest other one."""
    sizes = Counter(clusters([each.prompt for each in examples], NEAR)).values()
    return {
        "examples": len(examples),
        **describe(examples),
        "prompt_lengths": histogram([len(each.prompt) for each in examples]),
        "near_duplicates": {
            "similarity": NEAR,
            "examples": sum(size for size in sizes if size > 1),
            "largest_group": max(sizes),
        },
        "nearest": {"likeness": quartiles(likeness), "fence": fence(likeness), "outliers": len(outliers(likeness))},
    }


def histogram(lengths: Sequence[int]) -> list[dict[str, int]]:
    """Return counts in at most ten ranges of equal width, their ends included."""
    low = min(lengths)
    width = (max(lengths) - low) // BINS + 1
    counts = Counter((length - low) // width for length in lengths)
    return [
        {"from": low + place * width, "to": low + (place + 1) * width - 1, "count": counts[place]}
        for place in range(max(counts) + 1)
    ]


def nearest_likeness(vectors: Vectors) -> list[float]:
    """Return for each unit vector [examples, width] its largest inner product with another one; 0 of a single one."""
    if len(vectors) < 2:
        return [0.0] * len(vectors)
    found: list[float] = []
    for start in range(0, len(vectors), BLOCK):
        products = vectors[start : start + BLOCK] @ vectors.T
        own = numpy.arange(len(products))
        products[own, start + own] = -numpy.inf
        found.extend(round(float(value), 4) for value in products.max(axis=1))
    return found


def fence(likeness: Sequence[float]) -> float:
    """Return the likeness below which an example is an outlier."""
    first, third = (float(value) for value in numpy.quantile(likeness, [0.25, 0.75]))
    return round(first - FENCE * (third - first), 4)


def outliers(likeness: Sequence[float]) -> list[int]:
    """Return the places of the outliers, the farthest first."""
    below = fence(likeness)
    return sorted((at for at, value in enumerate(likeness) if value < below), key=lambda at: likeness[at])
