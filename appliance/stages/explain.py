"""Tells what changed: answers, the training examples near to them, layers, and how the training data are spread. Clean.

Two files: the figures, and the clean text of a few examples, which goes into the report and with it into the bundle.
"""

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy

from appliance.core.change_sections import ExplainSettings
from appliance.core.reporting import Facts, Reporter
from appliance.core.store import Artifact, Draft
from appliance.evaluation.differences import Difference, describe_differences, differences
from appliance.evaluation.outcomes import worth
from appliance.serve.embedding import MODEL, TOKENIZER, Embedder
from appliance.serve.searching import VECTORS, IndexedRecord, RecordIndex, build_index
from appliance.stages.embedding_model import embedding_files
from appliance.stages.evaluate import ANSWERS, OUTCOMES
from appliance.training.examples import Example
from appliance.training.frozen_base import ADAPTER, adapted_base
from appliance.training.moved import movement_facts
from appliance.training.movement import movement
from appliance.training.spread import Vectors, nearest_likeness, outliers, spread
from appliance.training.task import ROWS, read_task

CHANGES, EXAMPLES = "changes.json", "examples.json"
BETWEEN = " | "  # stands between a prompt and its answer


@dataclass(frozen=True, slots=True)
class _Learnt:
    """The examples that were trained on, as the index of a bundle would hold them."""

    examples: Sequence[Example]
    vectors: Vectors  # [examples, 384], of length 1
    embedder: Embedder
    index: RecordIndex


def run(inputs: Mapping[str, Artifact], settings: ExplainSettings, draft: Draft, reporter: Reporter) -> Facts:
    """Write what changed, and the examples that show it."""
    task = read_task(inputs["prepare"])
    found = differences(task.test, list(inputs["evaluate"].read_lines(ANSWERS)))
    outcomes = inputs["evaluate"].read_json(OUTCOMES)
    learnt = _learnt(inputs["train"], task.train, settings, draft.scratch, reporter)
    likeness = nearest_likeness(learnt.vectors)
    figures = {
        "answers": describe_differences(found, worth(outcomes, "base"), worth(outcomes, "adapted")),
        "movement": movement_facts(movement(adapted_base(inputs), inputs["train"].folder / ADAPTER)),
        "training": spread(learnt.examples, likeness),
    }
    shown = found[: settings.examples]
    far = outliers(likeness)[: settings.examples]
    texts = {
        "differences": [{**asdict(each), "nearest": _nearest(each, learnt, settings.nearest)} for each in shown],
        "outliers": [_told(learnt.examples[place], likeness[place]) for place in far],
    }
    draft.write_json(CHANGES, figures)
    draft.write_json(EXAMPLES, texts)
    if shown or far:
        reporter.note(
            f"{len(shown)} held-out lines with their nearest training lines, and {len(far)} outliers, stand as clean "
            "text in the report, which goes with the bundle; explain.examples = 0 leaves them out"
        )
    return figures["answers"]


def _learnt(
    trained: Artifact, examples: Sequence[Example], settings: ExplainSettings, scratch: Path, reporter: Reporter
) -> _Learnt:
    """Index what was trained on by the code of the factory's search; beyond a limit the first ones."""
    ids = frozenset(trained.read_json(ROWS)["trained"])
    kept = [each for each in examples if each.id in ids][: settings.indexed]
    files = embedding_files()
    embedder = Embedder(files[MODEL], files[TOKENIZER])

    def told() -> Iterator[IndexedRecord]:
        for number, each in enumerate(kept):
            reporter.progress(number, len(kept), "training examples indexed")
            yield IndexedRecord(str(number), _joined(each.prompt, each.completion))

    made = build_index(told(), embedder)
    for name, content in made.items():
        (scratch / name).parent.mkdir(parents=True, exist_ok=True)
        (scratch / name).write_bytes(content)
    vectors = numpy.load(io.BytesIO(made[VECTORS]), allow_pickle=False).astype(numpy.float32)
    return _Learnt(kept, vectors, embedder, RecordIndex(scratch, embedder))


def _nearest(difference: Difference, learnt: _Learnt, count: int) -> list[dict[str, Any]]:
    """Return the training examples that the factory's search ranks first for a prompt and the adapted answer."""
    query = _joined(difference.input, difference.adapted)
    likeness = learnt.vectors @ learnt.embedder.embed_beginning(query)
    places = (int(found.id) for found in learnt.index.search(query, count))
    return [_told(learnt.examples[place], float(likeness[place])) for place in places]


def _told(example: Example, likeness: float) -> dict[str, Any]:
    text = {"id": example.id, "input": example.prompt, "expected": example.completion}
    return {**text, "likeness": round(likeness, 4)}


def _joined(prompt: str, answer: str) -> str:
    return f"{prompt}{BETWEEN}{answer}"
