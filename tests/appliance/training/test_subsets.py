from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as some

from appliance.training.subsets import nested_subsets

IDS = some.lists(some.text("aあ1", min_size=1, max_size=4), min_size=1, max_size=60, unique=True)


@given(IDS, some.lists(some.floats(0.01, 0.99), min_size=1, max_size=5, unique=True), some.integers(0, 9))
def test_smaller_subsets_lie_inside_of_larger_ones_in_the_order_of_the_whole(ids, shares, seed):
    subsets = nested_subsets(ids, shares, seed)
    assert [len(each) for each in subsets] == [max(1, round(share * len(ids))) for share in sorted(shares)]
    for smaller, larger in pairwise(subsets):
        assert set(smaller) <= set(larger)
    for each in subsets:
        assert list(each) == [name for name in ids if name in each]


def test_another_seed_draws_others_and_the_same_seed_the_same():
    ids = [f"行{number}" for number in range(40)]
    assert nested_subsets(ids, [0.5], 7) == nested_subsets(ids, [0.25, 0.5], 7)[1:]
    assert nested_subsets(ids, [0.5], 7) != nested_subsets(ids, [0.5], 8)
