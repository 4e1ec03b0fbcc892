"""Is it worth it? Money from inputs that the owner states; nothing here is measured. Pure.

    saved a request   = (minutes before - minutes after) / 60 * wage
    energy a request  = watts * seconds / 3,600,000 * price of a kWh
    gain a month      = requests * (saved - energy) - running costs
    cost of 1,000     = 1,000 * energy + 1,000 / requests * (running costs + machine / its months)
    break-even month  = the first whole month in which all gains reach what was paid once

Covers: what each input does to the result when it is halved and doubled.
Does not cover: interest, taxes, the cost of a wrong answer, people who learn to work with it.
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from appliance.core.purpose import BusinessSettings

FACTORS = (0.5, 2.0)


@dataclass(frozen=True, slots=True)
class BusinessCase:
    """What follows from the inputs, in the owner's currency."""

    saved_per_request: float
    energy_per_request: float
    cost_per_thousand: float
    gain_per_month: float
    paid_once: float
    break_even_month: int | None  # None: never, the running costs eat what is saved


def business_case(inputs: BusinessSettings) -> BusinessCase:
    """Return what the inputs lead to."""
    saved = (inputs.minutes_before - inputs.minutes_after) / 60 * inputs.wage_per_hour
    energy = inputs.watts * inputs.seconds_per_request / 3_600_000 * inputs.price_per_kwh
    fixed = inputs.running_per_month + inputs.machine_cost / inputs.machine_months
    gain = inputs.requests_per_month * (saved - energy) - inputs.running_per_month
    once = inputs.machine_cost + inputs.project_cost
    return BusinessCase(
        saved_per_request=saved,
        energy_per_request=energy,
        cost_per_thousand=1000 * energy + 1000 / inputs.requests_per_month * fixed,
        gain_per_month=gain,
        paid_once=once,
        break_even_month=math.ceil(once / gain) if gain > 0 else None,
    )


def business_facts(inputs: BusinessSettings) -> dict[str, Any]:
    """Return inputs, results, and the break-even month with each input halved and doubled."""
    numbers = {name: value for name, value in inputs.model_dump().items() if not isinstance(value, str)}
    sensitivity = {
        name: [business_case(_scaled(inputs, name, value, factor)).break_even_month for factor in FACTORS]
        for name, value in numbers.items()
    }
    return {"inputs": inputs.model_dump(), "results": asdict(business_case(inputs)), "sensitivity": sensitivity}


def again(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts that the same inputs give."""
    return business_facts(BusinessSettings.model_validate(facts["inputs"]))


def _scaled(inputs: BusinessSettings, name: str, value: float, factor: float) -> BusinessSettings:
    return inputs.model_copy(update={name: value * factor})
