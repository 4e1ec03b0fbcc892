"""Attacks the adapted model: canaries, membership, extraction, and what it says against what was replaced. Clean.

It only measures; the gates judge.
"""

import random
from collections.abc import Iterable, Mapping, Sequence
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
from appliance.stages.evaluate import ANSWERS
from appliance.training.adapter import load_adapter
from appliance.training.canaries import CODES, Canary, check_trained, read_canaries
from appliance.training.examples import tokenize_all
from appliance.training.frozen_base import ADAPTER, adapted_base
from appliance.training.task import CANARIES, ROWS, Task, read_task

SAFETY = "safety.json"
ATTACKS = "attack_scores.json"  # of every example, by attack, without ids: the figures can be recomputed from it


@dataclass(frozen=True, slots=True)
class Attacked:
    """The adapted model and its tokenizer; without its adapter it is the very base that the adapter was trained on."""

    model: Any
    tokenizer: Any
    task: Task


def run(inputs: Mapping[str, Artifact], settings: ProbeSettings, draft: Draft, reporter: Reporter) -> Facts:
    """Write what the model gives away, each figure with its interval; no text that it said.

    Raises:
        InputError: the tokenizer writes a canary's code differently from prompt to prompt.
        IntegrityError: a canary was planted that training left out.
    """
    canaries = read_canaries(inputs["prepare"].folder / CANARIES)
    check_trained(canaries, inputs["train"].read_json(ROWS)["trained"])
    folder, task = model_folder(inputs["intake"]), read_task(inputs["prepare"])
    model = load_adapter(adapted_base(inputs), inputs["train"].folder / ADAPTER)
    attacked = Attacked(model, load_tokenizer(folder), task)
    trained, held_out = _sides(inputs["train"], attacked, settings)
    facts: dict[str, Any] = {"canaries": _canaries(attacked, canaries, reporter)}
    attacks = _attacks(attacked, trained, held_out, settings, reporter)
    facts["membership"] = membership(attacks)
    facts["extraction"], said = _extraction(attacked, trained, held_out, settings)
    assert settings.key
    watched = KeyedWatchlist.from_json(Key(read_key(settings.key)), inputs["anonymize"].read_json(WATCHED))
    answers = list(inputs["evaluate"].read_lines(ANSWERS))
    facts["originals"] = _originals(watched, answers, said)
    draft.write_json(SAFETY, facts)
    draft.write_json(ATTACKS, attacks)
    return facts


def _sides(
    trained: Artifact, attacked: Attacked, settings: ProbeSettings
) -> tuple[tuple[TokenRow, ...], tuple[TokenRow, ...]]:
    """Return rows that were trained on and rows of the same kind that were not, drawn evenly."""
    learnt = frozenset(trained.read_json(ROWS)["trained"])
    task = attacked.task
    rows = tokenize_all((*task.train, *task.test), attacked.tokenizer, task.instruction, task.max_tokens).rows
    chance = random.Random(f"probe:{settings.seed}")  # noqa: S311 - a sample, no secret
    sides = [row for row in rows if row.id in learnt], [row for row in rows if row.id not in learnt]
    inside, outside = (tuple(chance.sample(side, min(settings.rows, len(side)))) for side in sides)
    return inside, outside


def _canaries(attacked: Attacked, canaries: Sequence[Canary], reporter: Reporter) -> dict[str, Any] | None:
    """Return the exposure of each level; None where no canaries were planted."""
    if not canaries:
        return None
    codes = _code_tokens(attacked, canaries[0])
    tree, ranks = grow(codes), []
    for number, canary in enumerate(canaries):
        reporter.progress(number, len(canaries), "canaries")
        ranks.append(_rank(attacked, canary, codes, tree))
    planted = [(canary.planted, canary.trained, rank) for canary, rank in zip(canaries, ranks, strict=True)]
    return exposures(planted, len(CODES))


def _code_tokens(attacked: Attacked, canary: Canary) -> list[tuple[int, ...]]:
    """Return the tokens of every code as they stand behind a prompt."""
    opening = prompt_text(attacked.tokenizer, attacked.task.instruction, canary.prompt)
    length = len(encode(attacked.tokenizer, opening))
    texts = attacked.tokenizer([opening + code for code in CODES], add_special_tokens=False)["input_ids"]
    return [tuple(int(token) for token in tokens[length:]) for tokens in texts]


def _rank(attacked: Attacked, canary: Canary, codes: Sequence[tuple[int, ...]], tree: Tree) -> int:
    row = chat_row(attacked.tokenizer, attacked.task.instruction, canary.id, canary.prompt, canary.code)
    place = CODES.index(canary.code)
    if row.tokens[row.labels_from :][: len(codes[place])] != codes[place]:
        raise InputError(
            f"{canary.id}: the tokenizer joins a code with what stands around it",
            hint="plant no canaries with this base model: canary_repeats = [] in [prepare]",
        )
    return rank_of(place, log_probabilities(attacked.model, row.tokens[: row.labels_from], tree))


def _attacks(
    attacked: Attacked,
    trained: Sequence[TokenRow],
    held_out: Sequence[TokenRow],
    settings: ProbeSettings,
    reporter: Reporter,
) -> dict[str, dict[str, list[float]]]:
    """Return by attack the scores of the examples that were trained on, and of the others."""
    rows = (*trained, *held_out)
    adapted = _losses(attacked.model, rows, settings.batch_size, reporter)
    with attacked.model.disable_adapter():
        base = _losses(attacked.model, rows, settings.batch_size, reporter)
    scores = scores_of(adapted, base)
    cut = len(trained)
    return {name: {"members": list(each[:cut]), "others": list(each[cut:])} for name, each in scores.items()}


def _losses(model: Any, rows: Sequence[TokenRow], batch_size: int, reporter: Reporter) -> list[Floats]:
    losses: list[Floats] = []
    model.eval()
    for start in range(0, len(rows), batch_size):
        found = token_losses(model, rows[start : start + batch_size])
        losses.extend(tokens.double().numpy() for tokens in found)
        reporter.progress(min(start + batch_size, len(rows)), len(rows), "examples")
    return losses


def _extraction(
    attacked: Attacked, trained: Sequence[TokenRow], held_out: Sequence[TokenRow], settings: ProbeSettings
) -> tuple[dict[str, Any], list[str]]:
    """Return the shares of answers that were completed, and all that the model said meanwhile."""
    hits: list[list[bool]] = []
    texts: list[str] = []
    for side in (trained, held_out):
        rows = [row for row in side if is_long_enough(row)][: settings.prefixes]
        said = continuations(attacked.model, attacked.tokenizer.eos_token_id, rows, settings.batch_size)
        hits.append([tokens == rest(row) for tokens, row in zip(said, rows, strict=True)])
        texts.extend(attacked.tokenizer.decode(tokens, skip_special_tokens=True) for tokens in said)
    return asdict(compare(*hits)), texts


def _originals(watched: KeyedWatchlist, answers: Iterable[Mapping[str, str]], said: Sequence[str]) -> dict[str, int]:
    """Count the replaced values that stand in what was said; those that the un-adapted base says too are told apart."""
    adapted, base = [], []
    for answer in answers:
        adapted.append(answer["adapted"])
        base.append(answer["base"])
    by_adapted, by_base = (frozenset().union(*map(watched.said, texts)) for texts in ((*adapted, *said), base))
    return {
        "watched": len(watched),
        "answers": len(adapted) + len(said),
        "said": len(by_adapted - by_base),
        "said_by_the_base_too": len(by_adapted & by_base),
    }
