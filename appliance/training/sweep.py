"""A short search for the learning rate: each rate takes the same few steps from the same start.

A learning rate well chosen is worth more than a variant of LoRA (arXiv 2602.04998). Rates are compared on the same
held-out rows, so their difference is taken row by row; among rates that cannot be told apart the lowest is taken (the
rule of one standard error, Breiman et al. 1984), since a short run flatters high rates.
"""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import torch

from appliance.base_model.chat import TokenRow
from appliance.base_model.likelihood import labelled_nll, set_recomputing
from appliance.core.errors import SettingsError
from appliance.training.accumulating import accumulate
from appliance.training.adapter import throw_away_adapter, trainable
from appliance.training.plan import TrainPlan

Z = 1.959963985  # of a two-sided 95 % interval


@dataclass(frozen=True, slots=True)
class Trial:
    """What a learning rate reached on the held-out rows."""

    learning_rate: float
    loss: float  # mean of the rows' losses, nats a labelled token; infinite where it diverged
    low: float  # 95 % interval of the mean
    high: float
    row_losses: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Sweep:
    """All trials, in the order of their rates, and the rate that is to be taken."""

    trials: tuple[Trial, ...]
    chosen: float


def rate_grid(lowest: float, highest: float, count: int) -> tuple[float, ...]:
    """Return learning rates in equal ratios.

    Raises:
        SettingsError: the limits are no such grid.
    """
    if not (0 < lowest < highest and count > 1):
        raise SettingsError("a sweep needs 0 < lowest < highest rate and at least two rates")
    return tuple(lowest * (highest / lowest) ** (number / (count - 1)) for number in range(count))


def sweep(
    model: Any, plan: TrainPlan, rates: Sequence[float], *, steps: int = 20, rule: Literal["best", "1se"] = "1se"
) -> Sweep:
    """Try each rate for a few steps and return what it reached; the base is left as it was.

    Args:
        model: the base, as `train` gets it.
        plan: its examples, batches and seed; each trial is a whole short schedule of its first `steps` steps.
        rates: learning rates to try.
        steps: steps of a trial.
        rule: how the rate is chosen among the trials.

    Raises:
        SettingsError: no rows are held out, or all rates diverge.
    """
    if len(plan.valid) < 2:
        raise SettingsError("a sweep needs at least two held-out examples", hint="set valid_examples in [train]")
    set_recomputing(model, wanted=plan.execution.gradient_checkpointing)
    with throw_away_adapter(model, plan.settings, plan.seed) as adapted:
        start = {name: value.detach().clone() for name, value in trainable(adapted).items()}
        trials = tuple(_trial(adapted, plan, start, rate, min(steps, plan.steps)) for rate in sorted(rates))
    set_recomputing(model, wanted=False)
    return Sweep(trials, choose(trials, rule))


def choose(trials: Sequence[Trial], rule: Literal["best", "1se"]) -> float:
    """Return the rate of the lowest loss, or the lowest rate that is within one standard error of it.

    Raises:
        SettingsError: all rates diverge.
    """
    best = min(trials, key=lambda trial: trial.loss)
    if not math.isfinite(best.loss):
        raise SettingsError("every learning rate of the sweep diverges", hint="sweep over lower rates")
    if rule == "best":
        return best.learning_rate
    return min(trial.learning_rate for trial in trials if _is_as_good(trial, best))


def _is_as_good(trial: Trial, best: Trial) -> bool:
    if not math.isfinite(trial.loss):
        return False
    worse_by = [one - other for one, other in zip(trial.row_losses, best.row_losses, strict=True)]
    return statistics.mean(worse_by) <= _standard_error(worse_by)


def _trial(model: Any, plan: TrainPlan, start: dict[str, torch.Tensor], rate: float, steps: int) -> Trial:
    parameters = trainable(model)
    with torch.no_grad():
        for name, value in parameters.items():
            value.copy_(start[name])
    settings = plan.settings.model_copy(update={"learning_rate": rate})
    short = replace(plan, settings=settings)
    optimizer = torch.optim.AdamW(list(parameters.values()), weight_decay=0.0, fused=True)
    model.train()
    for step in range(steps):
        torch.manual_seed(plan.seed + step)
        optimizer.param_groups[0]["lr"] = short.learning_rate(step * plan.steps // steps)
        loss, _ = accumulate(
            model,
            plan.batch(step),
            optimizer,
            settings.micro_batch or settings.batch_size,
            packing=plan.execution.packing,
        )
        norm = torch.nn.utils.clip_grad_norm_(parameters.values(), settings.clip_norm)
        if not (math.isfinite(loss) and bool(torch.isfinite(norm))):
            return Trial(rate, math.inf, math.inf, math.inf, ())
        optimizer.step()
    return _measured(rate, _row_losses(model, plan.valid))


def _row_losses(model: Any, rows: Sequence[TokenRow]) -> tuple[float, ...]:
    model.eval()
    with torch.no_grad():
        pairs = [labelled_nll(model, [row]) for row in rows]
    return tuple(float(nats) / tokens for nats, tokens in pairs)


def _measured(rate: float, losses: tuple[float, ...]) -> Trial:
    if not all(map(math.isfinite, losses)):
        return Trial(rate, math.inf, math.inf, math.inf, ())
    mean, half = statistics.mean(losses), Z * _standard_error(losses)
    return Trial(rate, mean, mean - half, mean + half, losses)


def _standard_error(values: Sequence[float]) -> float:
    return statistics.stdev(values) / math.sqrt(len(values))
