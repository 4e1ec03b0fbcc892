"""One prompt against what a run has learnt so far."""

import json
from pathlib import Path

import pytest

from appliance.children.trying import answer
from appliance.core.errors import InputError
from appliance.core.events import EventLog, read_events
from appliance.core.run_state import RunState, fold
from appliance.core.runner import recipe_of
from appliance.core.settings import parse_settings, thaw
from appliance.core.store import Recipe, Store
from appliance.core.workspace import Workspace
from appliance.pipeline import works_of

RAW = {
    "run": {"name": "orders"},
    "ingest": {"file": "x.csv", "columns": {"text": {"role": "text"}, "answer": {"role": "text"}}},
    "prepare": {"input": "text", "output": "answer", "instruction": "Normalise."},
    "train": {"rank": 4},
    "evaluate": {"max_new_tokens": 4},
}


@pytest.fixture
def training(tmp_path: Path, tiny_folder: Path) -> Workspace:
    """A run at its training step: a tiny base model is sealed, nothing is learnt yet."""
    workspace = Workspace(tmp_path / "w")
    run = workspace.run("orders-12345678")
    run.folder.mkdir(parents=True)
    run.settings.write_text(parse_settings(RAW, where="test", folder=tmp_path).frozen(), encoding="utf-8")
    store, log = Store(workspace.root), EventLog(run.events)
    log.append("run_started", name="orders", steps=["intake", "prepare", "train"])
    for step in ("intake", "prepare"):
        recipe = Recipe(step, "clean", {}, {}, {}, "code")
        draft = store.draft(recipe)
        if step == "intake":
            (draft.folder / "model").mkdir()
            for file in tiny_folder.iterdir():
                (draft.folder / "model" / file.name).write_bytes(file.read_bytes())
        digest = store.seal(recipe, draft, {}).digest
        log.append("step_started", step=step)
        log.append("step_finished", step=step, reused=False, seconds=1, digest=digest, facts={})
    log.close()
    return workspace


def scratch(training: Workspace) -> Path:
    """Return where the training of the run keeps its checkpoints."""
    run = training.run("orders-12345678")
    digests = {step.name: step.digest for step in fold(RunState(), read_events(run.events).events).steps}
    planned = works_of(thaw(run.settings.read_text(encoding="utf-8")), training, run)
    (recipe,) = (recipe_of(work, digests) for work in planned if work.step.name == "train")
    return Store(training.root).draft(recipe).scratch


def test_the_newest_checkpoint_answers_while_a_training_goes_on(training: Workspace) -> None:
    from appliance.base_model.loading import load_dequantised  # noqa: PLC0415
    from appliance.core.sections import TrainSettings  # noqa: PLC0415
    from appliance.training.adapter import add_adapter, trainable  # noqa: PLC0415
    from appliance.training.checkpoints import Checkpoint, save_checkpoint  # noqa: PLC0415

    (base,) = training.root.glob("store/intake-*/model")
    model = add_adapter(load_dequantised(base), TrainSettings(rank=4), 7)
    tensors = {f"weight:{name}": value for name, value in trainable(model).items()}
    save_checkpoint(training.root / "store" / ".scratch-train-ab" / "cd", Checkpoint(80, tensors, {}))  # another run's
    with pytest.raises(InputError, match="nothing was learnt"):
        answer(training, "orders-12345678", "作業")
    save_checkpoint(scratch(training) / "cd", Checkpoint(40, tensors, {}))
    told = answer(training, "orders-12345678", "作業")
    assert (told["step"], type(told["answer"])) == (40, str)
    with pytest.raises(InputError, match="empty"):
        answer(training, "orders-12345678", " ")


@pytest.mark.slow
def test_the_command_takes_the_prompt_from_a_file_and_tells_what_is_wrong(training: Workspace, tmp_path, call) -> None:
    (tmp_path / "prompt").write_text("田中太郎", encoding="utf-8")
    done = call("try-prompt", "orders", "--file", tmp_path / "prompt", "--json", "--workspace", training.root)
    assert done.status == 3
    assert "nothing was learnt yet" in done.err
    assert "田中" not in json.dumps([done.out, done.err], ensure_ascii=False)
