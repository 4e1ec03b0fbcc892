"""Holds every exported variant against the trained model in PyTorch, and chooses the one that ships. Clean."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy
import torch

from appliance.base_model.chat import TokenRow, encode
from appliance.base_model.likelihood import token_losses
from appliance.base_model.loading import load_float, load_tokenizer
from appliance.base_model.locating import model_folder
from appliance.core.errors import InputError
from appliance.core.hardware import usable_cores
from appliance.core.reporting import Facts, Reporter
from appliance.core.sections import VerifySettings
from appliance.core.store import Artifact, Draft
from appliance.evaluation.decide import verdict_facts
from appliance.evaluation.general_text import TEXTS, WINDOW, windows
from appliance.evaluation.measure import Outcome
from appliance.evaluation.measures import MEASURES
from appliance.evaluation.outcomes import score_variant
from appliance.evaluation.scores import Floats, perplexity_ratio, wilson
from appliance.stages.evaluate import ANSWERS, GENERATION, OUTCOMES, SCORES
from appliance.stages.export import variants_of
from appliance.training.adapter import merged
from appliance.training.examples import tokenize_all
from appliance.training.frozen_base import ADAPTER, adapted_base
from appliance.training.task import Task, read_task
from quantize.decoding import completion_losses, continue_greedily
from quantize.measuring import measuring_session
from quantize.onnx_session import OnnxSession
from quantize.parity import session_parity
from quantize.speed import measure_speed

VERDICT = "verdict.json"
VARIANT_OUTCOMES = "variant_outcomes.json"  # as those of the contenders, by variant


@dataclass(frozen=True, slots=True)
class _Trial:
    """What every variant is put through: the same tokens, and what the trained model in PyTorch made of them."""

    tokenizer: Any
    pairs: Sequence[tuple[Sequence[int], Sequence[int]]]  # the held-out lines: prompt, completion
    judge: Callable[[Sequence[str]], list[Outcome]]  # the answers to them
    trained_answers: Sequence[str]
    general: Sequence[tuple[Sequence[int], Sequence[int]]]  # the general text: first token of a piece, the others
    general_base: Sequence[Floats]  # losses of the base as it was received, by piece, nats
    sample: Sequence[Sequence[int]]
    sample_logits: Sequence[Any]
    max_new_tokens: int
    seed: int


def run(inputs: Mapping[str, Artifact], settings: VerifySettings, draft: Draft, reporter: Reporter) -> Facts:
    """Write the verdict: every variant's parity, score, retention and gates, and which one ships, if any.

    Raises:
        InputError: the general text is not UTF-8, or is too short.
    """
    trial = _trial(inputs, settings)
    variants = variants_of(inputs["export"])
    outcomes = inputs["evaluate"].read_json(OUTCOMES)
    measured: dict[str, dict[str, Any]] = {}
    lines: dict[str, list[Outcome]] = {}
    speeds: dict[str, dict[str, float]] = {}
    for number, variant in enumerate(variants):
        reporter.progress(number, len(variants), "variants")
        shipped = OnnxSession(variant.folder, threads=usable_cores())
        answers = _answers(shipped, trial)
        lines[variant.name] = trial.judge(answers)
        measured[variant.name] = {
            "kind": variant.kind,
            "bytes": variant.bytes,
            **_likelihoods(measuring_session(variant.folder, threads=usable_cores()), trial),
            **score_variant(outcomes, lines[variant.name]),
            **_same(answers, trial),
        }
        speeds[variant.name] = _speed(shipped)
    scores = inputs["evaluate"].read_json(SCORES)
    verdict = verdict_facts(measured, scores["nll"], scores["kind"], settings)
    report: dict[str, Any] = {"variants": {name: {**measured[name], **verdict["variants"][name]} for name in measured}}
    report["chosen"] = verdict["chosen"]
    report["nll_general_base"] = float(numpy.concatenate(trial.general_base).mean())
    draft.write_json(VERDICT, report)
    draft.write_json(VARIANT_OUTCOMES, lines)
    if verdict["chosen"] is None:
        reporter.note("no variant keeps its limits; nothing will be bundled", "warning")
    facts = {name: {**report["variants"][name], **speeds[name]} for name in measured}
    return {"variants": facts, "chosen": verdict["chosen"]}


def _trial(inputs: Mapping[str, Artifact], settings: VerifySettings) -> _Trial:
    task = read_task(inputs["prepare"])
    base = model_folder(inputs["intake"])
    tokenizer = load_tokenizer(base)
    rows = tokenize_all(task.test, tokenizer, task.instruction, task.max_tokens).rows
    sample = [row.tokens for row in rows[: settings.parity_prompts]]
    general = general_pieces(settings, tokenizer)
    generation = inputs["evaluate"].read_json(GENERATION)
    return _Trial(
        tokenizer=tokenizer,
        pairs=[(row.tokens[: row.labels_from], row.tokens[row.labels_from :]) for row in rows],
        judge=partial(_judged, task),
        trained_answers=[str(line["adapted"]) for line in inputs["evaluate"].read_lines(ANSWERS)],
        general=general,
        general_base=_base_losses(base, [(*opening, *rest) for opening, rest in general]),
        sample=sample,
        sample_logits=_reference_logits(inputs, sample),
        max_new_tokens=generation["max_new_tokens"],
        seed=generation["seed"],
    )


def _judged(task: Task, answers: Sequence[str]) -> list[Outcome]:
    wanted, training = ([example.completion for example in side] for side in (task.test, task.train))
    return MEASURES[task.kind].judge(answers, wanted, training)


def general_pieces(settings: VerifySettings, tokenizer: Any) -> list[tuple[Sequence[int], Sequence[int]]]:
    """Return the general text in pieces: the first token of each, and the others.

    Raises:
        InputError: it is not UTF-8, or is shorter than one piece.
    """
    texts = (_read_text(settings.general_text),) if settings.general_text else TEXTS
    pieces = windows(texts, partial(encode, tokenizer))
    tokens = sum(map(len, pieces))
    if tokens < WINDOW:
        raise InputError(
            f"{settings.general_text}: a general text of {tokens} tokens is too short",
            hint=f"give verify.general_text at least {WINDOW} tokens, or leave it out for the appliance's own",
        )
    return [(piece[:1], piece[1:]) for piece in pieces]


def _read_text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise InputError(f"{file}: is not UTF-8", hint="save verify.general_text as UTF-8") from None


def _base_losses(base: Path, pieces: Sequence[Sequence[int]]) -> list[Floats]:
    """Return the losses that the un-adapted base has on each piece, one at a time: a batch's logits are large."""
    model = load_float(base)
    rows = (TokenRow("general", tuple(piece), 1) for piece in pieces)
    return [losses.double().numpy() for row in rows for losses in token_losses(model, [row])]


