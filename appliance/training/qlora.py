"""The training loop: a frozen base, low-rank adapters, and a run that can be stopped and taken up at any step.

On a CPU a resumed run gives the same bits as one that was never stopped, with the same number of threads: dropout is
drawn anew in each step from (seed, step), batches follow from (seed, epoch), and the optimizer's state is kept.
"""

import math
import random
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from appliance.base_model.chat import TokenRow
from appliance.base_model.likelihood import Loss, full_nll, labelled_nll, packed_nll, set_recomputing
from appliance.core.errors import GateRefused, InputError, Interrupted
from appliance.training.accumulating import accumulate, labelled_tokens
from appliance.training.adapter import add_adapter, trainable
from appliance.training.batches import steps_per_epoch
from appliance.training.checkpoints import Checkpoint, keep_only, newest_checkpoint, save_checkpoint
from appliance.training.hardware import host_peak_bytes, peak_bytes, reset_peak, rss_bytes, temperature
from appliance.training.pace import Pace, measured_steps
from appliance.training.plan import TrainPlan, TrainPoint
from appliance.training.private_steps import PrivateSteps
from appliance.training.processes import ALONE, Group
from appliance.training.watching import divergence, exploding_steps, good_steps

HEAD_TOLERANCE = 1e-2  # nats a token; bfloat16 rounding stays below, a head that scales or caps its logits does not


@dataclass(frozen=True, slots=True)
class TrainOutcome:
    """A trained adapter on its base, and how it came about."""

    model: Any  # the PEFT model, in eval mode
    curve: tuple[TrainPoint, ...]  # of all steps, those before an interruption too
    resumed_from: int  # steps that an earlier process had done
    seconds: float  # of this process, by the clock
    work: float  # seconds of the processors
    peak_rss_bytes: int  # of the host, during the training
    peak_bytes: int  # of the device; the same on a CPU


def train(  # noqa: PLR0913 - two by keyword, with defaults
    model: Any,
    plan: TrainPlan,
    scratch: Path,
    report: Callable[[TrainPoint], None],
    should_stop: Callable[[], bool],
    *,
    group: Group = ALONE,
    loss: Loss | None = None,
) -> TrainOutcome:
    """Train adapters on a frozen base; take up the newest checkpoint of the same plan under `scratch`.

    Args:
        model: the base, from `load_nf4` or as floats; it gets adapters in place.
        plan: examples, settings and seed.
        scratch: folder for checkpoints, kept between attempts.
        report: called after every step.
        should_stop: asked after every step; when it says so a checkpoint is written first.
        group: the processes that train together; only the first one reports and writes.
        loss: what is learnt from, a function of model and rows alone; None is the likelihood of the labels, which the
            held-out loss always is.

    Raises:
        Interrupted: `should_stop` said so; the checkpoint is on disk.
        GateRefused: the loss explodes, or it or the gradient is no finite number any more; the newest checkpoint is
            then the last one whose weights still had a sound loss, and there is none where none had.
        InputError: the model's output head is not a plain matrix, or it does not keep packed rows apart.
    """
    loop = _Loop(model, plan, scratch / plan.fingerprint()[:16], group, loss)
    reset_peak(loop.device.type)
    resumed_from = loop.resume()
    if not resumed_from:
        _check_head(loop.model, min(plan.train, key=lambda row: len(row.tokens)))
        if plan.execution.packing:
            _check_packing(loop.model, sorted(plan.train, key=lambda row: len(row.tokens))[:2])
    began, worked = time.monotonic(), time.process_time()
    while loop.step < plan.steps:
        point = loop.advance()
        if group.is_first:
            report(point)
        loop.refuse_divergence()
        stopping = group.any(flag=should_stop(), device=loop.device) and loop.step < plan.steps
        if stopping or loop.is_worth_saving():
            loop.save()
        if stopping:
            raise Interrupted(f"stopped after step {loop.step} of {plan.steps}", hint="start again to go on from there")
    return TrainOutcome(
        loop.model.eval(),
        tuple(loop.curve),
        resumed_from,
        time.monotonic() - began,
        time.process_time() - worked,
        host_peak_bytes(),
        peak_bytes(loop.device.type),
    )


