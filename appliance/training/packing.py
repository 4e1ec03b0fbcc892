"""Which rows are laid one after another into one sequence, so that no pass is spent on padding.

Which examples stand in a step does not change: the step's batch follows from (seed, epoch) alone, and how it is packed
follows from the batch alone. A packed run thus learns from the same steps as an unpacked one, and resumes as exactly.

Covers: rows of very different lengths where padding is dear: small GPUs, batches that cannot be sorted by length.
Does not cover: a CPU. There batches of similar length hardly pad, the mask over one long sequence costs what is saved,
and short rows with a beginning in common lose what `labelled_nll` saves: docs/experiments.md. It is off by default.
"""

from collections.abc import Sequence

from appliance.training.batches import epoch_batches


def first_fit(lengths: Sequence[int], capacity: int) -> list[list[int]]:
    """Return the indices of each sequence: the longest rows first, each into the first sequence with room for it.

    First-fit decreasing needs at most 11/9 of the fewest sequences possible, plus one (Johnson 1973). A row that is
    longer than the capacity stands alone.
    """
    packs: list[list[int]] = []
    room: list[int] = []
    for index in sorted(range(len(lengths)), key=lambda each: (-lengths[each], each)):
        place = next((number for number, left in enumerate(room) if left >= lengths[index]), len(packs))
        if place == len(packs):
            packs.append([])
            room.append(capacity)
        packs[place].append(index)
        room[place] -= lengths[index]
    return packs


def packed_batches(
    lengths: Sequence[int], batch_size: int, capacity: int, seed: int, epoch: int
) -> list[list[list[int]]]:
    """Return the sequences of each step of an epoch as indices; a function of its arguments alone."""
    return [
        [[batch[place] for place in pack] for pack in first_fit([lengths[index] for index in batch], capacity)]
        for batch in epoch_batches(lengths, batch_size, seed, epoch)
    ]
