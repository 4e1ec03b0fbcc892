"""What one request costs on this machine: seconds, and joules where its hardware tells them.

Covers: one request after another, as a person asks them, read and answered to their end.
Does not cover: many at once, which take less energy each; the time that a model takes to load.
"""

import platform
import random
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from appliance.core.energy import EnergyMeter, Told
from appliance.core.errors import InputError
from appliance.core.hardware import usable_cores

WARM_UP = 2  # requests that are not counted
RESAMPLES = 2000  # of a bootstrap over requests
SEED = 7


class Part(BaseModel):
    """A frozen part that refuses keys it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Mean(Part):
    """A mean over requests with its 95 % interval."""

    value: float = Field(ge=0)
    low: float = Field(ge=0)
    high: float = Field(ge=0)
    samples: int = Field(ge=1)


class RequestCost(Part):
    """What was measured of requests, where, and with which model."""

    machine: str
    cores: int
    model: str
    seconds: Mean
    joules: Mean | None  # None: `energy` says why
    energy: Told


def measure_requests(answer: Callable[[str], object], prompts: Sequence[str], model: str) -> RequestCost:
    """Answer every prompt once, one after the other, after a few that warm up.

    Args:
        answer: reads a prompt and writes its answer to the end.
        prompts: at least one.
        model: name of what answers, as a report shows it.
    """
    meter = EnergyMeter()
    for prompt in prompts[:WARM_UP]:
        answer(prompt)
    seconds, joules = [], []
    for prompt in prompts:
        before, started = meter.joules(), time.perf_counter()
        answer(prompt)
        seconds.append(time.perf_counter() - started)
        after = meter.joules()
        if before is not None and after is not None:
            joules.append(after - before)
    told = mean(joules) if len(joules) == len(seconds) else None
    return RequestCost(
        machine=processor(), cores=usable_cores(), model=model, seconds=mean(seconds), joules=told, energy=meter.told
    )


def mean(values: Sequence[float]) -> Mean:
    """Return the mean of some values with a bootstrap interval."""
    generator = random.Random(SEED)  # noqa: S311 no secret
    drawn = sorted(statistics.fmean(generator.choices(values, k=len(values))) for _ in range(RESAMPLES))
    low, high = drawn[int(0.025 * RESAMPLES)], drawn[int(0.975 * RESAMPLES)]
    value = statistics.fmean(values)
    return Mean(value=value, low=min(low, value), high=max(high, value), samples=len(values))


def read_cost(content: str, where: str) -> RequestCost:
    """Return what `appliance cost` printed on another machine.

    Raises:
        InputError: it is something else.
    """
    try:
        return RequestCost.model_validate_json(content)
    except ValidationError:
        hint = "write it on the target machine: appliance cost --batch in.jsonl --json > cost.json"
        raise InputError(f"{where}: is not what appliance cost prints", hint=hint) from None


def plain(cost: RequestCost) -> Mapping[str, Any]:
    """Return a cost as it stands in a report."""
    return cost.model_dump(mode="json")


def processor(info: str = "/proc/cpuinfo") -> str:
    """Return the name of this machine's processor; no name of the machine."""
    try:
        with open(info, encoding="utf-8") as stream:  # noqa: PTH123 a kernel's file
            named = next((line for line in stream if line.startswith("model name")), "")
    except OSError:
        named = ""
    return named.partition(":")[2].strip() or platform.machine()
