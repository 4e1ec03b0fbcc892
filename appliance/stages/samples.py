"""Repeats the training on parts of the examples, and tells whether more of them would pay. Clean. Off unless asked for.

Each part costs its share of the training. What one part gave is kept until all are done: a killed worker loses no more
than a training loses. The point of all examples is the run's own adapter, as it was evaluated.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from appliance.base_model.chat import TokenRow
from appliance.base_model.loading import load_tokenizer, pick_device
from appliance.base_model.locating import model_folder
from appliance.core.change_sections import SamplesSettings
from appliance.core.errors import InputError
from appliance.core.hashing import write_whole
from appliance.core.reporting import Facts, Reporter
from appliance.core.sections import EvaluateSettings, TrainSettings
from appliance.core.store import Artifact, Draft
from appliance.evaluation.generating import Generation, generate
from appliance.evaluation.measures import MEASURES
from appliance.evaluation.outcomes import worth
from appliance.evaluation.sample_curve import sample_facts
from appliance.stages.evaluate import OUTCOMES
from appliance.training.adapter import load_adapter, save_adapter
from appliance.training.arithmetic import computing_with
from appliance.training.canaries import Canary, read_canaries
from appliance.training.frozen_base import ADAPTER, adapted_base, load_for_training
from appliance.training.learnt_rows import learnt_rows
from appliance.training.plan import Execution, TrainPlan, TrainPoint
from appliance.training.qlora import train
from appliance.training.several import train_in_processes
from appliance.training.subsets import nested_subsets
from appliance.training.task import CANARIES, ROWS, Task, read_task

SAMPLES = "samples.json"
FEWEST = 3  # sizes: two points lie on a line whatever they are


@dataclass(frozen=True, slots=True)
class _Again:
    """The run's own training, ready to be repeated on fewer rows."""

    inputs: Mapping[str, Artifact]
    task: Task
    plan: TrainPlan  # of the whole
    own: frozenset[str]  # what of it are examples of the company
    evaluating: EvaluateSettings
    device: str


def run(inputs: Mapping[str, Artifact], settings: SamplesSettings, draft: Draft, reporter: Reporter) -> Facts:
    """Write the score of each part, the fitted curve and the predicted gain; nothing where no shares are asked for.

    Raises:
        InputError: the examples are too few for parts of different sizes.
        Interrupted: the run was asked to stop; what is done is kept.
        GateRefused: a training diverges.
    """
    if not settings.shares:
        draft.write_json(SAMPLES, {"points": []})
        return {}
    assert settings.training is not None and settings.evaluating is not None
    trained = _own(inputs["train"].read_json(ROWS)["trained"], read_canaries(inputs["prepare"].folder / CANARIES))
    parts = nested_subsets(trained, settings.shares, settings.seed)
    if len({len(trained), *map(len, parts)}) < FEWEST:
        raise InputError(
            f"{len(trained)} training examples make no curve with samples.shares = {list(settings.shares)}",
            hint="give more records, or shares that differ more, or none: shares = [] in [samples]",
        )
    with computing_with(inputs["train"].facts["threads"]):
        again = _again(inputs, settings.training, settings.evaluating)
        points = [{"examples": len(ids), "worth": _kept_worth(again, ids, draft.scratch, reporter)} for ids in parts]
    points.append({"examples": len(trained), "worth": worth(inputs["evaluate"].read_json(OUTCOMES), "adapted")})
    facts = sample_facts(points, settings.seed)
    draft.write_json(SAMPLES, facts)
    gain = facts["gain_of_twice"]
    says = "more data would pay" if facts["pays"] else "it is not shown that more data would pay"
    reporter.note(
        f"with twice the examples {gain['value']:+.3f} [{gain['low']:+.3f}, {gain['high']:+.3f}] of the primary score "
        f"are predicted: {says}"
    )
    return {"gain_of_twice": gain, "pays": facts["pays"], "examples": [point["examples"] for point in points]}


def _own(trained: Sequence[str], planted: Iterable[Canary]) -> list[str]:
    """Return the ids of the company's examples: canaries are planted in every part alike, and are no data."""
    copies = {copy.id for canary in planted for copy in canary.copies()}
    return [name for name in trained if name not in copies]


def _again(inputs: Mapping[str, Artifact], training: TrainSettings, evaluating: EvaluateSettings) -> _Again:
    """Return the plan of the run's own training, with the learning rate and the arithmetic that it had settled."""
    facts = inputs["train"].facts
    settled = {"threads": facts["threads"], "dtype": facts["dtype"], "learning_rate": facts["learning_rate"]}
    settings = training.model_copy(update={**settled, "sweep": ()})
    canaries = read_canaries(inputs["prepare"].folder / CANARIES)
    device = pick_device(settings.device)
    execution = Execution(settings.packing, settings.gradient_checkpointing, settings.processes)
    trained, held_out = learnt_rows(inputs["intake"], inputs["prepare"], inputs["train"])
    base = f"{inputs['intake'].digest} on {device}, {facts['cpu']}"
    plan = TrainPlan(trained, held_out, settings, settings.seed, base, execution)
    own = frozenset(_own([row.id for row in trained], canaries))
    return _Again(inputs, read_task(inputs["prepare"]), plan, own, evaluating, device)


def _kept_worth(again: _Again, ids: Sequence[str], scratch: Path, reporter: Reporter) -> list[float]:
    """Return what each answer of a part is worth, from an earlier attempt where that had come so far."""
    file = scratch / f"worth-{len(ids)}.json"
    if not file.exists():
        folder = _trained(again, ids, scratch, reporter)
        write_whole(file, json.dumps(_worth(again, folder, reporter)).encode())
    kept: list[float] = json.loads(file.read_text(encoding="utf-8"))
    return kept


def _trained(again: _Again, ids: Sequence[str], scratch: Path, reporter: Reporter) -> Path:
    """Train on some of the rows, or take up such a training; return the folder of its adapter."""
    base, settings = model_folder(again.inputs["intake"]), again.plan.settings
    plan = _part(again.plan, again.own.difference(ids))

    def report(point: TrainPoint) -> None:
        reporter.say(point.step, point.steps, f"steps on {len(ids)} examples")

    model: Any = load_for_training(base, settings, again.device)
    if settings.processes > 1:
        kind = "cuda" if again.device.startswith("cuda") else "cpu"
        train_in_processes(base, plan, scratch, report, reporter.should_stop, device=kind)
    outcome = train(model, plan, scratch, report, reporter.should_stop)
    folder = scratch / f"part-{len(ids)}" / ADAPTER
    save_adapter(outcome.model, folder)
    return folder


def _part(plan: TrainPlan, without: frozenset[str]) -> TrainPlan:
    rows: tuple[TokenRow, ...] = tuple(row for row in plan.train if row.id not in without)
    return TrainPlan(rows, plan.valid, plan.settings, plan.seed, plan.base, plan.execution, plan.limits)


def _worth(again: _Again, folder: Path, reporter: Reporter) -> list[float]:
    """Answer the held-out lines as the evaluation does."""
    model = load_adapter(adapted_base(again.inputs), folder)
    tokenizer = load_tokenizer(model_folder(again.inputs["intake"]))
    task, how = again.task, again.evaluating
    prompts = [example.prompt for example in task.test]
    generation = Generation(task.instruction, how.max_new_tokens, how.batch_size)
    answers = generate(
        model, tokenizer, prompts, generation, lambda done, total: reporter.progress(done, total, "answers")
    )
    measure = MEASURES[task.kind]
    wanted, training = ([example.completion for example in side] for side in (task.test, task.train))
    return [measure.value(each) for each in measure.judge(answers, wanted, training)]
