"""What later steps need to know of the task: its examples, and how a prompt is put to the model."""

from dataclasses import dataclass

from appliance.core.store import Artifact
from appliance.core.tasks import TaskKind
from appliance.training.examples import Example, read_examples

TRAIN, TEST, TASK = "train.jsonl", "test.jsonl", "task.json"
CANARIES = "canaries.jsonl"  # invented secrets: apart from the examples, which are the company's
ROWS = "rows.json"  # of a training: the ids of what was learnt, and of what was held out for the curve


@dataclass(frozen=True, slots=True)
class Task:
    """What later steps need to know: the examples, and how a prompt is put to the model."""

    instruction: str
    max_tokens: int
    train: tuple[Example, ...]
    test: tuple[Example, ...]
    kind: TaskKind = "line"


def read_task(prepared: Artifact) -> Task:
    """Return the task of the prepared examples."""
    task = prepared.read_json(TASK)
    train, test = (read_examples(prepared.folder / name) for name in (TRAIN, TEST))
    return Task(task["instruction"], task["max_tokens"], train, test, task["kind"])
