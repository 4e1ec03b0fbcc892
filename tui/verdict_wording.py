"""The verdict of the gates and the business case, as lines. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from appliance.core.reasons import reasons_of
from appliance.core.sanitising import visible
from tui.language import message
from tui.wording import Say, fit, fit_right

STATUS, NAME, VALUE, LABEL, MONEY, FIGURE, MONTH = 10, 14, 7, 34, 16, 12, 11  # cells
MEASURED = "*"
LARGE = 1000  # amounts from here on have no decimals
MARKS = {"passed": "PASS", "refused": "FAIL"}
MEANINGS = {
    "gain": message("better than the base"),
    "variant": message("an export keeps what was learnt"),
    "regression": message("general text is not forgotten"),
    "exposure": message("planted secrets stay unread"),
    "membership": message("training lines not told apart"),
    "true-positives": message("none is singled out for sure"),
    "extraction": message("no line is completed by heart"),
    "originals": message("no replaced value is said"),
    "residual": message("little personal data is left"),
    "legal-class": message("the legal class is right"),
    "privacy": message("one example changes little"),
}
RESULTS: tuple[tuple[str, str, str], ...] = (
    ("saved_per_request", message("saved a request"), ",.2f"),
    ("energy_per_request", message("energy a request"), ",.6f"),
    ("cost_per_thousand", message("cost of 1,000 requests"), ",.2f"),
    ("gain_per_month", message("gain a month"), ",.0f"),
    ("training_cost", message("cost of the training"), ",.2f"),
    ("paid_once", message("paid once"), ",.0f"),
)
INPUTS = {
    "requests_per_month": message("requests a month"),
    "minutes_before": message("minutes of a person before"),
    "minutes_after": message("minutes of a person after"),
    "wage_per_hour": message("wage an hour"),
    "machine_cost": message("cost of the machine"),
    "machine_months": message("months of its use"),
    "project_cost": message("cost of the project"),
    "running_per_month": message("running costs a month"),
    "watts": message("watts"),
    "seconds_per_request": message("seconds a request"),
    "price_per_kwh": message("price of a kWh"),
    "price_per_machine_hour": message("price of an hour of the machine"),
    "joules_per_request": message("joules a request"),
    "training_seconds": message("seconds of the training"),
    "training_joules": message("joules of the training"),
}


def verdict_line(verdict: Mapping[str, Any], say: Say) -> str:
    """Return the verdict in one line: it passes, it refuses, or somebody has overridden it."""
    names = refused_names(verdict)
    override = verdict.get("override")
    if not names:
        return say("PASS  no gate refuses")
    if override:
        return say("OVERRIDDEN by {by}: {reason}  ({gates})", by=override["by"], reason=override["reason"], gates=names)
    return say("FAIL  refused by {gates}", gates=names)


def refused_names(verdict: Mapping[str, Any]) -> str:
    """Return the names of the gates that refuse; "" where none does."""
    return ", ".join(gate["name"] for gate in verdict["gates"] if gate["status"] == "refused")


def is_refused(verdict: Mapping[str, Any] | None) -> bool:
    """Tell whether an approver could override something, and has not yet."""
    return verdict is not None and bool(refused_names(verdict)) and verdict.get("override") is None


def gate_lines(facts: Mapping[str, Any], say: Say) -> Iterator[str]:
    """Yield the verdict, one line a gate, and below those that do not pass the reason in the verdict's own words."""
    verdict = facts.get("gates")
    if not verdict:
        yield say("The gates were not judged yet.")
        return
    yield verdict_line(verdict, say)
    yield _gate(("", "", say("value"), say("limit"), ""))
    for gate in verdict["gates"]:
        name, status = gate["name"], gate["status"]
        meaning = say(MEANINGS[name]) if name in MEANINGS else ""
        mark = MARKS.get(status) or say("not tested")
        yield _gate((mark, visible(name), _short(gate.get("value")), _short(gate.get("limit")), meaning))
        if status != "passed":
            yield say("   {reasons}", reasons=reasons_of(gate))


def _gate(cells: Sequence[str]) -> str:
    status, name, value, limit, meaning = cells
    figures = f"{fit_right(value, VALUE)} {fit_right(limit, VALUE)}"
    return f"{fit(status, STATUS)} {fit(name, NAME)} {figures}  {meaning}".rstrip()


def _short(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, int | float) else "-"


def case_lines(facts: Mapping[str, Any], say: Say) -> Iterator[str]:
    """Yield what the owner's inputs lead to, and the break-even month with each of them halved and doubled."""
    case = facts.get("report", {}).get("business")
    if not case:
        yield say("No business case: [purpose.business] states nothing, or the report is not written yet.")
        return
    stated, results = case["stated"], case["results"]
    yield say("What is stated comes from {source}.", source=stated["source"])
    for key, label, form in RESULTS:
        money = _money(results[key], form)
        yield f"{fit(say(label), LABEL)} {fit_right(money, MONEY)} {visible(stated['currency'])}"
    yield f"{fit(say('break-even month'), LABEL)} {fit_right(_month(results['break_even_month'], say), MONEY)}"
    yield ""
    yield _input(say("break-even month, if"), say("value"), "", (say("is halved"), say("is doubled")))
    for key, months in case["sensitivity"].items():
        mark = MEASURED if case["sources"][key] == "measured" else ""
        told = [_month(month, say) for month in months]
        yield _input(say(INPUTS[key]), _money(case["figures"][key], ",.2f"), mark, told)
    yield say("{mark} measured on this machine, all else is stated", mark=MEASURED)


def _input(label: str, value: str, mark: str, months: Sequence[str]) -> str:
    cells = (fit(label, LABEL), fit_right(value, FIGURE), fit(mark, len(MEASURED)))
    return " ".join((*cells, *(fit_right(month, MONTH) for month in months)))


def _money(value: float | None, form: str) -> str:
    """Return an amount; nobody reads the decimals of a large one."""
    if value is None:
        return "-"
    return format(value, ",.0f" if abs(value) >= LARGE else form)


def _month(month: int | None, say: Say) -> str:
    return say("never") if month is None else f"{month:,}"
