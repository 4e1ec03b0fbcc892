"""What a run is for, in its owner's words and figures: stated before it starts, shown at the head of its report.

[purpose]
stage = "poc"
task = "Normalise work orders, for the planners of line 3"
decided_by = "M. Sato"
kpi = { measure = "exact_match", target = 0.6, against = "baseline" }

[purpose.business]
currency = "円"
source = "budget 2026, M. Sato"
"""

from pathlib import Path
from typing import Literal

from pydantic import Field

from appliance.core.section import Section

Stage = Literal["poc", "evaluation", "roll-out"]  # in their order


class BusinessSettings(Section):
    """What the owner states for the business case; where each figure comes from stands in `source`."""

    currency: str = Field(min_length=1, max_length=8)
    source: str = Field(min_length=1)  # who stated the figures, and from what
    requests_per_month: float = Field(gt=0)
    minutes_before: float = Field(ge=0)  # of a person, for each request
    minutes_after: float = Field(ge=0)
    wage_per_hour: float = Field(ge=0)  # with all side costs
    machine_cost: float = Field(default=0.0, ge=0)  # paid once
    machine_months: float = Field(default=60.0, gt=0)
    project_cost: float = Field(default=0.0, ge=0)  # paid once: people, data, training
    running_per_month: float = Field(default=0.0, ge=0)
    price_per_machine_hour: float = Field(default=0.0, ge=0)  # while it trains
    price_per_kwh: float = Field(default=0.0, ge=0)
    # None takes what was measured; what the hardware does not tell either is left out, and named
    seconds_per_request: float | None = Field(default=None, ge=0)
    watts: float | None = Field(default=None, ge=0)  # while it answers; with the seconds it takes the place of joules


class KpiSettings(Section):
    """The measured figure that decides, what it must reach, and what it is compared with."""

    measure: str = ""  # one of the scores, for a line exact_match or wer; "" is the primary score of the kind of task
    target: float
    against: Literal["base", "baseline"] = "baseline"  # the un-adapted base, or what learns without a network


class PurposeSettings(Section):
    """What the run is for, in the owner's words; written down before it starts."""

    # evaluation and roll-out begin after the approver's word to go on: appliance decide
    stage: Stage = "poc"
    kpi: KpiSettings | None = None  # None: no figure is judged
    task: str = ""  # what is done, and whom it helps
    target: str = ""  # what must be reached, and by when
    budget: str = ""
    decided_by: str = ""  # who decides on going on
    intended_use: str = ""
    not_intended: str = ""  # what it must not be used for
    business: BusinessSettings | None = None  # None: no business case is made


class CostSettings(Section):
    """How the cost of a request is measured, where [purpose.business] asks for it."""

    requests: int = Field(default=20, ge=5)  # held-out prompts, answered one by one on this machine
    measured: Path | None = None  # what `appliance cost` printed on the target machine; it takes the place of these
    wanted: bool = False  # always whether there is a [purpose.business]
