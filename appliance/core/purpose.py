"""What a run is for, in its owner's words and figures: stated before it starts, shown at the head of its report.

[purpose]
stage = "poc"
task = "Normalise work orders, for the planners of line 3"
decided_by = "M. Sato"
kpi = { measure = "exact_match", target = 0.6, baseline = "dictionary" }

[purpose.business]
currency = "円"
source = "budget 2026, M. Sato"
"""

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
    watts: float = Field(default=0.0, ge=0)
    seconds_per_request: float = Field(default=0.0, ge=0)
    price_per_kwh: float = Field(default=0.0, ge=0)


class KpiSettings(Section):
    """The measured figure that decides, what it must reach, and what it is compared with."""

    measure: str = "exact_match"  # one of the scores: exact_match, wer
    target: float
    baseline: Literal["base", "dictionary"] = "dictionary"


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
