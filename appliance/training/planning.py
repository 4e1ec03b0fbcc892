"""What a run will need before it starts: memory, time and disk, measured in a rehearsal on its longest batch.

A rehearsal takes a few real steps on an adapter that is thrown away, so it changes no bit of the run. It begins with
one row of the longest batch and works upwards: a run that is too big is refused before its memory is asked for.

On a CPU a run is told in seconds of the processor, which other programs hardly change, times what one of them took by
the clock: over the rehearsal, and in the steps that the load slowed least and most. The run corrects what is left of it
from its own first steps on (`pace`).

Covers: the peak of a step, the optimizer's state, checkpoints on disk.
Does not cover: memory and processors that other programs take later; a batch that is slower than its tokens tell.
"""

import math
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch

from appliance.base_model.chat import TokenRow
from appliance.base_model.likelihood import Loss, labelled_nll, set_recomputing
from appliance.core.errors import ResourceError
from appliance.training.accumulating import accumulate
from appliance.training.adapter import throw_away_adapter, trainable
from appliance.training.checkpoints import KEEP, Checkpoint, save_checkpoint
from appliance.training.hardware import free_bytes, peak_bytes, reset_peak, used_bytes
from appliance.training.pace import (
    Duration,
    Timed,
    computed_tokens,
    lasting,
    measured_steps,
    passes,
    shares,
    step_tokens,
)
from appliance.training.plan import TrainPlan
from appliance.training.remedies import Consumption, Remedy, needed_bytes, remedies

