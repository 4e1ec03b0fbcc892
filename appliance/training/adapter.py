"""Low-rank adapters on every linear layer of a frozen base (LoRA, Hu et al. 2021; all layers as in QLoRA)."""

import json
import math
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import load_file

from appliance.core.errors import InputError
from appliance.core.sections import TrainSettings
from quantize.adapter import LowRank, Place
from quantize.blocks import Floats

_OLD_NAME = ".is_gradient_checkpointing. is deprecated"  # PEFT 0.21 still asks transformers by this name
_FACTOR = re.compile(r"\.layers\.(\d+)\.\w+\.(\w+)\.lora_([AB])\.weight$")
BASE_NAME = "base"  # stands where PEFT would write the local path of the base model


def add_adapter(model: Any, settings: TrainSettings, seed: int) -> Any:
    """Return the model with fresh float32 adapters, the same for the same seed; only they can be trained."""
    torch.manual_seed(seed)  # before the adapters are made: PEFT draws their first values
    config = LoraConfig(
        r=settings.rank,
        lora_alpha=settings.alpha,
        lora_dropout=settings.dropout,
        target_modules="all-linear",
        task_type="CAUSAL_LM",
        use_rslora=settings.method == "rslora",  # alpha / sqrt(rank): arXiv 2312.03732
        use_dora=settings.method == "dora",  # magnitude and direction apart: arXiv 2402.09353
        base_model_name_or_path=BASE_NAME,
    )
    for parameter in model.parameters():
        parameter.requires_grad_(requires_grad=False)
    model.name_or_path = BASE_NAME  # PEFT would take the local path from here
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=_OLD_NAME, category=FutureWarning)
        return get_peft_model(model, config)


def trainable(model: Any) -> dict[str, torch.nn.Parameter]:
    """Return the parameters of the adapters by name, in the order of the names."""
    return {name: value for name, value in sorted(model.named_parameters()) if value.requires_grad}


@contextmanager
def throw_away_adapter(model: Any, settings: TrainSettings, seed: int) -> Iterator[Any]:
    """Give the model a fresh adapter for a rehearsal and take it off again; the base is left as it was."""
    was_training = model.training
    adapted = add_adapter(model, settings, seed)
    try:
        yield adapted
    finally:
        adapted.unload()
        model.__dict__.pop("peft_config", None)  # else PEFT would warn that the model had been adapted before
        model.train(was_training)


def save_adapter(model: Any, folder: Path) -> None:
    """Write adapter_model.safetensors and adapter_config.json, the same bytes for the same adapter.

    No path of this machine is written, no model card, and the sets in the configuration are sorted.
    """
    model.save_pretrained(folder, safe_serialization=True, save_embedding_layers=False)
    (folder / "README.md").unlink(missing_ok=True)
    file = folder / "adapter_config.json"
    config = json.loads(file.read_text(encoding="utf-8"))
    config["base_model_name_or_path"] = BASE_NAME
    config["target_modules"] = sorted(config["target_modules"])
    file.write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def load_adapter(base: Any, folder: Path) -> Any:
    """Return the base with the adapter of a folder on it, frozen and in eval mode; the base is changed in place.

    Raises:
        InputError: the folder holds no adapter; PEFT would take its path for a name on a hub, and ask there.
    """
    if not (folder / "adapter_config.json").is_file():
        raise InputError(f"{folder.name}: holds no adapter_config.json", hint="run the train step again")
    base.name_or_path = BASE_NAME
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=_OLD_NAME, category=FutureWarning)
        return PeftModel.from_pretrained(base, str(folder), is_trainable=False, local_files_only=True).eval()


def low_rank_updates(folder: Path) -> dict[Place, LowRank]:
    """Return what the adapter of a folder adds to each linear layer, by the layer's number and name.

    Raises:
        InputError: a tensor is none of LoRA's, or belongs to no numbered layer.
    """
    config = json.loads((folder / "adapter_config.json").read_text(encoding="utf-8"))
    rank = config["r"]
    scaling = config["lora_alpha"] / (math.sqrt(rank) if config["use_rslora"] else rank)
    down: dict[Place, Floats] = {}
    up: dict[Place, Floats] = {}
    for name, tensor in load_file(folder / "adapter_model.safetensors").items():
        found = _FACTOR.search(name)
        if found is None:
            raise InputError(f"{name}: no part of a low-rank adapter", hint='set method = "lora" in [train]')
        factor = numpy.ascontiguousarray(tensor.float().numpy().T)  # torch keeps [outputs, inputs]
        (down if found[3] == "A" else up)[int(found[1]), found[2]] = factor
    return {place: LowRank(factor, up[place] * numpy.float32(scaling)) for place, factor in down.items()}


def merged(base: Any, folder: Path) -> Any:
    """Return a plain float model with the adapter of a folder merged into `base`.

    `base` must hold the rounded weights that the adapter was trained against: merged into others it loses
    exact matches, and weights rounded again to the grid that they came from lose the whole adaptation.
    """
    return load_adapter(base, folder).merge_and_unload(safe_merge=True)
