"""Attacks the adapted model, and its student where there is one. Clean.

Canaries, membership, extraction, and what a model says against what was replaced.

It only measures; the gates judge.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from anonymize.proof.keyed_watchlist import KeyedWatchlist
from anonymize.replacing.keys import Key
from appliance.base_model.chat import TokenRow, chat_row, encode, prompt_text
from appliance.base_model.likelihood import token_losses
from appliance.base_model.loading import load_tokenizer
from appliance.base_model.locating import model_folder
from appliance.core.cipher import read_key
from appliance.core.errors import InputError
from appliance.core.reporting import Facts, Reporter
from appliance.core.sections import ProbeSettings
from appliance.core.store import Artifact, Draft
from appliance.evaluation.candidates import Tree, grow, log_probabilities
from appliance.evaluation.exposure import exposures, rank_of
from appliance.evaluation.extraction import continuations, is_long_enough, rest
from appliance.evaluation.membership import Floats, membership, scores_of
from appliance.evaluation.shares import compare
from appliance.stages.anonymize import WATCHED
from appliance.stages.distil import student_of
from appliance.stages.evaluate import ANSWERS
from appliance.training.adapter import load_adapter
from appliance.training.canaries import CODES, Canary, check_trained, read_canaries
from appliance.training.examples import tokenize_all
from appliance.training.frozen_base import ADAPTER, adapted_base
from appliance.training.task import CANARIES, ROWS, Task, read_task

SAFETY = "safety.json"
ATTACKS = "attack_scores.json"  # of every example, by attack, without ids: the figures can be recomputed from it
STUDENT_SAFETY = "student_safety.json"  # where a student was taught: the same of it, and the scores of its attacks


@dataclass(frozen=True, slots=True)
class Attack:
    """All that is the same whichever model is attacked."""

    tokenizer: Any
    task: Task
    canaries: Sequence[Canary]
    trained: tuple[TokenRow, ...]
    held_out: tuple[TokenRow, ...]
    base: Sequence[Floats]  # losses of the weights that the adapter was trained against, on both, nats a token
    settings: ProbeSettings
    reporter: Reporter


def run(inputs: Mapping[str, Artifact], settings: ProbeSettings, draft: Draft, reporter: Reporter) -> Facts:
    """Write what the model gives away, each figure with its interval; no text that it said.

    Raises:
        InputError: the tokenizer writes a canary's code differently from prompt to prompt.
        IntegrityError: a canary was planted that training left out.
    """
    canaries = read_canaries(inputs["prepare"].folder / CANARIES)
    check_trained(canaries, inputs["train"].read_json(ROWS)["trained"])
    task, tokenizer = read_task(inputs["prepare"]), load_tokenizer(model_folder(inputs["intake"]))
    model = load_adapter(adapted_base(inputs), inputs["train"].folder / ADAPTER)
    trained, held_out = _sides(inputs["train"], task, tokenizer, settings)
    with model.disable_adapter():
        base = _losses(model, (*trained, *held_out), settings.batch_size, reporter)
    attack = Attack(tokenizer, task, canaries, trained, held_out, base, settings, reporter)
    facts, attacks, said = _given_away(model, attack)
    assert settings.key
    watched = KeyedWatchlist.from_json(Key(read_key(settings.key)), inputs["anonymize"].read_json(WATCHED))
    answers = list(inputs["evaluate"].read_lines(ANSWERS))
    facts["originals"] = _originals(watched, [each["adapted"] for each in answers], said, answers)
    draft.write_json(SAFETY, facts)
    draft.write_json(ATTACKS, attacks)
    if "distil" in inputs:  # a model of its own, which may remember other things
        student, attacks, said = _given_away(student_of(inputs), attack)
        student["originals"] = _originals(watched, (), said, answers)
        draft.write_json(STUDENT_SAFETY, {**student, "attacks": attacks})
        return {**facts, "student": student}
    return facts


def _given_away(model: Any, attack: Attack) -> tuple[dict[str, Any], dict[str, dict[str, list[float]]], list[str]]:
    """Attack a model; return what it gives away, the scores behind the attacks on membership, and all that it said."""
    facts: dict[str, Any] = {"canaries": _canaries(model, attack)}
    attacks = _attacks(model, attack)
    facts["membership"] = membership(attacks)
    facts["extraction"], said = _extraction(model, attack)
    return facts, attacks, said


def _sides(
    trained: Artifact, task: Task, tokenizer: Any, settings: ProbeSettings
) -> tuple[tuple[TokenRow, ...], tuple[TokenRow, ...]]:
    """Return rows that were trained on and rows of the same kind that were not, drawn evenly."""
    learnt = frozenset(trained.read_json(ROWS)["trained"])
    rows = tokenize_all((*task.train, *task.test), tokenizer, task.instruction, task.max_tokens).rows
    chance = random.Random(f"probe:{settings.seed}")  # noqa: S311 - a sample, no secret
    sides = [row for row in rows if row.id in learnt], [row for row in rows if row.id not in learnt]
    inside, outside = (tuple(chance.sample(side, min(settings.rows, len(side)))) for side in sides)
    return inside, outside


def _canaries(model: Any, attack: Attack) -> dict[str, Any] | None:
    """Return the exposure of each level; None where no canaries were planted."""
    canaries = attack.canaries
    if not canaries:
        return None
    codes = _code_tokens(attack, canaries[0])
    tree, ranks = grow(codes), []
    for number, canary in enumerate(canaries):
        attack.reporter.progress(number, len(canaries), "canaries")
        ranks.append(_rank(model, attack, canary, codes, tree))
    planted = [(canary.planted, canary.trained, rank) for canary, rank in zip(canaries, ranks, strict=True)]
    return exposures(planted, len(CODES))


def _code_tokens(attack: Attack, canary: Canary) -> list[tuple[int, ...]]:
    """Return the tokens of every code as they stand behind a prompt."""
    opening = prompt_text(attack.tokenizer, attack.task.instruction, canary.prompt)
    length = len(encode(attack.tokenizer, opening))
    texts = attack.tokenizer([opening + code for code in CODES], add_special_tokens=False)["input_ids"]
    return [tuple(int(token) for token in tokens[length:]) for tokens in texts]


def _rank(model: Any, attack: Attack, canary: Canary, codes: Sequence[tuple[int, ...]], tree: Tree) -> int:
    row = chat_row(attack.tokenizer, attack.task.instruction, canary.id, canary.prompt, canary.code)
    place = CODES.index(canary.code)
    if row.tokens[row.labels_from :][: len(codes[place])] != codes[place]:
        raise InputError(
            f"{canary.id}: the tokenizer joins a code with what stands around it",
            hint="plant no canaries with this base model: canary_repeats = [] in [prepare]",
        )
    return rank_of(place, log_probabilities(model, row.tokens[: row.labels_from], tree))


def _attacks(model: Any, attack: Attack) -> dict[str, dict[str, list[float]]]:
    """Return by attack the scores of the examples that were trained on, and of the others."""
    rows, size = (*attack.trained, *attack.held_out), attack.settings.batch_size
    scores = scores_of(_losses(model, rows, size, attack.reporter), attack.base)
    cut = len(attack.trained)
    return {name: {"members": list(each[:cut]), "others": list(each[cut:])} for name, each in scores.items()}


def _losses(model: Any, rows: Sequence[TokenRow], batch_size: int, reporter: Reporter) -> list[Floats]:
    losses: list[Floats] = []
    model.eval()
    for start in range(0, len(rows), batch_size):
        found = token_losses(model, rows[start : start + batch_size])
        losses.extend(tokens.double().numpy() for tokens in found)
        reporter.progress(min(start + batch_size, len(rows)), len(rows), "examples")
    return losses


def _extraction(model: Any, attack: Attack) -> tuple[dict[str, Any], list[str]]:
    """Return the shares of answers that were completed, and all that the model said meanwhile."""
    tokenizer, settings = attack.tokenizer, attack.settings
    hits: list[list[bool]] = []
    texts: list[str] = []
    for side in (attack.trained, attack.held_out):
        rows = [row for row in side if is_long_enough(row)][: settings.prefixes]
        said = continuations(model, tokenizer.eos_token_id, rows, settings.batch_size)
        hits.append([tokens == rest(row) for tokens, row in zip(said, rows, strict=True)])
        texts.extend(tokenizer.decode(tokens, skip_special_tokens=True) for tokens in said)
    return asdict(compare(*hits)), texts


def _originals(
    watched: KeyedWatchlist, answers: Sequence[str], said: Sequence[str], all_answers: Sequence[Mapping[str, str]]
) -> dict[str, int]:
    """Count the replaced values that stand in what was said; those that the un-adapted base says too are told apart."""
    by_base = frozenset().union(*map(watched.said, [each["base"] for each in all_answers]))
    by_model = frozenset().union(*map(watched.said, (*answers, *said)))
    return {
        "watched": len(watched),
        "answers": len(answers) + len(said),
        "said": len(by_model - by_base),
        "said_by_the_base_too": len(by_model & by_base),
    }
