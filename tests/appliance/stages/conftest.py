"""A small model that was really adapted and evaluated by the stages themselves, for the tests of what comes after."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from appliance.core.events import EventLog
from appliance.core.reporting import Reporter
from appliance.core.sections import EvaluateSettings, PrepareSettings, TrainSettings
from appliance.core.store import Artifact, Draft, Strongroom

TRAINING = TrainSettings(
    epochs=3,
    learning_rate=1e-3,
    batch_size=8,
    rank=4,
    valid_examples=4,
    checkpoint_every=4,
    evaluate_every=8,
    threads=1,
)
EVALUATING = EvaluateSettings(max_new_tokens=2)  # the tiny model learns what to say, and not when to stop
WORDS = ("pump", "belt", "hose", "fan", "軸受", "弁")


@dataclass
class AdaptedRun:
    """A folder with the results of intake to evaluate."""

    folder: Path
    training: TrainSettings
    evaluating: EvaluateSettings

    def draft(self, step: str) -> Draft:
        """Return the draft of a step."""
        folder, scratch = self.folder / step, self.folder / f"scratch-{step}"
        folder.mkdir(exist_ok=True)
        scratch.mkdir(exist_ok=True)
        return Draft(folder, scratch, None, Strongroom(self.folder / "none", b""))

    def reporter(self, should_stop=lambda: False) -> Reporter:
        """Return a reporter that writes events.jsonl."""
        return Reporter(EventLog(self.folder / "events.jsonl"), "step", should_stop)

    def artifact(self, step: str, facts: dict[str, Any] | None = None) -> Artifact:
        """Return what a step has written."""
        file = self.folder / f"{step}-facts.json"
        if facts is not None:
            file.write_text(json.dumps(facts), encoding="utf-8")
        return Artifact(step, "", step, "clean", self.folder / step, json.loads(file.read_text(encoding="utf-8")), None)

    def inputs(self) -> dict[str, Artifact]:
        """Return the results that later steps take in."""
        return {step: self.artifact(step) for step in ("intake", "prepare", "train", "evaluate")}


@pytest.fixture(scope="session")
def adapted_run(tiny_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> AdaptedRun:
    """Sixty short orders, English and Japanese, prepared, trained on and evaluated."""
    return _adapted(tiny_folder, tmp_path_factory.mktemp("adapted"))


@pytest.fixture(scope="session")
def deep_run(make_tiny, tmp_path_factory: pytest.TempPathFactory) -> AdaptedRun:
    """The same on a model of four layers: one that can lose some."""
    folder = tmp_path_factory.mktemp("deep")
    return _adapted(make_tiny(folder / "tiny", layers=4), folder)


def _adapted(model: Path, folder: Path) -> AdaptedRun:
    from appliance.stages import evaluate, prepare, train  # noqa: PLC0415 seconds that most tests need not pay
    from appliance.stages.anonymize import CLEAN  # noqa: PLC0415

    run = AdaptedRun(folder, TRAINING, EVALUATING)
    for step in ("intake", "anonymize"):
        run.draft(step)
        run.artifact(step, {})
    (run.folder / "intake" / "model").symlink_to(model)
    lines = [
        {"id": f"WO-{number}", "columns": {"text": f"{WORDS[number % 6]} {number}", "fix": "ok"}}
        for number in range(60)
    ]
    (run.folder / "anonymize" / CLEAN).write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    settings = PrepareSettings(input="text", output="fix", instruction="Fix.", test_share=0.3)
    for step, stage, told in (
        ("prepare", prepare.run, settings),
        ("train", train.run, TRAINING),
        ("evaluate", evaluate.run, EVALUATING),
    ):
        inputs = {
            name: run.artifact(name) for name in ("intake", "anonymize", "prepare", "train") if _is_there(run, name)
        }
        run.artifact(step, stage(inputs, told, run.draft(step), run.reporter()))
    return run


def _is_there(run: AdaptedRun, step: str) -> bool:
    return (run.folder / f"{step}-facts.json").exists()
