"""Trains the adapter: QLoRA on a frozen NF4 base. Clean. A killed worker loses at most one checkpoint interval.

Before the first step a rehearsal tells what the run will need, and a run that does not fit is refused.
"""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from appliance.base_model.loading import load_tokenizer, pick_device
from appliance.base_model.locating import model_folder
from appliance.core.energy import metered
from appliance.core.errors import InputError
from appliance.core.hashing import write_whole
from appliance.core.reporting import Facts, Reporter
from appliance.core.sections import TrainSettings
from appliance.core.store import Artifact, Draft
from appliance.training.accounting import accountant, budget_for
from appliance.training.adapter import save_adapter
from appliance.training.arithmetic import computing_with, cpu_capability, settle
from appliance.training.canaries import read_canaries
from appliance.training.checkpoints import newest_checkpoint
from appliance.training.examples import tokenize_all
from appliance.training.frozen_base import ADAPTER, BASE, load_for_training
from appliance.training.plan import Execution, TrainPlan, TrainPoint
from appliance.training.planning import forecast, refuse_if_too_big
from appliance.training.qlora import train
from appliance.training.several import train_in_processes
from appliance.training.sweep import sweep
from appliance.training.task import CANARIES, ROWS, Task, read_task
from appliance.training.watching import observe
from quantize.errors import QuantizeError

CURVE = "curve.json"
PRIVACY = "privacy.json"  # with [train.privacy] only: what is guaranteed to whom
SWEEP = "sweep.json"  # in the scratch folder: a run that is taken up again does not search anew
UNIT = "one training example"
MEASURED = ("tokens_per_second", "rss_bytes", "seconds_left", "temperature")  # differ from one attempt to the next


def run(inputs: Mapping[str, Artifact], settings: TrainSettings, draft: Draft, reporter: Reporter) -> Facts:
    """Write the adapter and the learning curve.

    Raises:
        ResourceError: the run does not fit into this machine; says what would.
        InputError: the base does not divide into the blocks of the grid.
    """
    device = pick_device(settings.device)
    arithmetic = settle(settings, draft.scratch)
    settled = {"threads": arithmetic.threads, "dtype": arithmetic.dtype}
    a_pass = {"micro_batch": 1} if settings.privacy else {}  # each example's gradient by itself
    settings = settings.model_copy(update={**settled, **a_pass})
    with computing_with(arithmetic.threads), metered() as meter:
        facts = _trained(inputs, settings, draft, reporter, device=device)
    return {**facts, **asdict(arithmetic), "joules": meter.joules(), "energy": meter.told}


def _trained(
    inputs: Mapping[str, Artifact], settings: TrainSettings, draft: Draft, reporter: Reporter, *, device: str
) -> dict[str, Any]:
    base = model_folder(inputs["intake"])
    model = loaded(base, settings, device)
    plan = _with_best_rate(model, _plan(inputs, read_task(inputs["prepare"]), settings, device), draft, reporter)
    planned = _planned(model, plan, draft.scratch, reporter)

    def report(point: TrainPoint) -> None:
        reporter.trained(asdict(point))
        reporter.say(point.step, point.steps, "steps")

    if settings.processes > 1:
        kind = "cuda" if device.startswith("cuda") else "cpu"
        train_in_processes(base, plan, draft.scratch, report, reporter.should_stop, device=kind)
    outcome = train(model, plan, draft.scratch, report, reporter.should_stop)
    save_adapter(outcome.model, draft.folder / ADAPTER)
    curve = [{key: value for key, value in asdict(point).items() if key not in MEASURED} for point in outcome.curve]
    draft.write_json(CURVE, curve)
    draft.write_json(ROWS, {"trained": [row.id for row in plan.train], "held_out": [row.id for row in plan.valid]})
    draft.write_json(BASE, {"grid": settings.grid})
    private = {PRIVACY: guarantee(plan)} if plan.budget else {}
    for name, told in private.items():
        draft.write_json(name, told)
    seen = observe(outcome.curve, plan.limits)
    for observation in seen:
        reporter.note(f"{observation.kind} at step {observation.step}: {observation.message}", "warning")
    speeds = [point.tokens_per_second for point in outcome.curve]
    return {
        "steps": plan.steps,
        "learning_rate": plan.settings.learning_rate,
        "loss": outcome.curve[-1].loss,
        "valid_loss": next((p.valid_loss for p in reversed(outcome.curve) if p.valid_loss is not None), None),
        "observations": [asdict(observation) for observation in seen],
        "planned": planned,
        "seconds": round(outcome.seconds, 1),
        "processor_seconds": round(outcome.work, 1),
        "tokens_per_second": sum(speeds) / len(speeds),
        "peak_bytes": outcome.peak_rss_bytes,
        "resumed_from": outcome.resumed_from,
        "device": device,
        **({"privacy": private[PRIVACY]} if private else {}),
    }