class _Loop:
    """The state of a run: adapters, optimizer, the number of steps done and the curve so far."""

    def __init__(self, model: Any, plan: TrainPlan, folder: Path, group: Group, loss: Loss | None) -> None:
        self.plan = plan
        self.loss = loss
        self.folder = folder
        self.group = group
        self.device: torch.device = model.get_input_embeddings().weight.device
        set_recomputing(model, wanted=plan.execution.gradient_checkpointing)
        self.model = add_adapter(model, plan.settings, plan.seed)
        self.parameters = trainable(self.model)
        self.optimizer = torch.optim.AdamW(list(self.parameters.values()), weight_decay=0.0, fused=True)
        self.private = PrivateSteps(plan) if plan.budget else None
        self.step = 0
        self.micro_batch = plan.settings.micro_batch or plan.settings.batch_size
        self.curve: list[TrainPoint] = []
        self.pace = Pace(plan)
        self.measured = frozenset(measured_steps(plan))

    def advance(self) -> TrainPoint:
        """Do one step and return what is known after it."""
        began = time.monotonic()
        rows = self.private.rows(self.step) if self.private else self.plan.batch(self.step)
        rate = self.plan.learning_rate(self.step)
        loss, norm = self._learn(rows, rate)
        if not (math.isfinite(loss) and math.isfinite(norm)):
            raise self._refusal(f"diverged in step {self.step + 1} of {self.plan.steps}: no finite loss or gradient")
        self.step += 1
        seconds = time.monotonic() - began
        self.pace.learnt(self.step, seconds)
        valid_loss = self._valid_loss() if self.step in self.measured else None
        self.curve.append(
            TrainPoint(
                step=self.step,
                steps=self.plan.steps,
                epoch=self.step / steps_per_epoch(len(self.plan.train), self.plan.settings.batch_size),
                loss=loss,
                valid_loss=valid_loss,
                learning_rate=rate,
                gradient_norm=norm,
                weight_norm=_norm(self.parameters.values()),
                tokens_per_second=sum(len(row.tokens) for row in rows) / seconds,
                rss_bytes=rss_bytes(),
                seconds_left=self.pace.seconds_left(self.step),
                temperature=temperature(self.device.type),
            )
        )
        return self.curve[-1]

    def refuse_divergence(self) -> None:
        """Stop a run whose loss has exploded and does not come back.

        Raises:
            GateRefused: it has.
        """
        if seen := divergence(self.curve, self.plan.limits):
            raise self._refusal(f"diverged by step {seen.step} of {self.plan.steps}: {seen.message}")

    def is_worth_saving(self) -> bool:
        """Say whether a checkpoint is due; until a loss that was far off is calm, none pushes the last good one out."""
        if self.step == self.plan.steps:
            return True
        recent = {point.step for point in self.curve[-1 - self.plan.limits.explosion_steps : -1]}
        calm = recent <= good_steps(self.curve, self.plan.limits)
        due = self.step % self.plan.settings.checkpoint_every == 0
        return due and calm and not exploding_steps(self.curve, self.plan.limits)

    def _refusal(self, what: str) -> GateRefused:
        """Return the refusal; of the checkpoints those remain whose weights still had a sound loss."""
        if self.group.is_first:
            keep_only(self.folder, good_steps(self.curve, self.plan.limits))
        good = newest_checkpoint(self.folder)
        kept = f"the last good checkpoint is of step {good.step}" if good else "no checkpoint was good"
        return GateRefused(f"training {what}; {kept}", hint="lower learning_rate in [train]")

    def save(self) -> None:
        """Write a checkpoint; one process of a group does."""
        if not self.group.is_first:
            return
        began = time.monotonic()
        save_checkpoint(
            self.folder,
            Checkpoint(
                self.step, self._tensors(), {"curve": [*map(asdict, self.curve)], "micro_batch": self.micro_batch}
            ),
        )
        self.pace.saved(time.monotonic() - began)

    def resume(self) -> int:
        """Take up the newest checkpoint; return the number of steps it holds, 0 when there is none."""
        checkpoint = newest_checkpoint(self.folder)
        if checkpoint is None:
            return 0
        self.step = checkpoint.step
        self.curve = [TrainPoint(**point) for point in checkpoint.facts["curve"]]
        self.micro_batch = int(checkpoint.facts["micro_batch"])
        self._restore(checkpoint.tensors)
        return self.step

    def _learn(self, rows: list[TokenRow], rate: float) -> tuple[float, float]:
        torch.manual_seed(_dropout_seed(self.plan.seed, self.step, self.group.rank))
        self.model.train()
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        loss, norm = self._private_gradient(rows, self.private) if self.private else self._gradient(rows)
        if math.isfinite(loss) and math.isfinite(norm):
            self.optimizer.step()
        return loss, norm

    def _gradient(self, rows: list[TokenRow]) -> tuple[float, float]:
        loss, self.micro_batch = accumulate(
            self.model,
            self.group.share(rows),
            self.optimizer,
            self.micro_batch,
            packing=self.plan.execution.packing,
            labelled=labelled_tokens(rows),
            loss=self.loss,
        )
        loss = self.group.add_gradients(self.parameters.values(), loss)
        norm = torch.nn.utils.clip_grad_norm_(self.parameters.values(), self.plan.settings.clip_norm)
        return loss, norm.item()

    def _private_gradient(self, rows: list[TokenRow], private: PrivateSteps) -> tuple[float, float]:
        """A step that drew no row is noise alone, and its loss is told as that of the step before."""
        nats = private.clip(self.model, self.parameters, self.group.share(rows))
        nats = self.group.add_gradients(self.parameters.values(), nats)
        norm = private.add_noise(self.parameters, self.step)
        if rows:
            return nats / labelled_tokens(rows), norm
        return (self.curve[-1].loss if self.curve else 0.0), norm

    def _valid_loss(self) -> float:
        began = time.monotonic()
        self.model.eval()
        nats, tokens = 0.0, 0
        size, rows = self.plan.settings.batch_size, self.group.share(self.plan.valid)
        with torch.no_grad():
            for start in range(0, len(rows), size):
                part, count = labelled_nll(self.model, rows[start : start + size])
                nats, tokens = nats + float(part), tokens + count
        nats, all_tokens = self.group.add([nats, tokens], self.device)
        self.pace.evaluated(time.monotonic() - began)
        return nats / all_tokens

    def _tensors(self) -> dict[str, torch.Tensor]:
        tensors = {f"weight:{name}": value for name, value in self.parameters.items()}
        for name, value in self.parameters.items():
            tensors |= {f"{key}:{name}": self.optimizer.state[value][key] for key in _ADAM}
        return {name: value.detach() for name, value in tensors.items()}

    def _restore(self, tensors: Mapping[str, torch.Tensor]) -> None:
        for name, value in self.parameters.items():
            with torch.no_grad():
                value.copy_(tensors[f"weight:{name}"])
            self.optimizer.state[value] = {key: tensors[f"{key}:{name}"].to(value.device) for key in _ADAM}


