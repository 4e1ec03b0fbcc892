from hypothesis import given
from hypothesis import strategies as some

from appliance.training.batches import epoch_batches, steps_per_epoch, total_steps


@given(some.lists(some.integers(1, 90), min_size=1, max_size=300), some.integers(1, 20), some.integers(0, 3))
def test_every_row_stands_in_exactly_one_batch_of_an_epoch(lengths, size, epoch):
    batches = epoch_batches(lengths, size, 7, epoch)
    assert sorted(index for batch in batches for index in batch) == list(range(len(lengths)))
    assert all(1 <= len(batch) <= size for batch in batches)
    assert len(batches) == steps_per_epoch(len(lengths), size)


def test_the_order_follows_from_seed_and_epoch():
    lengths = list(range(100))
    assert epoch_batches(lengths, 8, 1, 0) == epoch_batches(lengths, 8, 1, 0)
    assert epoch_batches(lengths, 8, 1, 0) != epoch_batches(lengths, 8, 1, 1)
    assert epoch_batches(lengths, 8, 1, 0) != epoch_batches(lengths, 8, 2, 0)


def test_rows_of_a_batch_are_of_similar_length():
    spread = [max(batch) - min(batch) for batch in epoch_batches(list(range(128)), 16, 7, 0)]
    assert max(spread) <= 16


def test_a_part_of_an_epoch_is_rounded_up_to_whole_steps():
    assert total_steps(33, 16, 2.0) == 6
    assert total_steps(160, 16, 0.25) == 3
    assert total_steps(1, 16, 0.01) == 1
