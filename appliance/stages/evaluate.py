"""Measures the un-adapted base, the dictionary and the adapted model on the same held-out examples. Clean."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import torch

from appliance.base_model.loading import load_float, load_tokenizer
from appliance.core.reporting import Facts, Reporter
from appliance.core.sections import EvaluateSettings
from appliance.core.store import Artifact, Draft
from appliance.evaluation.decide import gain_gate, unseen_tokens
from appliance.evaluation.dictionary import learn
from appliance.evaluation.generating import Generation, completion_nll, generate
from appliance.evaluation.scores import Score, exact_match, matches, paired_gain, word_error_rate
from appliance.stages.intake import model_folder
from appliance.stages.prepare import Task, read_task
from appliance.stages.train import ADAPTER, adapted_base
from appliance.training.adapter import load_adapter
from appliance.training.arithmetic import cpu_capability
from appliance.training.examples import tokenize_all

SCORES, ANSWERS, GENERATION = "scores.json", "answers.jsonl", "generation.json"


@dataclass(frozen=True, slots=True)
class Contender:
    """What one contender said, and how likely it found the right answers; the dictionary has no likelihood."""

    answers: Sequence[str]
    nll: float | None  # nats a token; None for the dictionary


def run(inputs: Mapping[str, Artifact], settings: EvaluateSettings, draft: Draft, reporter: Reporter) -> Facts:
    """Write scores with their intervals, on all held-out lines and on those with an unseen word; and all answers."""
    task = read_task(inputs["prepare"])
    contenders = {
        "base": _model_contender(inputs, task, settings, reporter, adapted=False),
        "dictionary": Contender(_dictionary_answers(task), None),
        "adapted": _model_contender(inputs, task, settings, reporter, adapted=True),
    }
    targets = [example.completion for example in task.test]
    unseen = unseen_tokens([e.prompt for e in task.test], [e.prompt for e in task.train])
    gains = [
        {"against": against, "slice": slice_, **asdict(_paired(contenders, against, places, targets, settings.seed))}
        for slice_, places in (("all", range(len(targets))), ("unseen words", unseen))
        for against in ("base", "dictionary")
    ]
    facts = {
        "scores": _scores(contenders, range(len(targets)), targets, settings.seed),
        "unseen": _scores(contenders, unseen, targets, settings.seed),
        "gains": gains,
        "nll": {"base": contenders["base"].nll, "adapted": contenders["adapted"].nll},
        "gate": asdict(
            gain_gate(_paired(contenders, "base", range(len(targets)), targets, settings.seed), settings.min_gain)
        ),
    }
    draft.write_json(SCORES, facts)
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


def _dictionary_answers(task: Task) -> list[str]:
    dictionary = learn((example.prompt, example.completion) for example in task.train)
    return [dictionary.predict(example.prompt) for example in task.test]


def _scores(
    contenders: Mapping[str, Contender], places: Sequence[int], targets: Sequence[str], seed: int
) -> dict[str, Any]:
    wanted = [targets[place] for place in places]
    scores = {}
    for name, contender in contenders.items():
        said = [contender.answers[place] for place in places]
        scores[name] = {
            "exact_match": asdict(exact_match(said, wanted)),
            "wer": asdict(word_error_rate(said, wanted, seed)),
        }
    return scores


def _paired(
    contenders: Mapping[str, Contender], against: str, places: Sequence[int], targets: Sequence[str], seed: int
) -> Score:
    wanted = [targets[place] for place in places]
    ours, theirs = (
        matches([contenders[name].answers[place] for place in places], wanted) for name in ("adapted", against)
    )
    return paired_gain(ours, theirs, seed)
