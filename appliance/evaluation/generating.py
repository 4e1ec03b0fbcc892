"""Answers and likelihoods of a model in PyTorch: greedy, in batches, the same for the same weights and batches."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from appliance.base_model.chat import TokenRow, prompt_tokens
from appliance.base_model.likelihood import labelled_nll


@dataclass(frozen=True, slots=True)
class Generation:
    """How answers are made."""

    instruction: str
    max_new_tokens: int
    batch_size: int


def generate(
    model: Any,
    tokenizer: Any,
    prompts: Sequence[str],
    how: Generation,
    progress: Callable[[int, int], None],
) -> list[str]:
    """Return the most likely answer, token by token, to every prompt, in the order of the prompts.

    Prompts of similar length share a batch and are padded on the left with an attention mask. An answer ends before
    the end token or after `max_new_tokens`. `progress` gets the number of prompts done and of all.
    """
    rows = [prompt_tokens(tokenizer, how.instruction, prompt) for prompt in prompts]
    order = sorted(range(len(rows)), key=lambda index: len(rows[index]))
    answers = [""] * len(rows)
    model.eval()
    for start in range(0, len(order), how.batch_size):
        places = order[start : start + how.batch_size]
        said = continue_greedily(model, tokenizer.eos_token_id, [rows[at] for at in places], how.max_new_tokens)
        for place, tokens in zip(places, said, strict=True):
            answers[place] = tokenizer.decode(tokens, skip_special_tokens=True).strip()
        progress(start + len(places), len(order))
    return answers


def completion_nll(model: Any, rows: Sequence[TokenRow], batch_size: int) -> tuple[float, int]:
    """Return nats a labelled token, and the number of those tokens."""
    nats, tokens = 0.0, 0
    order = sorted(rows, key=lambda row: len(row.tokens))
    model.eval()
    with torch.no_grad():
        for start in range(0, len(order), batch_size):
            part, count = labelled_nll(model, order[start : start + batch_size])
            nats, tokens = nats + float(part), tokens + count
    return nats / max(tokens, 1), tokens


def continue_greedily(model: Any, end: int, prompts: Sequence[Sequence[int]], limit: int) -> list[list[int]]:
    """Return the new tokens of each row, without the end token; rows that have ended are fed end tokens."""
    device = model.get_input_embeddings().weight.device
    longest = max(map(len, prompts))
    inputs = torch.tensor([[end] * (longest - len(row)) + list(row) for row in prompts], device=device)
    mask = torch.tensor([[0] * (longest - len(row)) + [1] * len(row) for row in prompts], device=device)
    places = (mask.cumsum(dim=1) - 1).clamp(min=0)
    open_rows = torch.ones(len(prompts), dtype=torch.bool, device=device)
    said: list[list[int]] = [[] for _ in prompts]
    cache = None
    with torch.no_grad():
        for _ in range(limit):
            step = model(
                input_ids=inputs,
                attention_mask=mask,
                position_ids=places,
                past_key_values=cache,
                use_cache=True,
                logits_to_keep=1,
            )
            cache = step.past_key_values
            chosen = step.logits[:, -1].argmax(dim=-1).where(open_rows, end)
            open_rows &= chosen != end
            if not bool(open_rows.any()):
                break
            for row, token in zip(said, chosen.tolist(), strict=True):
                row.append(token)
            inputs = chosen[:, None]
            mask = torch.cat([mask, mask.new_ones(len(prompts), 1)], dim=1)
            places = places[:, -1:] + 1
    return [row[: row.index(end)] if end in row else row for row in said]
