"""Does the model go on from the first half of an answer to the rest of it, word for word, for what it was trained on?

The attack of Carlini et al. 2023 ("Quantifying memorization", arXiv 2202.07646), held against examples of the same
kind that were not trained on: where an answer follows from its prompt, a model that has learnt the task goes on
rightly without having seen the example, and only the difference is memory.
"""

from collections.abc import Sequence
from typing import Any

from appliance.base_model.chat import TokenRow
from appliance.evaluation.generating import continue_greedily

MIN_LABELS = 5  # tokens of an answer with its end token: two to start from, two to be guessed


def is_long_enough(row: TokenRow) -> bool:
    """Say whether the answer of a row can be cut into a beginning and a rest."""
    return len(row.tokens) - row.labels_from >= MIN_LABELS


def continuations(model: Any, end: int, rows: Sequence[TokenRow], batch_size: int) -> list[tuple[int, ...]]:
    """Return what the model says greedily after the prompt and the first half of the answer of each row."""
    said: list[tuple[int, ...]] = []
    model.eval()
    for start in range(0, len(rows), batch_size):
        batch = rows[start : start + batch_size]
        longest = max(len(rest(row)) for row in batch)
        found = continue_greedily(model, end, [row.tokens[: _cut(row)] for row in batch], longest)
        said.extend(tuple(tokens[: len(rest(row))]) for tokens, row in zip(found, batch, strict=True))
    return said


def rest(row: TokenRow) -> tuple[int, ...]:
    """Return the second half of the answer, without its end token."""
    return row.tokens[_cut(row) : -1]


def _cut(row: TokenRow) -> int:
    return row.labels_from + (len(row.tokens) - 1 - row.labels_from) // 2
