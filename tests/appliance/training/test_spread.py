import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as some

from appliance.training.examples import Example
from appliance.training.spread import BLOCK, fence, histogram, nearest_likeness, outliers, spread


@given(some.lists(some.integers(0, 400), min_size=1, max_size=50))
def test_a_histogram_counts_every_length_once_in_at_most_ten_ranges(lengths):
    bins = histogram(lengths)
    assert sum(each["count"] for each in bins) == len(lengths)
    assert len(bins) <= 10
    for each in bins:
        assert each["count"] == sum(each["from"] <= length <= each["to"] for length in lengths)


def test_the_nearest_is_never_the_example_itself_also_beyond_one_block():
    chance = numpy.random.default_rng(1)
    vectors = chance.normal(size=(BLOCK + 40, 16)).astype(numpy.float32)
    vectors /= numpy.linalg.norm(vectors, axis=1, keepdims=True)
    vectors[BLOCK + 3] = vectors[5]
    found = nearest_likeness(vectors)
    assert (found[5], found[BLOCK + 3]) == (pytest.approx(1, abs=1e-4), pytest.approx(1, abs=1e-4))
    assert max(found[:5]) < 0.99
    assert nearest_likeness(vectors[:1]) == [0.0]


def test_an_outlier_is_far_below_the_quartiles():
    likeness = [0.8, 0.82, 0.79, 0.81, 0.1, 0.8, 0.3]
    assert fence(likeness) == pytest.approx(0.545 - 1.5 * (0.805 - 0.545), abs=1e-3)
    assert outliers([0.8] * 8 + [0.1, 0.3]) == [8, 9]
    assert outliers([0.5, 0.5]) == []


def test_languages_replacements_and_near_duplicates_are_counted():
    examples = [
        Example("1", "replace the hydraulic hose of pump 7 <PERSON_K7QWX3M2ABCD>", "replace hose"),
        Example("2", "replace the hydraulic hose of pump 12 <PERSON_K7QWX3M2ABCD>", "replace hose"),
        Example("3", "①号機の軸受けに異音、交換した", "軸受け交換"),
    ]
    found = spread(examples, [0.9, 0.9, 0.2])
    assert found["languages"] == {"en": 2, "ja": 1}
    assert found["placeholders"] == {"PERSON": 2}
    assert found["near_duplicates"] == {"similarity": 0.7, "examples": 2, "largest_group": 2}
    assert (found["examples"], found["nearest"]["outliers"]) == (3, 0)