SPARE = 0.95  # of the free memory: the rest is left to the system
COPIES = 3  # in a checkpoint: weights and Adam's two averages, in float32
TIMED_BATCHES = 3  # between the shortest and the longest: seconds follow tokens nearly on a line
TIMED_ROUNDS = 4  # at most, over these batches
REHEARSED_SHARE = 0.1  # of the run's seconds: a short run is not rehearsed for longer than it gains


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a run will need, and what there is."""

    memory_bytes: int  # peak on the device, the loaded base included: that of every process, and of the one that starts
    memory_limit_bytes: int
    duration: Duration
    disk_bytes: int
    disk_free_bytes: int
    longest_tokens: int  # of a pass of the longest batch
    rehearsed: bool  # False: too big to be tried; the memory follows from a single row
    remedies: tuple[Remedy, ...]  # what would fit, where the memory is too small


def forecast(
    model: Any, plan: TrainPlan, scratch: Path, *, memory_limit: int | None = None, loss: Loss | None = None
) -> Forecast:
    """Rehearse the longest batch of a run and return what the whole run will need.

    Args:
        model: the base, as `train` gets it; it is left as it was.
        plan: what will be trained.
        scratch: the folder that will hold the checkpoints.
        memory_limit: bytes the process may hold on the device; None asks the machine.
        loss: as `train` gets it.
    """
    device = model.get_input_embeddings().weight.device.type
    limit = memory_limit or used_bytes(device) + int(SPARE * free_bytes(device))
    several = _Several.of(plan, device)
    each = several.limit(limit)
    set_recomputing(model, wanted=plan.execution.gradient_checkpointing)
    disk_free = shutil.disk_usage(_existing(scratch)).free
    with throw_away_adapter(model, plan.settings, plan.seed) as adapted:
        rehearsal = _Rehearsal(adapted, plan, device, loss)
        steps = shares(plan)
        longest = max(steps, key=rehearsal.tokens)
        fixed, slope = rehearsal.line(longest, each)
        tokens = rehearsal.pass_tokens(longest)
        memory = needed_bytes(fixed, slope, tokens)
        fits = memory <= each
        if fits:
            memory = rehearsal.whole(longest, steps)
        duration = rehearsal.duration(steps).times(several.slower)
        if fits:
            duration = duration.times(1, rehearsal.saving(_existing(scratch)))
        weights = sum(value.numel() for value in rehearsal.parameters)
        found: tuple[Remedy, ...] = ()
        if memory > each:
            recomputed = _recomputing_slope(rehearsal, longest, each)
            found = remedies(plan, longest, Consumption(fixed, slope, recomputed, weights), each)
            found = tuple(replace(remedy, bytes=several.total(remedy.bytes)) for remedy in found)
    set_recomputing(model, wanted=False)
    disk = (KEEP + 1) * COPIES * 4 * weights + 4 * weights  # a draft stands beside those that are kept
    return Forecast(several.total(memory), limit, duration, disk, disk_free, tokens, fits, found)


@dataclass(frozen=True, slots=True)
class _Several:
    """The processes that hold a base of their own on one device, beside that of the process that starts them."""

    number: int  # 0: the training goes on in this process
    held: int  # bytes of this process
    slower: int  # processes that share the processors of this machine

    @classmethod
    def of(cls, plan: TrainPlan, device: str) -> "_Several":
        """Return those of a plan: on CPUs all are on one device, of GPUs each has its own, the first one this base."""
        processes = plan.execution.processes
        if processes == 1:
            return cls(0, 0, 1)
        return cls(processes, used_bytes(device), processes) if device == "cpu" else cls(1, used_bytes(device), 1)

    def limit(self, total: int) -> int:
        """Return the bytes that one process may hold."""
        return (total - self.held) // self.number if self.number else total

    def total(self, each: int) -> int:
        """Return the bytes on the device where each process holds so many."""
        return self.held + self.number * each if self.number else each


def refuse_if_too_big(told: Forecast) -> None:
    """Refuse a run that would die later.

    Raises:
        ResourceError: memory or disk is too small; the hint names the settings that would fit.
    """
    if told.memory_bytes > told.memory_limit_bytes:
        needs = f"{told.memory_bytes / 1e9:.2f} GB of memory are needed and {told.memory_limit_bytes / 1e9:.2f} GB"
        fitting = "; or ".join(f"{each.setting} = {each.value} ({each.bytes / 1e9:.2f} GB)" for each in told.remedies)
        hint = f"set {fitting}" if fitting else "no single setting is enough: take a smaller base or more memory"
        raise ResourceError(f"training does not fit: {needs} are there", hint=hint)
    if told.disk_bytes > told.disk_free_bytes:
        needs = f"{told.disk_bytes / 1e9:.2f} GB of disk are needed and {told.disk_free_bytes / 1e9:.2f} GB are free"
        raise ResourceError(f"checkpoints do not fit: {needs}", hint="free disk space, or set a lower rank in [train]")


class _Rehearsal:
    """Real steps on an adapter that is thrown away, with their memory and time."""

    def __init__(self, model: Any, plan: TrainPlan, device: str, loss: Loss | None) -> None:
        self.model, self.plan, self.device, self.loss = model, plan, device, loss
        self.parameters = list(trainable(model).values())
        self.optimizer = torch.optim.AdamW(self.parameters, lr=0.0, weight_decay=0.0, fused=True)
        self.timed: list[Timed] = []
        self.evaluating = 0.0  # work of one evaluation; 0 where a run that is too big is not tried

    def _micro_batch(self) -> int:
        return self.plan.settings.micro_batch or self.plan.settings.batch_size

    def pass_tokens(self, rows: Sequence[TokenRow]) -> int:
        """Return the tokens, padding included, of the longest pass of a step."""
        return max(computed_tokens(part, self.plan.execution) for part in passes(rows, self.plan))

    def tokens(self, rows: Sequence[TokenRow]) -> int:
        """Return the tokens, padding included, that a step computes."""
        return step_tokens(rows, self.plan)

    def line(self, rows: Sequence[TokenRow], limit: float = math.inf) -> tuple[int, float]:
        """Return the memory held beside a pass and the bytes a token, from steps on more and more of the longest rows.

        It begins with one row, and goes up to half of a pass as long as the next step is known to fit into `limit`.
        """
        ordered = sorted(rows, key=lambda row: -len(row.tokens))[: self._micro_batch()]
        self.step(ordered[:1])  # the optimizer's state and the libraries' buffers are made here, once
        held, slope, before = used_bytes(self.device), 1.0, (0, 0)
        count = 1
        while count == 1 or count <= len(ordered) // 2:
            tokens = computed_tokens(ordered[:count], self.plan.execution)
            if count > 1 and needed_bytes(held, slope, tokens) > limit:
                break
            peak = self.step(ordered[:count])
            # of a tiny model nothing shows: its activations fit into what is held; then the slope stays 1
            slope = max(slope, (peak - held) / tokens)
            if before[0] and tokens > before[0]:
                slope = max(slope, (peak - before[1]) / (tokens - before[0]))
            before, count = (tokens, peak), count * 2
        return held, slope

    def whole(self, longest: Sequence[TokenRow], steps: Sequence[Sequence[TokenRow]]) -> int:
        """Return the peak of two steps on the longest batch; time steps from the shortest to the longest."""
        began = time.monotonic()
        self.step(longest)
        self.timed.clear()  # that one made buffers, and took longer
        peak = self.step(longest)
        self.evaluating = self._evaluation()
        ordered = sorted(steps, key=self.tokens)
        for _ in range(TIMED_ROUNDS):
            for place in range(TIMED_BATCHES):
                self.step(ordered[place * (len(ordered) - 1) // max(1, TIMED_BATCHES)])
            if time.monotonic() - began > REHEARSED_SHARE * self.duration(steps).seconds:
                break
        return peak

    def duration(self, steps: Sequence[Sequence[TokenRow]]) -> Duration:
        """Return what the whole run will take, from the steps that were timed."""
        evaluations = self.evaluating * len(measured_steps(self.plan))
        return lasting(self.timed, [self.tokens(rows) for rows in steps], evaluations)

    def step(self, rows: Sequence[TokenRow]) -> int:
        """Take one step; note its seconds and return its peak of memory."""
        reset_peak(self.device)
        clock = self._clock()
        self.model.train()
        try:
            packing, loss = self.plan.execution.packing, self.loss
            accumulate(self.model, rows, self.optimizer, self._micro_batch(), packing=packing, loss=loss)
        except MemoryError as error:
            longest = max(len(row.tokens) for row in rows)
            raise ResourceError(
                f"training does not fit: memory ran out on a single row of {longest} tokens",
                hint="set gradient_checkpointing = true or a smaller max_tokens, or take a smaller base",
            ) from error
        torch.nn.utils.clip_grad_norm_(self.parameters, self.plan.settings.clip_norm)
        self.optimizer.step()
        self.timed.append(Timed(self.tokens(rows), *self._since(clock)))
        return peak_bytes(self.device)

    def _clock(self) -> tuple[float, float]:
        """Return the seconds of the wall's clock and of the work; on a GPU the processor only waits."""
        if self.device == "cuda":
            torch.cuda.synchronize()
        wall = time.monotonic()
        return wall, wall if self.device == "cuda" else time.process_time()

    def _since(self, clock: tuple[float, float]) -> tuple[float, float]:
        wall, work = (now - then for now, then in zip(self._clock(), clock, strict=True))
        return wall, max(work, 1e-6)  # a clock that ticks slowly

    def saving(self, folder: Path) -> float:
        """Return the seconds that the checkpoints of the run take, from one that is written and removed."""
        tensors = {f"{number}:{copy}": value for number, value in enumerate(self.parameters) for copy in range(COPIES)}
        with TemporaryDirectory(dir=folder, prefix="rehearsal-") as place:
            began = time.monotonic()
            save_checkpoint(Path(place), Checkpoint(0, {name: value.clone() for name, value in tensors.items()}, {}))
            once = time.monotonic() - began
        return once * math.ceil(self.plan.steps / self.plan.settings.checkpoint_every)

    def _evaluation(self) -> float:
        """Return the work of one evaluation, from one part of the held-out rows."""
        valid = self.plan.valid[:: self.plan.execution.processes]
        if not valid:
            return 0.0
        part = valid[: self.plan.settings.batch_size]
        self.model.eval()
        clock = self._clock()
        with torch.no_grad():
            labelled_nll(self.model, part)
        return self._since(clock)[1] * len(valid) / len(part)


def _recomputing_slope(rehearsal: _Rehearsal, longest: Sequence[TokenRow], limit: int) -> float:
    """Return the bytes a token with gradient checkpointing, as it is offered where a run is too big."""
    base = rehearsal.model.get_base_model()
    plan = rehearsal.plan
    set_recomputing(base, wanted=True)
    rehearsal.plan = replace(plan, execution=replace(plan.execution, gradient_checkpointing=True))
    slope = rehearsal.line(longest, limit)[1]
    rehearsal.plan = plan
    set_recomputing(base, wanted=False)
    return slope


def _existing(folder: Path) -> Path:
    return next(each for each in (folder, *folder.absolute().parents) if each.exists())
