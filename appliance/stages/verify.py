"""Holds every exported variant against the trained model in PyTorch, and chooses the one that ships. Clean."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy
import torch

from appliance.base_model.loading import load_tokenizer
from appliance.core.hardware import usable_cores
from appliance.core.reporting import Facts, Reporter
from appliance.core.sections import VerifySettings
from appliance.core.store import Artifact, Draft
from appliance.evaluation import decide
from appliance.evaluation.scores import Score, exact_match
from appliance.stages.evaluate import GENERATION, SCORES
from appliance.stages.export import variants_of
from appliance.stages.intake import model_folder
from appliance.stages.prepare import Task, read_task
from appliance.stages.train import ADAPTER, adapted_base
from appliance.training.adapter import merged
from appliance.training.examples import tokenize_all
from quantize.decoding import completion_losses, continue_greedily
from quantize.measuring import measuring_session
from quantize.onnx_session import OnnxSession
from quantize.parity import session_parity
from quantize.speed import measure_speed
from quantize.variants import Variant

VERDICT = "verdict.json"


def run(inputs: Mapping[str, Artifact], settings: VerifySettings, draft: Draft, reporter: Reporter) -> Facts:
    """Write the verdict: every variant's parity, score, retention and gates, and which one ships, if any."""
    task = read_task(inputs["prepare"])
    tokenizer = load_tokenizer(model_folder(inputs["intake"]))
    rows = tokenize_all(task.test, tokenizer, task.instruction, task.max_tokens).rows
    sample = [row.tokens for row in rows[: settings.parity_prompts]]
    reference_logits = _reference_logits(inputs, sample)
    limit = inputs["evaluate"].read_json(GENERATION)["max_new_tokens"]
    variants = variants_of(inputs["export"])
    measured: dict[str, dict[str, Any]] = {}
    speeds: dict[str, dict[str, float]] = {}
    for number, variant in enumerate(variants):
        reporter.progress(number, len(variants), "variants")
        measuring = measuring_session(variant.folder, threads=usable_cores())
        shipped = OnnxSession(variant.folder, threads=usable_cores())
        pairs = [(row.tokens[: row.labels_from], row.tokens[row.labels_from :]) for row in rows]
        measured[variant.name] = {
            "bytes": variant.bytes,
            **_parity(measuring, sample, reference_logits),
            "nll": float(numpy.concatenate(completion_losses(measuring, pairs)).mean()),
            "exact_match": asdict(_exact_match(shipped, tokenizer, task, [prompt for prompt, _ in pairs], limit)),
        }
        speeds[variant.name] = _speed(shipped)
    verdict = _judge(variants, measured, inputs["evaluate"].read_json(SCORES), settings)
    report = {"variants": {name: {**measured[name], **verdict["variants"][name]} for name in measured}}
    report["chosen"] = verdict["chosen"]
    draft.write_json(VERDICT, report)
    if verdict["chosen"] is None:
        reporter.note("no variant keeps its limits; nothing will be bundled", "warning")
    facts = {name: {**report["variants"][name], **speeds[name]} for name in measured}
    return {"variants": facts, "chosen": verdict["chosen"]}


def _reference_logits(inputs: Mapping[str, Artifact], sequences: Sequence[Sequence[int]]) -> list[Any]:
    model = merged(adapted_base(inputs), inputs["train"].folder / ADAPTER)
    with torch.no_grad():
        return [
            numpy.asarray(model(input_ids=torch.tensor([list(sequence)]), use_cache=False).logits[0].float())
            for sequence in sequences
        ]


def _parity(session: OnnxSession, sequences: Sequence[Sequence[int]], reference: Sequence[Any]) -> dict[str, float]:
    found = session_parity(session, sequences, reference)
    return {
        "positions": found.positions,
        "top1_agreement": found.same_top_token,
        "max_logit_difference": found.max_difference,
        "mean_kl": found.mean_divergence,
    }


def _exact_match(
    session: OnnxSession, tokenizer: Any, task: Task, prompts: Sequence[Sequence[int]], max_new_tokens: int
) -> Score:
    said = continue_greedily(session, prompts, max_new_tokens=max_new_tokens, stop_ids=[tokenizer.eos_token_id])
    answers = [tokenizer.decode(ids, skip_special_tokens=True).strip() for ids in said]
    return exact_match(answers, [example.completion for example in task.test])


def _speed(session: OnnxSession) -> dict[str, float]:
    speed = measure_speed(session)
    return {"prefill_tokens_per_second": speed.prefill, "decode_tokens_per_second": speed.decode}


def _judge(
    variants: Sequence[Variant], measured: Mapping[str, Any], scores: Mapping[str, Any], limits: VerifySettings
) -> dict[str, Any]:
    reference = decide.Reference(
        nll_base=scores["nll"]["base"],
        nll_trained=scores["nll"]["adapted"],
        exact_match=scores["scores"]["adapted"]["exact_match"]["value"],
    )
    candidates = [
        decide.Variant(
            name=variant.name,
            kind=variant.name,
            size_bytes=variant.bytes,
            nll=measured[variant.name]["nll"],
            exact_match=measured[variant.name]["exact_match"]["value"],
        )
        for variant in variants
    ]
    verdict = decide.judge(candidates, reference, limits)
    return {
        "chosen": verdict.ships,
        "variants": {
            name: {
                "passed": all(gate.passed for gate in gates),
                "retention": decide.retention(measured[name]["nll"], reference),
                "gates": [asdict(gate) for gate in gates],
                "reasons": [gate.reason for gate in gates if not gate.passed],
            }
            for name, gates in verdict.gates.items()
        },
    }
