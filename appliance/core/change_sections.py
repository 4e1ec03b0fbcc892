"""The sections of a run's TOML file that ask what the adaptation changed, and whether more data would pay."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from appliance.core.section import Section
from appliance.core.sections import EvaluateSettings, TrainSettings


class ExplainSettings(Section):
    """What the report shows of what the adaptation changed."""

    # held-out lines, and outliers of the training data, at most: they stand in the report as clean text, each line with
    # the training lines nearest to it, and go with the bundle; 0 shows none
    examples: int = Field(default=10, ge=0, le=100)
    nearest: int = Field(default=3, ge=0, le=20)  # training lines beside each of them
    indexed: int = Field(default=20_000, ge=2)  # training examples that are looked through, at most


class SamplesSettings(Section):
    """How the score grows with the number of training examples; each share costs as much of the training."""

    # shares of the training examples on which the same training is repeated, two or more: [0.125, 0.25, 0.5]; () is off
    shares: tuple[Annotated[float, Field(gt=0, lt=1)], ...] = ()
    seed: int = Field(default=7, ge=0)  # of the subsets, each inside of the next, and of the bootstrap
    training: TrainSettings | None = None  # always what [train] says
    evaluating: EvaluateSettings | None = None  # always what [evaluate] says

    @model_validator(mode="after")
    def _enough_for_a_curve(self) -> Self:
        if self.shares and len(set(self.shares)) < 2:
            raise ValueError("a curve needs at least two different shares: [0.125, 0.25, 0.5]")
        if list(self.shares) != sorted(set(self.shares)):
            raise ValueError("give the shares in increasing order, each once")
        return self
