"""The report of an intake as lines. Pure."""

from collections.abc import Mapping

from appliance.questions.intakes import Intake
from tui.wording import STATUS_WORDS, Say, fit

MARKS = {"pass": "PASS", "fail": "FAIL", "waived": "WAIVED", "told": ""}
MARK, NAME, STATE = 6, 25, 11  # cells


def model_line(model: Intake, say: Say) -> str:
    """Return one base model as a line: state, what its checks say, where it is."""
    counts = model.counts
    told = "  ".join(f"{number} {MARKS[result]}" for result, number in counts.items() if number)
    place = model.settings.path
    ended = say("refused") if counts["fail"] else say("taken in")
    word = ended if model.report else say(STATUS_WORDS[model.state.status])
    return f"{fit(word, STATE)} {fit(told, 26)} {place}"


def check_line(check: Mapping[str, str], say: Say) -> str:
    """Return one check as a line."""
    return f"{fit(MARKS[check['result']], MARK)} {fit(check['name'], NAME)} {say(check['found'])}"


def check_lines(check: Mapping[str, str], say: Say) -> list[str]:
    """Return one check in full: what was found, what to do, and who waived it."""
    lines = [f"{check['name']}: {say(check['found'])}"]
    if check["waived_by"]:
        lines.append(say("waived by {who}: {why}", who=check["waived_by"], why=check["because"]))
    elif check["do"]:
        lines.append(say("do: {hint}", hint=say(check["do"])))
    return lines
