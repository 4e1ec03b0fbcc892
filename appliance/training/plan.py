"""What is learnt, in which order and how fast: all that decides a training run, as plain values."""

import hashlib
import json
import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from appliance.base_model.chat import TokenRow
from appliance.core.sections import TrainSettings
from appliance.training.accounting import Budget
from appliance.training.batches import epoch_batches, steps_per_epoch, total_steps


@dataclass(frozen=True, slots=True)
class Execution:
    """How a step is computed; what is learnt is the same but for rounding."""

    packing: bool = False  # rows one after another in one sequence, in place of padding
    gradient_checkpointing: bool = False  # compute layers anew in the backward pass: less memory, a third more time
    processes: int = 1


@dataclass(frozen=True, slots=True)
class WatchLimits:
    """When a curve is called what."""

    smoothing: int = 5  # steps: the span of the moving average over the training loss
    explosion: float = 2.0  # times the best smoothed loss so far
    explosion_rise: float = 1.0  # nats over the best: near zero, noise alone doubles a loss
    explosion_steps: int = 5  # so many steps without a break
    gain: float = 0.01  # of the best held-out loss: less is no improvement
    patience: int = 4  # measurements without a gain
    late_gain: float = 0.10  # of the loss of a plateau
    overfit_rise: float = 0.05  # of the best held-out loss


@dataclass(frozen=True, slots=True)
class TrainPlan:
    """All that decides what is learnt."""

    train: tuple[TokenRow, ...]
    valid: tuple[TokenRow, ...]
    settings: TrainSettings
    seed: int
    base: str  # digest of the base weights: a checkpoint of another base is not taken up
    execution: Execution = Execution()
    limits: WatchLimits = WatchLimits()  # they stop a run and change none of its bits
    budget: Budget | None = None  # None: not trained privately

    @property
    def steps(self) -> int:
        """The number of steps of the whole run."""
        return total_steps(len(self.train), self.settings.batch_size, self.settings.epochs)

    def fingerprint(self) -> str:
        """Return a SHA-256 over everything in the plan that decides its bits."""
        settings = self.settings.model_dump_json(exclude={"privacy": {"key"}})  # where the key lies decides nothing
        digest = hashlib.sha256(f"{settings}\n{self.seed}\n{self.base}\n".encode())
        digest.update(json.dumps(asdict(self.execution)).encode())  # other bits: a resumed run shall repeat them
        digest.update(json.dumps(self.budget and asdict(self.budget)).encode())
        for row in (*self.train, None, *self.valid):
            digest.update(json.dumps(row and [row.tokens, row.labels_from]).encode())
        return digest.hexdigest()

    def learning_rate(self, step: int) -> float:
        """Return the learning rate of a step, counted from 0: a linear warm-up, then half a cosine down to zero."""
        warmup = max(1, round(self.settings.warmup_share * self.steps))
        if step < warmup:
            return self.settings.learning_rate * (step + 1) / warmup
        share = (step - warmup) / max(1, self.steps - warmup)
        return self.settings.learning_rate * 0.5 * (1 + math.cos(math.pi * share))

    def batch(self, step: int) -> list[TokenRow]:
        """Return the rows of a step, counted from 0."""
        size = self.settings.batch_size
        epoch, place = divmod(step, steps_per_epoch(len(self.train), size))
        lengths = [len(row.tokens) for row in self.train]
        return [self.train[index] for index in epoch_batches(lengths, size, self.seed, epoch)[place]]

    def batches(self) -> Iterator[list[TokenRow]]:
        """Yield the rows of every step."""
        lengths, size = [len(row.tokens) for row in self.train], self.settings.batch_size
        a_pass = steps_per_epoch(len(lengths), size)
        for epoch in range(math.ceil(self.steps / a_pass)):
            order = epoch_batches(lengths, size, self.seed, epoch)[: self.steps - epoch * a_pass]
            yield from ([self.train[index] for index in batch] for batch in order)

    def to_json(self) -> str:
        """Return the plan as text for another process; the fingerprint of what is read back is the same."""
        return json.dumps(asdict(self) | {"settings": self.settings.model_dump(mode="json")})


def plan_from_json(text: str) -> TrainPlan:
    """Return the plan that `TrainPlan.to_json` wrote."""
    told = json.loads(text)
    train, valid = (tuple(_row(row) for row in told[side]) for side in ("train", "valid"))
    settings = TrainSettings.model_validate(told["settings"])
    execution, limits = Execution(**told["execution"]), WatchLimits(**told["limits"])
    budget = Budget(**told["budget"]) if told["budget"] else None
    return TrainPlan(train, valid, settings, told["seed"], told["base"], execution, limits, budget)


def _row(told: dict[str, Any]) -> TokenRow:
    return TokenRow(told["id"], tuple(told["tokens"]), told["labels_from"])


@dataclass(frozen=True, slots=True)
class TrainPoint:
    """What is known after one step."""

    step: int  # from 1
    steps: int
    epoch: float  # passes over the examples so far
    loss: float  # nats a labelled token, of this step's batch
    valid_loss: float | None  # nats a labelled token; None in steps that do not measure it
    learning_rate: float
    gradient_norm: float  # before clipping
    weight_norm: float  # of all adapter weights, after the step
    tokens_per_second: float  # tokens of the rows, without padding
    rss_bytes: int
    seconds_left: float
    temperature: float | None  # degrees Celsius, the hottest sensor of the device; None where the kernel tells none
