"""What is learnt, in which order and how fast: all that decides a training run, as plain values."""

import hashlib
import json
import math
from dataclasses import dataclass

from appliance.base_model.chat import TokenRow
from appliance.core.sections import TrainSettings
from appliance.training.batches import epoch_batches, steps_per_epoch, total_steps


@dataclass(frozen=True, slots=True)
class TrainPlan:
    """All that decides what is learnt."""

    train: tuple[TokenRow, ...]
    valid: tuple[TokenRow, ...]
    settings: TrainSettings
    seed: int
    base: str  # digest of the base weights: a checkpoint of another base is not taken up

    @property
    def steps(self) -> int:
        """The number of steps of the whole run."""
        return total_steps(len(self.train), self.settings.batch_size, self.settings.epochs)

    def fingerprint(self) -> str:
        """Return a SHA-256 over everything in the plan."""
        digest = hashlib.sha256(f"{self.settings.model_dump_json()}\n{self.seed}\n{self.base}\n".encode())
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
    tokens_per_second: float  # tokens of the rows, without padding
    rss_bytes: int
    seconds_left: float