def _reference_logits(inputs: Mapping[str, Artifact], sequences: Sequence[Sequence[int]]) -> list[Any]:
    model = merged(adapted_base(inputs), inputs["train"].folder / ADAPTER)
    with torch.no_grad():
        return [
            numpy.asarray(model(input_ids=torch.tensor([list(sequence)]), use_cache=False).logits[0].float())
            for sequence in sequences
        ]


def _likelihoods(session: OnnxSession, trial: _Trial) -> dict[str, Any]:
    found = session_parity(session, trial.sample, trial.sample_logits)
    pieces = completion_losses(session, trial.general, batch_size=2)
    general = numpy.concatenate(pieces)
    return {
        "positions": found.positions,
        "top1_agreement": found.same_top_token,
        "max_logit_difference": found.max_difference,
        "mean_kl": found.mean_divergence,
        "nll": float(numpy.concatenate(completion_losses(session, trial.pairs)).mean()),
        "nll_general": float(general.mean()),
        "general_tokens": len(general),
        "regression": asdict(perplexity_ratio(pieces, trial.general_base, trial.seed)),
    }


def _answers(session: OnnxSession, trial: _Trial) -> list[str]:
    """Return the greedy answers to the held-out lines."""
    said = continue_greedily(
        session,
        [prompt for prompt, _ in trial.pairs],
        max_new_tokens=trial.max_new_tokens,
        stop_ids=[trial.tokenizer.eos_token_id],
    )
    return [trial.tokenizer.decode(ids, skip_special_tokens=True).strip() for ids in said]


def _same(answers: Sequence[str], trial: _Trial) -> dict[str, Any]:
    """Hold the answers line by line against those of the trained model in PyTorch."""
    same = sum(ours == theirs for ours, theirs in zip(answers, trial.trained_answers, strict=True))
    return {"same_answers": asdict(wilson(same, len(answers)))}


def _speed(session: OnnxSession) -> dict[str, float]:
    speed = measure_speed(session)
    return {"prefill_tokens_per_second": speed.prefill, "decode_tokens_per_second": speed.decode}
