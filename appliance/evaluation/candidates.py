"""The likelihood of very many answers to one prompt, in a single pass through the model.

Answers share their beginnings. Each different beginning is one place of one long sequence, and an attention mask lets
it see the prompt and its own beginning only (tree attention): 10,000 four-digit codes are 1,111 places.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy
import torch
from numpy.typing import NDArray
from torch.nn import functional

from appliance.base_model.likelihood import decoder_of

HEAD_ROWS = 256  # beginnings that go through the output head at once: its vocabulary is wide


@dataclass(frozen=True, slots=True)
class Tree:
    """Answers as a tree of tokens; place 0 is the end of the prompt."""

    tokens: tuple[int, ...]  # of the places 1 and on: each a different beginning of an answer
    parents: tuple[int, ...]  # of the same places
    steps: NDArray[numpy.int64]  # [edges, 3]: answer, place from which its token is told, token


def grow(answers: Iterable[Sequence[int]]) -> Tree:
    """Return the tree of answers, each a sequence of at least one token."""
    places: dict[tuple[int, ...], int] = {(): 0}
    tokens: list[int] = []
    parents: list[int] = []
    steps: list[tuple[int, int, int]] = []
    for number, answer in enumerate(answers):
        beginning: tuple[int, ...] = ()
        for at, token in enumerate(answer):
            place = places[beginning]
            steps.append((number, place, token))
            beginning = (*beginning, token)
            if at + 1 < len(answer) and beginning not in places:
                places[beginning] = len(places)
                tokens.append(token)
                parents.append(place)
    return Tree(tuple(tokens), tuple(parents), numpy.array(steps, dtype=numpy.int64))


def log_probabilities(model: Any, prompt: Sequence[int], tree: Tree) -> NDArray[numpy.float64]:
    """Return the log-likelihood (nats) of every answer of a tree after the tokens of a prompt."""
    device = model.get_input_embeddings().weight.device
    inputs = torch.tensor([[*prompt, *tree.tokens]], device=device)
    mask, positions = _mask(len(prompt), tree)
    with torch.no_grad():
        states = decoder_of(model)(
            input_ids=inputs,
            attention_mask=mask[None, None].to(device, next(model.parameters()).dtype),
            position_ids=positions[None].to(device),
            use_cache=False,
        ).last_hidden_state[0, len(prompt) - 1 :]
        told = _told(model.get_output_embeddings(), states, tree.steps)
    summed = numpy.zeros(int(tree.steps[-1, 0]) + 1)
    numpy.add.at(summed, tree.steps[:, 0], told)
    return summed


def _told(head: Any, states: torch.Tensor, steps: NDArray[numpy.int64]) -> NDArray[numpy.float64]:
    """Return the log-likelihood of every edge of the tree."""
    told = numpy.zeros(len(steps))
    for start in range(0, len(states), HEAD_ROWS):
        likely = functional.log_softmax(head(states[start : start + HEAD_ROWS]).float(), dim=-1)
        here = (steps[:, 1] >= start) & (steps[:, 1] < start + HEAD_ROWS)
        rows, tokens = (torch.from_numpy(steps[here, column]).to(likely.device) for column in (1, 2))
        told[here] = likely[rows - start, tokens].double().cpu().numpy()
    return told


def _mask(prompt: int, tree: Tree) -> tuple[torch.Tensor, torch.Tensor]:
    """Return what is added to the attention scores [places, places], 0 or the lowest float, and the positions."""
    places = len(tree.tokens)
    seen = torch.zeros(prompt + places, prompt + places, dtype=torch.bool)
    seen[:prompt, :prompt] = torch.ones(prompt, prompt, dtype=torch.bool).tril()
    seen[prompt:, :prompt] = True
    depths = [0] * (places + 1)
    for place, parent in enumerate(tree.parents, start=1):
        at = prompt + place - 1
        depths[place] = depths[parent] + 1
        if parent:
            seen[at] |= seen[prompt + parent - 1]
        seen[at, at] = True
    positions = torch.tensor([*range(prompt), *(prompt + depth - 1 for depth in depths[1:])])
    return torch.zeros(seen.shape).masked_fill(~seen, torch.finfo(torch.float32).min), positions