_ADAM = ("step", "exp_avg", "exp_avg_sq")


def _check_head(model: Any, row: TokenRow) -> None:
    model.eval()
    with torch.no_grad():
        nats, tokens = labelled_nll(model, [row])
    if abs(float(nats) - full_nll(model, row)) / tokens > HEAD_TOLERANCE:
        raise InputError(
            "the base model changes its logits after the output head, which this training loop does not follow",
            hint="take a base model without scaled or capped logits",
        )


def _check_packing(model: Any, rows: Sequence[TokenRow]) -> None:
    model.eval()
    with torch.no_grad():
        together, tokens = packed_nll(model, rows)
    if abs(float(together) - sum(full_nll(model, row) for row in rows)) / tokens > HEAD_TOLERANCE:
        raise InputError(
            "the base model does not keep packed examples apart: one would see the other",
            hint="set packing = false in [train]",
        )


def _norm(values: Iterable[torch.Tensor]) -> float:
    with torch.no_grad():
        return float(torch.nn.utils.get_total_norm([value.detach() for value in values]))


def _dropout_seed(seed: int, step: int, rank: int) -> int:
    told = f"dropout:{seed}:{step}" + (f":{rank}" if rank else "")  # processes that read other rows draw other masks
    return random.Random(told).getrandbits(63)  # noqa: S311 - no secret
