"""A student: a model with some of the layers of another one, and with all the rest of it.

It starts from what its teacher can do instead of from nothing, as DistilBERT does (Sanh et al. 2019, arXiv 1910.01108;
for decoders Muralidharan et al. 2024, arXiv 2407.14679). Those layers stay that turn the state of a token most (block
influence: Men et al. 2024, arXiv 2403.03853). At even steps, as DistilBERT takes them, 20 of SmolLM2's 30 layers have
lost the task, 8.2 nats a token, where these begin at 2.2: docs/experiments.md.
"""

import copy
import itertools
import re
from collections.abc import Sequence
from typing import Any

import torch
from transformers import AutoModelForCausalLM

from appliance.base_model.chat import TokenRow
from appliance.base_model.likelihood import decoder_of
from appliance.core.errors import InputError

_LAYER = re.compile(r"(\.layers\.)(\d+)(\.)")
PER_LAYER = ("layer_types", "sliding_windows", "no_rope_layers")  # lists of a configuration, one entry a layer


def influences(model: Any, rows: Sequence[TokenRow]) -> list[float]:
    """Return of each layer 1 - cos(state before, state after), the mean over all tokens of some rows.

    What transformers tells behind the last layer has gone through the final norm: that layer counts for more.
    """
    sums: list[float] = []
    with torch.no_grad():
        for row in rows:
            tokens = torch.tensor([row.tokens], device=model.get_input_embeddings().weight.device)
            states = decoder_of(model)(input_ids=tokens, use_cache=False, output_hidden_states=True).hidden_states
            turned = [
                float((1 - torch.cosine_similarity(before.float(), after.float(), dim=-1)).sum())
                for before, after in itertools.pairwise(states)
            ]
            sums = [total + more for total, more in zip(sums or [0.0] * len(turned), turned, strict=True)]
    count = sum(len(row.tokens) for row in rows)
    return [total / count for total in sums]


def kept_layers(influence: Sequence[float], wanted: int) -> tuple[int, ...]:
    """Return which layers a student keeps, by their numbers: those of the largest influence.

    Raises:
        InputError: there are no more than are wanted.
    """
    layers = len(influence)
    if not 1 <= wanted < layers:
        raise InputError(
            f"a student of {wanted} layers is not smaller than its teacher of {layers}",
            hint=f"set layers in [distil] to 1 to {layers - 1}",
        )
    return tuple(sorted(sorted(range(layers), key=lambda layer: -influence[layer])[:wanted]))


def cut(teacher: Any, kept: Sequence[int]) -> Any:
    """Return a new model with the layers `kept` of a plain float model, in eval mode; the teacher is left as it is.

    Raises:
        InputError: the architecture does not number its layers.
    """
    config = copy.deepcopy(teacher.config)
    config.num_hidden_layers = len(kept)
    for name in PER_LAYER:
        if isinstance(each := getattr(config, name, None), list):
            setattr(config, name, [each[place] for place in kept])
    weights = {}
    for name, value in teacher.state_dict().items():
        found = _LAYER.search(name)
        if found is None:
            weights[name] = value
        elif int(found[2]) in kept:
            weights[_LAYER.sub(rf"\g<1>{kept.index(int(found[2]))}\g<3>", name, count=1)] = value
    student = AutoModelForCausalLM.from_config(config, dtype=teacher.dtype)
    try:
        student.load_state_dict(weights, strict=True)
    except RuntimeError as error:
        raise InputError(
            "the layers of this base model cannot be taken apart", hint="leave [distil] out, or take another base model"
        ) from error
    return student.eval()
