"""One prompt against what a run has learnt so far: `python -m appliance.children.trying WORKSPACE RUN`.

The prompt comes on standard input, where no other user sees it; one JSON line comes back:

    {"answer": "...", "step": 40, "seconds": 3.1}        step 0: the finished adapter
    {"error": "...", "hint": "..."}

Heavy: people's side starts it and never imports it. The newest whole checkpoint is read, so a training that goes on is
not touched; it is asked politely of the machine (nice 10). The prompt is raw text: it is neither stored nor logged.
"""

import json
import logging
import os
import sys
import time
import warnings
from pathlib import Path
from typing import Any

from appliance.core.errors import ApplianceError, InputError
from appliance.core.events import read_events
from appliance.core.run_state import RunState, fold
from appliance.core.runner import recipe_of
from appliance.core.settings import Settings, thaw
from appliance.core.store import scratch_of, sealed_folder
from appliance.core.workspace import Workspace
from appliance.pipeline import works_of

NICENESS = 10
LONGEST_PROMPT = 4_000  # characters
NOTHING = "nothing was learnt yet"


def main(arguments: list[str]) -> int:
    """Answer one prompt; return the exit status."""
    os.environ.update({"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"})
    os.nice(NICENESS)
    logging.disable()  # a library's warning may quote the prompt
    warnings.simplefilter("ignore")
    try:
        told = answer(Workspace(Path(arguments[0])), arguments[1], sys.stdin.read()[:LONGEST_PROMPT])
    except ApplianceError as error:
        told = {"error": error.message, "hint": error.hint}
    except Exception as error:  # noqa: BLE001 outermost frame of a process; the message may hold the prompt
        told = {"error": f"{type(error).__name__} while answering", "hint": ""}
    sys.stdout.write(json.dumps(told) + "\n")
    return 0


def answer(workspace: Workspace, run_id: str, prompt: str) -> dict[str, Any]:
    """Return the answer of the newest checkpoint, or of the finished adapter.

    Raises:
        InputError: the run has learnt nothing yet, or the prompt is empty.
        IntegrityError: a sealed result is not there any more.
    """
    from appliance.base_model.loading import load_tokenizer  # noqa: PLC0415 seconds
    from appliance.evaluation.generating import Generation, generate  # noqa: PLC0415
    from appliance.training.adapter import load_adapter  # noqa: PLC0415
    from appliance.training.frozen_base import load_frozen  # noqa: PLC0415

    run = workspace.run(run_id)
    settings, state = thaw(run.settings.read_text(encoding="utf-8")), fold(RunState(), read_events(run.events).events)
    digests = {step.name: step.digest for step in state.steps if step.digest}
    if not isinstance(settings, Settings) or not {"intake", "prepare"} <= digests.keys():
        raise InputError(NOTHING, hint="try again when the training has saved a checkpoint")
    if not prompt.strip():
        raise InputError("the prompt is empty", hint="type what the model should be given")
    base = sealed_folder(workspace.root / "store", "intake", digests["intake"]) / "model"
    started = time.monotonic()
    frozen = load_frozen(base, settings.train.grid)
    if "train" in digests:
        adapter = sealed_folder(workspace.root / "store", "train", digests["train"]) / "adapter"
        model, step = load_adapter(frozen, adapter), 0
    else:
        train = next(work for work in works_of(settings, workspace, run) if work.step.name == "train")
        model, step = _learnt(frozen, scratch_of(workspace.root / "store", recipe_of(train, digests)), settings)
    how = Generation(settings.prepare.instruction, settings.evaluate.max_new_tokens, 1)
    (said,) = generate(model, load_tokenizer(base), [prompt], how, lambda *_: None)
    return {"answer": said, "step": step, "seconds": round(time.monotonic() - started, 1)}


def _learnt(base: Any, scratch: Path, settings: Settings) -> tuple[Any, int]:
    """Return the adapted model of the newest checkpoint in the scratch folder of this very training, and its step."""
    from appliance.training.adapter import add_adapter, trainable  # noqa: PLC0415 seconds
    from appliance.training.checkpoints import newest_checkpoint  # noqa: PLC0415

    scratches = sorted(scratch.glob("*/"), key=lambda folder: folder.stat().st_mtime, reverse=True)
    checkpoint = next((found for folder in scratches if (found := newest_checkpoint(folder))), None)
    if checkpoint is None:
        raise InputError(NOTHING, hint="try again when the training has saved a checkpoint")
    model = add_adapter(base, settings.train, settings.train.seed)
    for name, parameter in trainable(model).items():
        weights = checkpoint.tensors.get(f"weight:{name}")
        if weights is None or weights.shape != parameter.shape:
            raise InputError("the newest checkpoint is of another run", hint="start this run again first")
        parameter.data.copy_(weights)
    return model.eval(), checkpoint.step


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
