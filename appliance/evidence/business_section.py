"""The section on money: what the owner stated, what was measured, the formulas, and what follows."""

import html
from collections.abc import Iterator

from appliance.core.purpose import BusinessSettings
from appliance.evaluation.business import WORDS
from appliance.evidence.dossier import CARD, COST, Dossier
from appliance.evidence.sections import table
from appliance.evidence.words import Words

INPUTS = (
    *(name for name in BusinessSettings.model_fields if name not in WORDS),
    *("joules_per_request", "training_seconds", "training_joules"),
)
AT = (CARD, "business")
RESULTS = (  # and how each is written
    ("saved_per_request", "{:,.2f}"),
    ("energy_per_request", "{:,.6f}"),
    ("cost_per_thousand", "{:,.2f}"),
    ("gain_per_month", "{:,.0f}"),
    ("training_cost", "{:,.2f}"),
    ("paid_once", "{:,.0f}"),
    ("break_even_month", "{:,}"),
)


def business_section(dossier: Dossier, words: Words) -> str:
    """The business case; nothing where the owner stated none."""
    case = dossier.get(*AT)
    if case is None:
        return ""
    stated = case["stated"]
    source = words["business_source"].format(
        source=html.escape(stated["source"]), currency=html.escape(stated["currency"])
    )
    results = [(words["business_" + name], dossier.number(*AT, "results", name, form=form)) for name, form in RESULTS]
    head = [words["business_" + key] for key in ("input", "value", "from", "halved", "doubled")]
    parts = (
        f"<h2>{words['business']}</h2>",
        "".join(f"<p>{line}</p>" for line in _measured(dossier, words)),
        table((), results),
        f"<p>{source}</p>",
        table(head, _inputs(dossier, words)),
    )
    return "".join(parts)


def _measured(dossier: Dossier, words: Words) -> Iterator[str]:
    """Say where requests and training were measured, and of what the hardware tells nothing."""
    requests, training = dossier.get(COST, "requests"), dossier.get(COST, "training")
    if requests is None:
        yield words["cost_no_requests"]
    else:
        where = {key: html.escape(str(requests[key])) for key in ("machine", "cores", "model")}
        on = words[f"cost_on_{dossier.get(COST, 'on')}"]
        yield words["cost_requests"].format(on=on, seconds=dossier.score(COST, "requests", "seconds"), **where)
        if requests["joules"]:
            joules = dossier.score(COST, "requests", "joules", form="{:.2f}")
            yield words["cost_joules"].format(joules=joules)
        else:
            yield words["cost_no_joules"].format(why=words[f"energy_{requests['energy']}"])
    if training and training["joules"] is None:
        yield words["cost_no_training_joules"].format(why=words[f"energy_{training['energy']}"])


def _inputs(dossier: Dossier, words: Words) -> Iterator[tuple[str, ...]]:
    """Yield an input with its value, its source, and the break-even month with it halved and doubled."""
    case = dossier.get(*AT)
    for name in INPUTS:
        value = dossier.number(*AT, "figures", name, form="{:,.6g}")
        if name in case["sensitivity"]:
            ends = [dossier.number(*AT, "sensitivity", name, place, form="{:,}") for place in (0, 1)]
        else:
            ends = ["", ""]
        yield (words["business_" + name], value, words["from_" + case["sources"][name]], *ends)
