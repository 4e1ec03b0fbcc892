"""Is the target reached? The owner's figure, held against the whole interval of what was measured. Pure.

Covers: the adapted model, the variant that ships, and the baseline: where this one reaches the target, no model is
needed for it.
Does not cover: whether the figure is the right one for the work; a person decides on that.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from appliance.core.purpose import KpiSettings
from appliance.core.tasks import JUDGED

Judged = Literal["reached", "not reached", "open"]
LESS_IS_BETTER = ("wer", "outside")


def kpi_facts(kpi: KpiSettings, scores: Mapping[str, Any], verdict: Mapping[str, Any]) -> dict[str, Any]:
    """Return the target and how each contender stands to it.

    Args:
        kpi: what the owner stated.
        scores: the sealed scores of the contenders.
        verdict: the sealed verdict on the variants.
    """
    task = JUDGED[scores["kind"]]
    measure = kpi.measure or task.primary
    against = task.baseline if kpi.against == "baseline" else kpi.against
    less = measure in LESS_IS_BETTER
    judged = [
        {"of": name, "score": dict(score), "judged": judge_target(score, kpi.target, less_is_better=less)}
        for name, score in _measured(measure, against, scores, verdict)
    ]
    return {**kpi.model_dump(), "measure": measure, "less_is_better": less, "judged": judged}


def judge_target(score: Mapping[str, float], target: float, *, less_is_better: bool) -> Judged:
    """Return whether the whole 95 % interval lies on the good side of the target, on the other, or holds it."""
    worse, better = score["low"], score["high"]
    if less_is_better:
        worse, better, target = -score["high"], -score["low"], -target
    if worse >= target:
        return "reached"
    return "not reached" if better < target else "open"


def _measured(
    measure: str, against: str, scores: Mapping[str, Any], verdict: Mapping[str, Any]
) -> Iterator[tuple[str, Any]]:
    """Yield what of the measure there is: none where this run does not know it."""
    for name in ("adapted", against):
        if measure in scores["scores"][name]:
            yield name, scores["scores"][name][measure]
    chosen = verdict["chosen"]
    if chosen is not None and measure in verdict["variants"][chosen]:
        yield chosen, verdict["variants"][chosen][measure]
