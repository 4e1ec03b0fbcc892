"""The purpose card of a run, what was seen of it, and what was decided on its stages, as lines. Pure."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from appliance.core.sanitising import visible
from appliance.core.wrapping import wrapped
from appliance.questions.deciding import Standing
from appliance.release.deciding import Decision, Outcome, follows
from tui.language import message
from tui.verdict_wording import verdict_line
from tui.wording import MEASURES, Say, fit, fit_right, interval

LABEL, MARK, WHO, SCORE, COUNT, DIGITS = 14, 5, 11, 17, 8, 12  # cells; of a digest
STAGES = {
    "poc": message("PoC"),
    "evaluation": message("evaluation"),
    "roll-out": message("roll-out"),
}
OUTCOMES: dict[Outcome, str] = {
    "go-on": message("go on"),
    "back": message("back to the stage before"),
    "stop": message("stop"),
}
CHOICES: dict[Outcome, str] = {
    "go-on": message("GO       the stage {stage} opens"),
    "back": message("NO-GO    back to the stage {stage}"),
    "stop": message("NO-GO    stop: the project ends here; what follows begins with the stage {stage}"),
}
FOLLOWING: dict[Outcome, str] = {
    "go-on": message('The stage {stage} is open: a run of it says stage = "{key}" in [purpose].'),
    "back": message("The project is back in the stage {stage}."),
    "stop": message("The project ends here; a new one begins with the stage {stage}."),
}
STATED = (  # shown where it is stated
    ("budget", message("budget")),
    ("intended_use", message("intended use")),
    ("not_intended", message("not for")),
)
AGAINST = {"base": message("the un-adapted base"), "baseline": message("the baseline")}
JUDGED = {
    "reached": ("PASS", message("reached")),
    "not reached": ("FAIL", message("not reached")),
    "open": ("OPEN", message("open: the interval holds it")),
}


def card_lines(standing: Standing, kpi: Mapping[str, Any] | None, width: int, say: Say) -> Iterator[str]:
    """Yield what the run is for, as its owner stated it before it started."""
    purpose, nothing = standing.purpose, say("not stated")
    yield from _row(say("stage"), say(STAGES[purpose.stage]), width)
    yield from _row(say("task"), purpose.task or nothing, width)
    yield from _row(say("target"), purpose.target or nothing, width)
    yield from _row(say("KPI"), _target(standing, kpi, say) or nothing, width)
    yield from _row(say("who decides"), purpose.decided_by or nothing, width)
    for key, label in STATED:
        if told := getattr(purpose, key):
            yield from _row(say(label), told, width)


def _row(label: str, value: str, width: int) -> Iterator[str]:
    yield from wrapped(f"{fit(label, LABEL)} {visible(' '.join(value.split()))}", width, LABEL + 1)


def _target(standing: Standing, kpi: Mapping[str, Any] | None, say: Say) -> str:
    stated = standing.purpose.kpi
    if stated is None:
        return ""
    measure = kpi["measure"] if kpi else stated.measure
    name = say(MEASURES[measure]) if measure in MEASURES else measure or say("the primary score")
    told = {"measure": name, "target": f"{stated.target:g}", "against": say(AGAINST[stated.against])}
    if kpi and kpi["less_is_better"]:
        return say("{measure} at most {target}, against {against}", **told)
    return say("{measure} at least {target}, against {against}", **told)


def seen_lines(standing: Standing, facts: Mapping[str, Any], report: Path, width: int, say: Say) -> Iterator[str]:
    """Yield what the verdict and the interval of the KPI say, and the digests that a decision would name."""
    verdict = facts.get("gates")
    if standing.seen is None or not verdict:
        yield say("The run has no report yet: there is nothing to decide on.")
        return
    yield from wrapped(verdict_line(verdict, say), width, MARK + 1)
    if untested := [gate["name"] for gate in verdict["gates"] if gate["status"] == "not tested"]:
        yield from wrapped(say("not tested: {gates}", gates=", ".join(untested)), width, MARK + 1)
    yield from _kpi_lines(facts["report"].get("kpi"), say)
    digests = {"verdict": standing.seen.verdict[:DIGITS], "report": standing.seen.report[:DIGITS]}
    yield say("verdict {verdict}, report {report}", **digests)
    yield from wrapped(say("to be read first: {folder}", folder=report), width, MARK + 1)


def _kpi_lines(kpi: Mapping[str, Any] | None, say: Say) -> Iterator[str]:
    if kpi is None:
        yield say("No KPI was stated: no figure is judged.")
        return
    if not kpi["judged"]:
        yield say("The KPI was not measured by this run.")
    for each in kpi["judged"]:
        mark, told = JUDGED[each["judged"]]
        score = each["score"]
        cells = (
            fit(mark, MARK),
            fit(visible(each["of"]), WHO),
            fit_right(interval(score), SCORE),
            fit_right(f"n={score['samples']}", COUNT),
        )
        yield f"{' '.join(cells)}  {say(told)}"


def decision_lines(standing: Standing, width: int, say: Say) -> Iterator[str]:
    """Yield what was decided so far, the oldest first, and where that leaves the project."""
    for decision in standing.decisions:
        yield from _decision(decision, width, say)
    if not standing.decisions:
        yield say("Nothing was decided yet.")
    elif standing.is_checked:
        yield say("PASS  every signature is the approver's, and none is missing")
    else:
        unchecked = say("Not checked: the run names no approver's key (gates.approver_key).")
        yield from wrapped(unchecked, width, 0)
    yield say("The project is in the stage {stage}.", stage=say(STAGES[standing.opened]))


def _decision(decision: Decision, width: int, say: Say) -> Iterator[str]:
    told = {
        "number": decision.number,
        "stage": say(STAGES[decision.stage]),
        "outcome": say(OUTCOMES[decision.outcome]),
        "by": decision.by,
        "time": decision.time,
    }
    yield from wrapped(say("{number}. {stage}: {outcome}, by {by}, {time}", **told), width, 3)
    yield from wrapped(f"   {visible(decision.reason)}", width, 3)
    seen = {"run": decision.run, "verdict": decision.verdict[:DIGITS], "report": decision.report[:DIGITS]}
    yield from wrapped(f"   {say('on {run}, verdict {verdict}, report {report}', **seen)}", width, 3)


def choices(standing: Standing, say: Say) -> dict[Outcome, str]:
    """Return what can be decided, each with what follows from it."""
    return {outcome: say(told, stage=_following(standing, outcome, say)) for outcome, told in CHOICES.items()}


def following(standing: Standing, outcome: Outcome, say: Say) -> str:
    """Return what follows from a decision, as a sentence."""
    key = follows(standing.purpose.stage, outcome)
    return say(FOLLOWING[outcome], stage=say(STAGES[key]), key=key)


def _following(standing: Standing, outcome: Outcome, say: Say) -> str:
    return say(STAGES[follows(standing.purpose.stage, outcome)])
