"""The gradient of one step, taken in parts that fit into memory.

The loss is the mean over all labelled tokens of the step, whatever the parts: a mean of the parts' means would weigh
short answers more (the error of several trainers: transformers #34191).
"""

from collections.abc import Sequence
from typing import Any

import torch

from appliance.base_model.chat import TokenRow
from appliance.base_model.likelihood import labelled_nll


def accumulate(
    model: Any, rows: Sequence[TokenRow], optimizer: torch.optim.Optimizer, micro_batch: int
) -> tuple[float, int]:
    """Leave the gradient of the mean loss in the parameters; return the loss and the rows a part that fitted.

    Where memory runs out the parts are halved and the step is done anew: the same effective batch, more passes.

    Raises:
        MemoryError: a single row does not fit.
    """
    while True:
        optimizer.zero_grad(set_to_none=True)
        try:
            return _parts(model, rows, micro_batch), micro_batch
        except (torch.OutOfMemoryError, RuntimeError) as error:
            if not _is_out_of_memory(error):
                raise
            if micro_batch == 1:
                raise MemoryError from error
        micro_batch = max(1, micro_batch // 2)
        if torch.cuda.is_available():
            torch.cuda.empty_cache()


def _parts(model: Any, rows: Sequence[TokenRow], micro_batch: int) -> float:
    labelled = sum(len(row.tokens) - row.labels_from for row in rows)
    total = 0.0
    for start in range(0, len(rows), micro_batch):
        nats, _ = labelled_nll(model, rows[start : start + micro_batch])
        loss = nats / labelled
        loss.backward()  # type: ignore[no-untyped-call]
        total += loss.item()
    return total


def _is_out_of_memory(error: Exception) -> bool:
    """On a CPU torch raises a plain RuntimeError."""
    said = str(error).lower()
    return isinstance(error, torch.OutOfMemoryError) or "can't allocate memory" in said or "not enough memory" in said
