"""Checkpoints that survive a power cut: written to a draft, flushed, listed by digest, renamed once.

Covers: a process or machine that stops at any moment; a file that was cut short or changed afterwards.
Does not cover: someone who rewrites a checkpoint together with its manifest.
"""

import json
import shutil
from collections.abc import Container, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from appliance.core.hashing import file_digest, sync_folder, sync_tree

KEEP = 2  # the newest may turn out to be damaged: one more to fall back on
_TENSORS, _FACTS, _MANIFEST = "state.safetensors", "facts.json", "manifest.json"
_PREFIX = "step-"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The state after `step` steps: tensors by name, and plain facts."""

    step: int
    tensors: Mapping[str, torch.Tensor]
    facts: Mapping[str, Any]


def save_checkpoint(scratch: Path, checkpoint: Checkpoint) -> Path:
    """Write a checkpoint into `scratch`, a folder of one run, remove all but the last two, and return its folder."""
    final = scratch / f"{_PREFIX}{checkpoint.step:08d}"
    draft = scratch / f"draft-{checkpoint.step:08d}"
    for stale in (draft, final):
        shutil.rmtree(stale, ignore_errors=True)
    draft.mkdir(parents=True)
    save_file({name: value.detach().contiguous().cpu() for name, value in checkpoint.tensors.items()}, draft / _TENSORS)
    (draft / _FACTS).write_text(json.dumps(dict(checkpoint.facts)), encoding="utf-8")
    manifest = {
        "step": checkpoint.step,
        "sha256": {name: file_digest(draft / name) for name in (_TENSORS, _FACTS)},
    }
    (draft / _MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    sync_tree(draft)
    draft.rename(final)
    sync_folder(scratch)
    for old in _folders(scratch)[KEEP:]:
        shutil.rmtree(old, ignore_errors=True)
    return final


def newest_checkpoint(scratch: Path) -> Checkpoint | None:
    """Return the newest checkpoint whose files are what their manifest says; None when there is none."""
    for folder in _folders(scratch):
        try:
            manifest = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
            if any(file_digest(folder / name) != digest for name, digest in manifest["sha256"].items()):
                continue
            facts = json.loads((folder / _FACTS).read_text(encoding="utf-8"))
            return Checkpoint(int(manifest["step"]), load_file(folder / _TENSORS), facts)
        except (OSError, ValueError, KeyError, SafetensorError):
            continue  # a torn or foreign folder: the one before it is next
    return None


def keep_only(scratch: Path, good: Container[int]) -> None:
    """Remove the checkpoints of all steps but those that turned out to be good."""
    for folder in _folders(scratch):
        if int(folder.name.removeprefix(_PREFIX)) not in good:
            shutil.rmtree(folder, ignore_errors=True)


def _folders(scratch: Path) -> list[Path]:
    return sorted(scratch.glob(f"{_PREFIX}*"), reverse=True)
