"""What a run will need before it starts: memory, time and disk, measured in a rehearsal on its longest batch.

A rehearsal takes a few real steps on an adapter that is thrown away, so it changes no bit of the run. It begins with
one row of the longest batch and works upwards: a run that is too big is refused before its memory is asked for.

Covers: the peak of a step, the optimizer's state, checkpoints on disk.
Does not cover: memory and processors that other programs take later; a batch that is slower than its tokens tell.
"""

import math
import shutil
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch

from appliance.base_model.chat import TokenRow
from appliance.base_model.likelihood import labelled_nll, set_recomputing, shared_beginning
from appliance.core.errors import ResourceError
from appliance.training.accumulating import accumulate, parts
from appliance.training.adapter import throw_away_adapter, trainable
from appliance.training.checkpoints import KEEP, Checkpoint, save_checkpoint
from appliance.training.hardware import free_bytes, peak_bytes, reset_peak, used_bytes
from appliance.training.plan import Execution, TrainPlan
from appliance.training.remedies import Consumption, Remedy, needed_bytes, remedies

SPARE = 0.95  # of the free memory: the rest is left to the system
COPIES = 3  # in a checkpoint: weights and Adam's two averages, in float32
TIMED_BATCHES = 3  # between the shortest and the longest: seconds follow tokens nearly on a line


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a run will need, and what there is."""

    memory_bytes: int  # peak on the device, the loaded base included: that of every process, and of the one that starts
    memory_limit_bytes: int
    seconds: float
    disk_bytes: int
    disk_free_bytes: int
    longest_tokens: int  # of a pass of the longest batch
    rehearsed: bool  # False: too big to be tried; the memory follows from a single row
    remedies: tuple[Remedy, ...]  # what would fit, where the memory is too small


def forecast(model: Any, plan: TrainPlan, scratch: Path, *, memory_limit: int | None = None) -> Forecast:
    """Rehearse the longest batch of a run and return what the whole run will need.

    Args:
        model: the base, as `train` gets it; it is left as it was.
        plan: what will be trained.
        scratch: the folder that will hold the checkpoints.
        memory_limit: bytes the process may hold on the device; None asks the machine.
    """
    device = model.get_input_embeddings().weight.device.type
    limit = memory_limit or used_bytes(device) + int(SPARE * free_bytes(device))
    several = _Several.of(plan, device)
    each = several.limit(limit)
    set_recomputing(model, wanted=plan.execution.gradient_checkpointing)
    disk_free = shutil.disk_usage(_existing(scratch)).free
    with throw_away_adapter(model, plan.settings, plan.seed) as adapted:
        rehearsal = _Rehearsal(adapted, plan, device)
        steps = [rows[:: plan.execution.processes] for rows in plan.batches()]  # the largest share of a process
        longest = max(steps, key=rehearsal.tokens)
        fixed, slope = rehearsal.line(longest, each)
        tokens = rehearsal.pass_tokens(longest)
        memory = needed_bytes(fixed, slope, tokens)
        fits = memory <= each
        seconds = rehearsal.seconds_per_token() * sum(map(rehearsal.tokens, steps))
        if fits:
            memory, seconds = rehearsal.whole(longest, steps)
        seconds *= several.slower
        if fits:
            seconds += rehearsal.saving(_existing(scratch))
        weights = sum(value.numel() for value in rehearsal.parameters)
        found: tuple[Remedy, ...] = ()
        if memory > each:
            recomputed = _recomputing_slope(rehearsal, longest, each)
            found = remedies(plan, longest, Consumption(fixed, slope, recomputed, weights), each)
            found = tuple(replace(remedy, bytes=several.total(remedy.bytes)) for remedy in found)
    set_recomputing(model, wanted=False)
    disk = (KEEP + 1) * COPIES * 4 * weights + 4 * weights  # a draft stands beside those that are kept
    return Forecast(several.total(memory), limit, seconds, disk, disk_free, tokens, fits, found)


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

    def __init__(self, model: Any, plan: TrainPlan, device: str) -> None:
        self.model, self.plan, self.device = model, plan, device
        self.parameters = list(trainable(model).values())
        self.optimizer = torch.optim.AdamW(self.parameters, lr=0.0, weight_decay=0.0, fused=True)
        self.timed: list[tuple[int, float]] = []  # tokens and seconds of a step

    def _parts(self, rows: Sequence[TokenRow]) -> list[list[TokenRow]]:
        return parts(rows, self._micro_batch(), packing=self.plan.execution.packing)

    def _micro_batch(self) -> int:
        return self.plan.settings.micro_batch or self.plan.settings.batch_size

    def pass_tokens(self, rows: Sequence[TokenRow]) -> int:
        """Return the tokens, padding included, of the longest pass of a step."""
        return max(computed_tokens(part, self.plan.execution) for part in self._parts(rows))

    def tokens(self, rows: Sequence[TokenRow]) -> int:
        """Return the tokens, padding included, that a step computes."""
        return sum(computed_tokens(part, self.plan.execution) for part in self._parts(rows))

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

    def whole(self, longest: Sequence[TokenRow], steps: Sequence[Sequence[TokenRow]]) -> tuple[int, float]:
        """Return the peak of two steps on the longest batch, and the seconds of the whole run."""
        self.timed.clear()
        self.step(longest)
        peak = self.step(longest)
        ordered = sorted(steps, key=self.tokens)
        for place in range(TIMED_BATCHES):
            self.step(ordered[place * (len(ordered) - 1) // max(1, TIMED_BATCHES)])
        training = sum(_on_line(self.timed[1:], self.tokens(rows)) for rows in steps)
        return peak, training + self._evaluations()

    def step(self, rows: Sequence[TokenRow]) -> int:
        """Take one step; note its seconds and return its peak of memory."""
        reset_peak(self.device)
        began = time.monotonic()
        self.model.train()
        try:
            accumulate(self.model, rows, self.optimizer, self._micro_batch(), packing=self.plan.execution.packing)
        except MemoryError as error:
            longest = max(len(row.tokens) for row in rows)
            raise ResourceError(
                f"training does not fit: memory ran out on a single row of {longest} tokens",
                hint="set gradient_checkpointing = true or a smaller max_tokens, or take a smaller base",
            ) from error
        torch.nn.utils.clip_grad_norm_(self.parameters, self.plan.settings.clip_norm)
        self.optimizer.step()
        if self.device == "cuda":
            torch.cuda.synchronize()
        self.timed.append((self.tokens(rows), time.monotonic() - began))
        return peak_bytes(self.device)

    def saving(self, folder: Path) -> float:
        """Return the seconds that the checkpoints of the run take, from one that is written and removed."""
        tensors = {f"{number}:{copy}": value for number, value in enumerate(self.parameters) for copy in range(COPIES)}
        with TemporaryDirectory(dir=folder, prefix="rehearsal-") as place:
            began = time.monotonic()
            save_checkpoint(Path(place), Checkpoint(0, {name: value.clone() for name, value in tensors.items()}, {}))
            once = time.monotonic() - began
        return once * math.ceil(self.plan.steps / self.plan.settings.checkpoint_every)

    def seconds_per_token(self) -> float:
        """Return the median over the steps so far."""
        return statistics.median(seconds / tokens for tokens, seconds in self.timed)

    def _evaluations(self) -> float:
        settings, valid = self.plan.settings, self.plan.valid[:: self.plan.execution.processes]
        if not valid:
            return 0.0
        part = valid[: settings.batch_size]
        self.model.eval()
        began = time.monotonic()
        with torch.no_grad():
            labelled_nll(self.model, part)
        once = (time.monotonic() - began) * len(valid) / len(part)
        measured = {1, self.plan.steps, *range(settings.evaluate_every, self.plan.steps, settings.evaluate_every)}
        return once * len(measured)


def computed_tokens(rows: Sequence[TokenRow], execution: Execution) -> int:
    """Return the tokens that one pass computes: padding included, a beginning in common counted once."""
    if execution.packing:
        return sum(len(row.tokens) for row in rows)
    shared = 0 if execution.gradient_checkpointing else shared_beginning(rows)
    return shared + len(rows) * (max(len(row.tokens) for row in rows) - shared)


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


def _on_line(points: Sequence[tuple[int, float]], tokens: int) -> float:
    """Return the seconds at `tokens` on the least-squares line through the points."""
    places, seconds = [point[0] for point in points], [point[1] for point in points]
    if len(set(places)) < 2:
        return statistics.mean(second / place for place, second in points) * tokens
    slope, offset = statistics.linear_regression(places, seconds)
    if slope <= 0 or offset < 0:  # noise: then through the origin
        return sum(seconds) / sum(places) * tokens
    return slope * tokens + offset


def _existing(folder: Path) -> Path:
    return next(each for each in (folder, *folder.absolute().parents) if each.exists())
