"""The gradient of one step, taken in parts that fit into memory.

The loss is the mean over all labelled tokens of the step, whatever the parts: a mean of the parts' means would weigh
short answers more (the error of several trainers: transformers #34191).
"""

from collections.abc import Sequence
from typing import Any

import torch

from appliance.base_model.chat import TokenRow
from appliance.base_model.likelihood import Loss, labelled_nll, packed_nll
from appliance.training.packing import first_fit


def accumulate(  # noqa: PLR0913 - three by keyword, with defaults
    model: Any,
    rows: Sequence[TokenRow],
    optimizer: torch.optim.Optimizer,
    micro_batch: int,
    *,
    packing: bool = False,
    labelled: int = 0,
    loss: Loss | None = None,
) -> tuple[float, int]:
    """Leave the gradient of the mean loss in the parameters; return the loss and the rows a part that fitted.

    Where memory runs out the parts are halved and the step is done anew: the same effective batch, more passes.
    With `packing` a part is one sequence without padding, as long as `micro_batch` of the longest rows. `labelled` is
    the number of tokens that the mean is taken over, where other processes hold further rows of the step; 0 counts
    those of `rows`. `loss` is what is learnt from; None is the likelihood of the labels.

    Raises:
        MemoryError: a single row does not fit.
    """
    labelled = labelled or labelled_tokens(rows)
    while True:
        optimizer.zero_grad(set_to_none=True)
        try:
            passes = parts(rows, micro_batch, packing=packing)
            return _backward(model, passes, labelled, loss or (packed_nll if packing else labelled_nll)), micro_batch
        except (torch.OutOfMemoryError, RuntimeError) as error:
            if not _is_out_of_memory(error):
                raise
            if micro_batch == 1:
                raise MemoryError from error
        micro_batch = max(1, micro_batch // 2)
        if torch.cuda.is_available():
            torch.cuda.empty_cache()


def parts(rows: Sequence[TokenRow], micro_batch: int, *, packing: bool) -> list[list[TokenRow]]:
    """Return the rows of each pass of a step."""
    if packing and rows:
        lengths = [len(row.tokens) for row in rows]
        return [[rows[index] for index in part] for part in first_fit(lengths, micro_batch * max(lengths))]
    return [list(rows[start : start + micro_batch]) for start in range(0, len(rows), micro_batch)]


def labelled_tokens(rows: Sequence[TokenRow]) -> int:
    """Return the number of tokens that the rows teach."""
    return sum(len(row.tokens) - row.labels_from for row in rows)


def _backward(model: Any, passes: Sequence[Sequence[TokenRow]], labelled: int, loss: Loss) -> float:
    total = 0.0
    for part in passes:
        nats, _ = loss(model, part)
        mean = nats / labelled
        mean.backward()  # type: ignore[no-untyped-call]
        total += mean.item()
    return total


def _is_out_of_memory(error: Exception) -> bool:
    """On a CPU torch raises a plain RuntimeError."""
    said = str(error).lower()
    return isinstance(error, torch.OutOfMemoryError) or "can't allocate memory" in said or "not enough memory" in said
