"""The negative log-likelihood of labelled tokens, the one measure that training and evaluation share."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch.nn import functional
from transformers import DynamicCache

from appliance.base_model.chat import TokenRow

# a summed loss in nats, a scalar with gradient, and the number of labelled tokens that it is summed over
Loss = Callable[[Any, Sequence[TokenRow]], tuple[torch.Tensor, int]]
WORTH_SHARING = 4  # tokens; below it a second pass through the layers costs more than it saves


def labelled_nll(model: Any, rows: Sequence[TokenRow]) -> tuple[torch.Tensor, int]:
    """Return the summed negative log-likelihood (nats, a scalar with gradient) and the number of labelled tokens.

    Two savings that change no result beyond rounding. The output head is applied at labelled positions only: it is
    the largest matrix of a small model. And the beginning that all rows share, the instruction in the chat template,
    is read once for all of them, with its gradient: of a work order's prompt it is a third.
    Rows are padded on the right and no mask is given: attention is causal, so what follows a token cannot change it,
    and padding is never labelled.
    """
    states, where, labels = _labelled_states(model, rows)
    return _nll(model, states, where, labels), len(labels)


def token_losses(model: Any, rows: Sequence[TokenRow]) -> list[torch.Tensor]:
    """Return the negative log-likelihood of each labelled token, one tensor [tokens] a row, nats, without gradient."""
    with torch.no_grad():
        losses = functional.cross_entropy(*labelled_logits(model, rows), reduction="none")
    return list(torch.split(losses.cpu(), [len(row.tokens) - row.labels_from for row in rows]))


def labelled_logits(model: Any, rows: Sequence[TokenRow]) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the logits [labels, vocabulary] that tell the labels, row by row, with gradient, and the labels."""
    return _scored(model, *_labelled_states(model, rows))


def _labelled_states(model: Any, rows: Sequence[TokenRow]) -> tuple[torch.Tensor, list[int], list[int]]:
    """Return the states of the last layer, the places in them from which labels are told, and the labels."""
    device = model.get_input_embeddings().weight.device
    decoder = decoder_of(model)
    shared = 0 if is_recomputing(decoder) else shared_beginning(rows)
    longest = max(len(row.tokens) for row in rows) - shared
    inputs = torch.zeros(len(rows), longest, dtype=torch.long)
    where: list[int] = []
    labels: list[int] = []
    for index, row in enumerate(rows):
        inputs[index, : len(row.tokens) - shared] = torch.tensor(row.tokens[shared:])
        where.extend(index * longest + place - shared - 1 for place in range(row.labels_from, len(row.tokens)))
        labels.extend(row.tokens[row.labels_from :])
    return _states(decoder, rows[0].tokens[:shared], inputs.to(device)), where, labels


def packed_nll(model: Any, rows: Sequence[TokenRow]) -> tuple[torch.Tensor, int]:
    """Return what `labelled_nll` returns, from one long sequence without padding that holds the rows one after another.

    No row sees another: transformers keeps rows apart where the positions start anew, and does so only if it is given
    no attention mask and no cache (with either the second row silently attends to the first).
    """
    device = model.get_input_embeddings().weight.device
    tokens: list[int] = []
    places: list[int] = []
    where: list[int] = []
    labels: list[int] = []
    for row in rows:
        where.extend(range(len(tokens) + row.labels_from - 1, len(tokens) + len(row.tokens) - 1))
        labels.extend(row.tokens[row.labels_from :])
        tokens.extend(row.tokens)
        places.extend(range(len(row.tokens)))
    inputs, position_ids = (torch.tensor([each], device=device) for each in (tokens, places))
    states = decoder_of(model)(input_ids=inputs, position_ids=position_ids, use_cache=False).last_hidden_state
    return _nll(model, states, where, labels), len(labels)


def shared_beginning(rows: Sequence[TokenRow]) -> int:
    """Return how many tokens all rows begin with, leaving to each row the last token before its first label."""
    first, last = min(row.tokens for row in rows), max(row.tokens for row in rows)
    limit = min(row.labels_from for row in rows) - 1
    same = next((place for place in range(limit) if first[place] != last[place]), limit)
    return same if len(rows) > 1 and same >= WORTH_SHARING else 0


def _nll(model: Any, states: torch.Tensor, where: Sequence[int], labels: Sequence[int]) -> torch.Tensor:
    """Return the summed loss of the labels at the places `where` of the flattened states."""
    return functional.cross_entropy(*_scored(model, states, where, labels), reduction="sum")


def _scored(
    model: Any, states: torch.Tensor, where: Sequence[int], labels: Sequence[int]
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return logits [labels, vocabulary] at the places `where` of the flattened states, and the labels."""
    chosen = states.reshape(-1, states.shape[-1]).index_select(0, torch.tensor(where, device=states.device))
    return model.get_output_embeddings()(chosen).float(), torch.tensor(labels, device=states.device)


def is_recomputing(model: Any) -> bool:
    """Say whether layers are computed anew in the backward pass; transformers then gives no cache to share."""
    return model.training and any(getattr(module, "gradient_checkpointing", False) for module in model.modules())


def set_recomputing(model: Any, *, wanted: bool) -> None:
    """Switch gradient checkpointing of a base model on or off: less memory, about a third more time."""
    if wanted:
        model.activation_checkpointing_enable({"use_reentrant": False})  # the other kind needs inputs with a gradient
    else:
        model.activation_checkpointing_disable()


def _states(decoder: Any, beginning: Sequence[int], inputs: torch.Tensor) -> torch.Tensor:
    """Return the states [rows, tokens, width] of the inputs behind a beginning that they share."""
    if not beginning:
        return decoder(input_ids=inputs, use_cache=False).last_hidden_state  # type: ignore[no-any-return]
    cache = DynamicCache()
    decoder(input_ids=inputs.new_tensor([list(beginning)]), past_key_values=cache, use_cache=True)
    cache.batch_repeat_interleave(len(inputs))
    places = torch.arange(len(beginning), len(beginning) + inputs.shape[1], device=inputs.device)
    states = decoder(input_ids=inputs, past_key_values=cache, position_ids=places[None], use_cache=True)
    return states.last_hidden_state  # type: ignore[no-any-return]


def full_nll(model: Any, row: TokenRow) -> float:
    """Return the same sum for one row by the model's own forward pass, as a check of `labelled_nll`."""
    device = model.get_input_embeddings().weight.device
    inputs = torch.tensor([row.tokens], device=device)
    with torch.no_grad():
        logits = model(input_ids=inputs, use_cache=False).logits[0].float()
    before = logits[row.labels_from - 1 : -1]
    return float(functional.cross_entropy(before, inputs[0, row.labels_from :], reduction="sum"))


def decoder_of(model: Any) -> Any:
    """Return the part below the output head, through the wrapper of an adapter when there is one."""
    whole = model.get_base_model() if hasattr(model, "get_base_model") else model
    return whole.get_submodule(whole.base_model_prefix)
