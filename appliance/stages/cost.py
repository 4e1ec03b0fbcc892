"""Measures what a request to the chosen variant costs on this machine, where a business case is stated. Clean.

What a clock and a counter say differs from one attempt to the next: this is the one step whose sealed file holds such
figures. No verdict follows from it, the report's business case alone does; without one it measures nothing.
"""

from collections.abc import Mapping
from typing import Any

from appliance.base_model.loading import load_tokenizer
from appliance.base_model.locating import model_folder
from appliance.core.hardware import usable_cores
from appliance.core.purpose import CostSettings
from appliance.core.reporting import Facts, Reporter
from appliance.core.store import Artifact, Draft
from appliance.serve.costing import measure_requests, plain, read_cost
from appliance.stages import evaluate, verify
from appliance.stages.export import variants_of
from appliance.training.examples import tokenize_all
from appliance.training.task import read_task
from quantize.decoding import continue_greedily
from quantize.onnx_session import OnnxSession

COST = "cost.json"


def run(inputs: Mapping[str, Artifact], settings: CostSettings, draft: Draft, reporter: Reporter) -> Facts:
    """Write the cost of requests and of the training, or that nobody asked for it.

    Raises:
        InputError: the file that was measured on the target is something else.
    """
    chosen = inputs["verify"].read_json(verify.VERDICT)["chosen"]
    facts: dict[str, Any] = {"asked": settings.wanted, "on": None, "requests": None, "training": None}
    if settings.wanted:
        facts["training"] = _training(inputs["train"].facts)
        if settings.measured is not None:
            facts["on"] = "target"
            facts["requests"] = plain(read_cost(settings.measured.read_text(encoding="utf-8"), str(settings.measured)))
        elif chosen is not None:
            facts["on"] = "studio"
            facts["requests"] = _requests(inputs, chosen, settings, reporter)
    draft.write_json(COST, facts)
    return facts


def _training(train: Mapping[str, Any]) -> dict[str, Any]:
    """Return the seconds and joules of the whole training; what was taken up again knows its last part only."""
    is_whole = not train.get("resumed_from")
    energy = train.get("energy", "no counter") if is_whole else "taken up again"
    return {
        "seconds": train["seconds"] if is_whole else None,
        "joules": train.get("joules") if is_whole else None,
        "energy": energy,
    }


def _requests(
    inputs: Mapping[str, Artifact], chosen: str, settings: CostSettings, reporter: Reporter
) -> Mapping[str, Any]:
    """Answer held-out prompts one by one, as the factory would be asked."""
    task, tokenizer = read_task(inputs["prepare"]), load_tokenizer(model_folder(inputs["intake"]))
    variant = next(each for each in variants_of(inputs["export"]) if each.name == chosen)
    session = OnnxSession(variant.folder, threads=usable_cores())
    limit = inputs["evaluate"].read_json(evaluate.GENERATION)["max_new_tokens"]
    rows = tokenize_all(task.test[: settings.requests], tokenizer, task.instruction, task.max_tokens).rows
    prompts = {str(place): row.tokens[: row.labels_from] for place, row in enumerate(rows)}
    reporter.note(f"{len(prompts)} requests to {chosen}, one after the other")

    def answer(place: str) -> object:
        stop_ids = [tokenizer.eos_token_id]
        return continue_greedily(session, [prompts[place]], max_new_tokens=limit, stop_ids=stop_ids)

    return plain(measure_requests(answer, list(prompts), chosen))
