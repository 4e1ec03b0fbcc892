"""Is it worth it? Money, from what the owner states and what was measured; each figure tells which. Pure.

    saved a request   = (minutes before - minutes after) / 60 * wage
    energy a request  = joules / 3,600,000 * price of a kWh;  joules = watts * seconds where the owner states watts
    training          = seconds / 3,600 * price of an hour of the machine + joules / 3,600,000 * price of a kWh
    gain a month      = requests * (saved - energy) - running costs
    cost of 1,000     = 1,000 * energy + 1,000 / requests * (running costs + machine / its months)
    break-even month  = the first whole month in which all gains reach what was paid once

Covers: what each input does to the result when it is halved and doubled. Energy that nobody measured or stated is left
out and named, never guessed.
Does not cover: interest, taxes, the cost of a wrong answer, people who learn to work with it.
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from appliance.core.purpose import BusinessSettings

FACTORS = (0.5, 2.0)
JOULES = 3_600_000  # a kWh
WORDS = ("currency", "source")
Figures = Mapping[str, float | None]  # by name; None: neither stated nor measured
Source = Literal["stated", "default", "not stated", "measured", "not measured"]


@dataclass(frozen=True, slots=True)
class BusinessCase:
    """What follows from the inputs, in the owner's currency."""

    saved_per_request: float
    energy_per_request: float | None  # None: not measured
    cost_per_thousand: float  # without energy that was not measured
    gain_per_month: float
    training_cost: float | None  # None: not measured
    paid_once: float
    break_even_month: int | None  # None: never, the running costs eat what is saved


def business_case(figures: Figures) -> BusinessCase:
    """Return what the inputs lead to."""
    known = {name: _known(value) for name, value in figures.items()}
    saved = (known["minutes_before"] - known["minutes_after"]) / 60 * known["wage_per_hour"]
    energy, training = _energy(figures), _training(figures)
    requests, running = known["requests_per_month"], known["running_per_month"]
    gain = requests * (saved - _known(energy)) - running
    once = known["machine_cost"] + known["project_cost"] + _known(training)
    fixed = running + known["machine_cost"] / known["machine_months"]
    return BusinessCase(
        saved_per_request=saved,
        energy_per_request=energy,
        cost_per_thousand=1000 * _known(energy) + 1000 / requests * fixed,
        gain_per_month=gain,
        training_cost=training,
        paid_once=once,
        break_even_month=math.ceil(once / gain) if gain > 0 else None,
    )


def business_facts(stated: BusinessSettings, cost: Mapping[str, Any]) -> dict[str, Any]:
    """Return inputs with their sources, results, and the break-even month with each input halved and doubled.

    Args:
        stated: what the owner says.
        cost: the sealed file of the cost step.
    """
    figures, sources = _figures(stated, cost)
    sensitivity = {
        name: [business_case({**figures, name: value * factor}).break_even_month for factor in FACTORS]
        for name, value in figures.items()
        if value is not None
    }
    return {
        "stated": stated.model_dump(),
        "figures": dict(figures),
        "sources": dict(sources),
        "results": asdict(business_case(figures)),
        "sensitivity": sensitivity,
    }


def again(facts: Mapping[str, Any], cost: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts that the same inputs give."""
    return business_facts(BusinessSettings.model_validate(facts["stated"]), cost)


def _figures(stated: BusinessSettings, cost: Mapping[str, Any]) -> tuple[Figures, Mapping[str, Source]]:
    measured = _measured(cost)
    figures: dict[str, float | None] = {}
    sources: dict[str, Source] = {}
    for name, field in BusinessSettings.model_fields.items():
        if name in WORDS:
            continue
        value = getattr(stated, name)
        figures[name] = measured.get(name) if value is None else value
        sources[name] = "default" if value == field.default else "stated"
        if value is None:
            sources[name] = "not stated" if name not in measured else _found(figures[name])
    for name in ("joules_per_request", "training_seconds", "training_joules"):
        figures[name] = measured[name]
        sources[name] = _found(measured[name])
    return figures, sources


def _found(value: float | None) -> Source:
    return "not measured" if value is None else "measured"


def _measured(cost: Mapping[str, Any]) -> dict[str, float | None]:
    requests, training = cost["requests"] or {}, cost["training"] or {}
    seconds, joules = requests.get("seconds"), requests.get("joules")
    return {
        "seconds_per_request": seconds and seconds["value"],
        "joules_per_request": joules and joules["value"],
        "training_seconds": training.get("seconds"),
        "training_joules": training.get("joules"),
    }


def _energy(figures: Figures) -> float | None:
    watts, seconds, joules = (figures[key] for key in ("watts", "seconds_per_request", "joules_per_request"))
    if watts is not None and seconds is not None:
        joules = watts * seconds
    return None if joules is None else joules / JOULES * _known(figures["price_per_kwh"])


def _training(figures: Figures) -> float | None:
    """Return what the training cost; energy that was not measured is left out, seconds that were not leave nothing."""
    seconds, joules = figures["training_seconds"], figures["training_joules"]
    if seconds is None:
        return None
    hours = seconds / 3600 * _known(figures["price_per_machine_hour"])
    return hours + _known(joules) / JOULES * _known(figures["price_per_kwh"])


def _known(value: float | None) -> float:
    return 0.0 if value is None else value