def guarantee(plan: TrainPlan) -> dict[str, Any]:
    """Return what a training with a budget guarantees, and what that rests on; no secret is in it."""
    assert plan.budget
    assert plan.settings.privacy
    return {
        **asdict(plan.budget),
        "clip_norm": plan.settings.privacy.clip_norm,
        "batch_size": plan.settings.batch_size,
        "examples": len(plan.train),
        # of one and the same example, which is protected so many times less
        "copies": max(Counter((row.tokens, row.labels_from) for row in plan.train).values()),
        "unit": UNIT,
        "accountant": accountant(),
    }


def loaded(base: Path, settings: TrainSettings, device: str) -> Any:
    """Return the frozen base to train on.

    Raises:
        InputError: it does not divide into the blocks of the grid.
    """
    try:
        return load_for_training(base, settings, device)
    except QuantizeError as error:
        message = f"the base model cannot be rounded to {settings.grid}: {error}"
        raise InputError(message, hint='set grid = "nf4" in [train], or take another base model') from error


def _plan(inputs: Mapping[str, Artifact], task: Task, settings: TrainSettings, device: str) -> TrainPlan:
    tokenizer = load_tokenizer(model_folder(inputs["intake"]))
    rows = tokenize_all(task.train, tokenizer, task.instruction, task.max_tokens).rows
    copies = (copy for canary in read_canaries(inputs["prepare"].folder / CANARIES) for copy in canary.copies())
    planted = tokenize_all(copies, tokenizer, task.instruction, task.max_tokens).rows
    # the last ones: the order of the examples says nothing about them, and the most are left to learn from
    # a checkpoint of another device is not taken up
    base = f"{inputs['intake'].digest} on {device}, {cpu_capability()}"
    held = min(settings.valid_examples, len(rows) // 10 + 1)
    execution = Execution(settings.packing, settings.gradient_checkpointing, settings.processes)
    plan = TrainPlan((*rows[:-held], *planted), rows[-held:], settings, settings.seed, base, execution)
    if settings.privacy is None:
        return plan
    return replace(plan, budget=budget_for(settings.privacy, len(plan.train), settings.batch_size, plan.steps))


def _with_best_rate(model: Any, plan: TrainPlan, draft: Draft, reporter: Reporter) -> TrainPlan:
    """Search for the learning rate where the settings ask for it, once."""
    if not plan.settings.sweep:
        return plan
    file = draft.scratch / SWEEP
    if not file.exists():
        found = sweep(model, plan, plan.settings.sweep, steps=plan.settings.sweep_steps)
        for trial in found.trials:
            told = f"held-out loss {trial.loss:.3f} [{trial.low:.3f}, {trial.high:.3f}]"
            reporter.note(f"learning rate {trial.learning_rate:g}: {told} on {len(trial.row_losses)} examples")
        write_whole(file, json.dumps(found.chosen).encode())
    chosen = float(json.loads(file.read_text(encoding="utf-8")))
    reporter.note(f"learning rate {chosen:g} is taken")
    return replace(plan, settings=plan.settings.model_copy(update={"learning_rate": chosen}))


def _planned(model: Any, plan: TrainPlan, scratch: Path, reporter: Reporter) -> dict[str, Any]:
    """Tell what the run will need, unless it is taken up again: then it fitted before."""
    if newest_checkpoint(scratch / plan.fingerprint()[:16]) is not None:
        return {}
    told = forecast(model, plan, scratch)
    refuse_if_too_big(told)
    taking = told.duration
    reporter.note(
        f"planned: {told.memory_bytes / 1e9:.1f} of {told.memory_limit_bytes / 1e9:.1f} GB memory, "
        f"{taking.seconds:.0f} s ({taking.low:.0f} to {taking.high:.0f} at the load of now), "
        f"{told.disk_bytes / 1e9:.2f} GB of disk"
    )
    seconds = {"seconds": round(taking.seconds, 1), "processor_seconds": round(taking.work, 1)}
    return {"memory_bytes": told.memory_bytes, **seconds, "disk_bytes": told.disk_bytes}
