"""Trains the adapter: QLoRA on a frozen NF4 base. Clean. A killed worker loses at most one checkpoint interval."""

from collections.abc import Mapping
from dataclasses import asdict

from appliance.base_model.loading import load_dequantised, load_nf4, load_tokenizer, pick_device
from appliance.core.reporting import Facts, Reporter
from appliance.core.sections import TrainSettings
from appliance.core.store import Artifact, Draft
from appliance.stages.intake import model_folder
from appliance.stages.prepare import Task, read_task
from appliance.training.adapter import save_adapter
from appliance.training.examples import tokenize_all
from appliance.training.plan import TrainPlan, TrainPoint
from appliance.training.qlora import train

ADAPTER, CURVE = "adapter", "curve.json"
MEASURED = ("tokens_per_second", "rss_bytes", "seconds_left")  # differ from one attempt to the next


def run(inputs: Mapping[str, Artifact], settings: TrainSettings, draft: Draft, reporter: Reporter) -> Facts:
    """Write the adapter and the learning curve."""
    base = model_folder(inputs["intake"])
    device = pick_device(settings.device)
    plan = _plan(inputs, read_task(inputs["prepare"]), settings, device)

    def report(point: TrainPoint) -> None:
        reporter.trained(asdict(point))
        reporter.say(point.step, point.steps, "steps")

    # on a CPU the 4-bit weights are unpacked once: the same function, without unpacking them in every pass
    model = load_nf4(base, device) if device.startswith("cuda") else load_dequantised(base)
    outcome = train(model, plan, draft.scratch, report, reporter.should_stop)
    save_adapter(outcome.model, draft.folder / ADAPTER)
    curve = [{key: value for key, value in asdict(point).items() if key not in MEASURED} for point in outcome.curve]
    draft.write_json(CURVE, curve)
    speeds = [point.tokens_per_second for point in outcome.curve]
    return {
        "steps": plan.steps,
        "loss": outcome.curve[-1].loss,
        "valid_loss": next((p.valid_loss for p in reversed(outcome.curve) if p.valid_loss is not None), None),
        "seconds": round(outcome.seconds, 1),
        "tokens_per_second": sum(speeds) / len(speeds),
        "peak_bytes": outcome.peak_rss_bytes,
        "resumed_from": outcome.resumed_from,
        "device": device,
    }


def _plan(inputs: Mapping[str, Artifact], task: Task, settings: TrainSettings, device: str) -> TrainPlan:
    tokenizer = load_tokenizer(model_folder(inputs["intake"]))
    rows = tokenize_all(task.train, tokenizer, task.instruction, task.max_tokens).rows
    # the last ones: the order of the examples says nothing about them, and the most are left to learn from
    base = f"{inputs['intake'].digest} on {device}"  # a checkpoint of another device is not taken up
    held = min(settings.valid_examples, len(rows) // 10 + 1)
    return TrainPlan(rows[:-held], rows[-held:], settings, settings.seed, base)
