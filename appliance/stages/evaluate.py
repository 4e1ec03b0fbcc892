"""Measures the un-adapted base, a baseline without a network and the adapted model on the same lines. Clean."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch

from appliance.base_model.loading import load_float, load_tokenizer
from appliance.base_model.locating import model_folder
from appliance.core.reporting import Facts, Reporter
from appliance.core.sections import EvaluateSettings
from appliance.core.store import Artifact, Draft
from appliance.core.tasks import JUDGED
from appliance.evaluation.baselines import learn_baseline
from appliance.evaluation.generating import Generation, completion_nll, generate
from appliance.evaluation.measures import MEASURES
from appliance.evaluation.outcomes import score_outcomes, slices_of
from appliance.training.adapter import load_adapter
from appliance.training.arithmetic import cpu_capability
from appliance.training.examples import tokenize_all
from appliance.training.frozen_base import ADAPTER, adapted_base
from appliance.training.task import Task, read_task

SCORES, ANSWERS, GENERATION = "scores.json", "answers.jsonl", "generation.json"
OUTCOMES = "outcomes.json"  # what each answer was worth, without its text: every score can be recomputed from it


@dataclass(frozen=True, slots=True)
class Contender:
    """What one contender said, and how likely it found the right answers; the baseline has no likelihood."""

    answers: Sequence[str]
    nll: float | None  # nats a token; None for the baseline


def run(inputs: Mapping[str, Artifact], settings: EvaluateSettings, draft: Draft, reporter: Reporter) -> Facts:
    """Write scores with their intervals, on all held-out lines and on those with an unseen word; and all answers."""
    task = read_task(inputs["prepare"])
    contenders = {
        "base": _model_contender(inputs, task, settings, reporter, adapted=False),
        JUDGED[task.kind].baseline: Contender(_baseline_answers(task), None),
        "adapted": _model_contender(inputs, task, settings, reporter, adapted=True),
    }
    wanted, training = ([example.completion for example in side] for side in (task.test, task.train))
    judge = MEASURES[task.kind].judge
    outcomes = {
        "kind": task.kind,
        "lines": {name: judge(each.answers, wanted, training) for name, each in contenders.items()},
        "slices": slices_of([e.prompt for e in task.test], [e.prompt for e in task.train]),
        "seed": settings.seed,
        "min_gain": settings.min_gain,
    }
    facts = {
        **score_outcomes(outcomes),
        "nll": {"base": contenders["base"].nll, "adapted": contenders["adapted"].nll},
    }
    draft.write_json(SCORES, facts)
    draft.write_json(OUTCOMES, outcomes)
    draft.write_json(GENERATION, {"max_new_tokens": settings.max_new_tokens, "seed": settings.seed})
    said = zip(task.test, *(contender.answers for contender in contenders.values()), strict=True)
    draft.write_lines(ANSWERS, ({"id": row[0].id, **dict(zip(contenders, row[1:], strict=True))} for row in said))
    return {**facts, "threads": torch.get_num_threads(), "cpu": cpu_capability()}


def _model_contender(
    inputs: Mapping[str, Artifact], task: Task, settings: EvaluateSettings, reporter: Reporter, *, adapted: bool
) -> Contender:
    folder = model_folder(inputs["intake"])
    tokenizer = load_tokenizer(folder)
    # the base as it was received, or the very weights that the adapter was trained against
    model = load_adapter(adapted_base(inputs), inputs["train"].folder / ADAPTER) if adapted else load_float(folder)
    how = Generation(task.instruction, settings.max_new_tokens, settings.batch_size)
    prompts = [example.prompt for example in task.test]
    unit = "answers of the adapted model" if adapted else "answers of the base"
    answers = generate(model, tokenizer, prompts, how, lambda done, total: reporter.progress(done, total, unit))
    rows = tokenize_all(task.test, tokenizer, task.instruction, task.max_tokens).rows
    return Contender(answers, completion_nll(model, rows, settings.batch_size)[0])


def _baseline_answers(task: Task) -> list[str]:
    prompts, answers = ([getattr(example, side) for example in task.train] for side in ("prompt", "completion"))
    return learn_baseline(task.kind, prompts, answers)([example.prompt for example in task.test])
