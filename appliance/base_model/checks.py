"""What was checked of a received base model, and how each check ended: pure values and rules, no files.

A check that failed refuses the model unless a named person waives it and says why. What would run code, and a model
that does not give the same numbers twice, cannot be waived.
Source of the attributes: Jiang et al., An Empirical Study of Pre-Trained Model Reuse (ICSE 2023, arXiv 2303.02552).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from appliance.core.errors import SettingsError

Result = Literal["pass", "fail", "waived", "told"]  # "told": a fact that refuses nothing
NEVER_WAIVED = ("risk.", "reproducibility.", "portability.transformers")


@dataclass(frozen=True, slots=True)
class Check:
    """One question, its answer and, where it failed, what to do."""

    name: str  # attribute and question: "licence.text"
    result: Result
    found: str
    do: str = ""
    waived_by: str = ""  # who, where the result is "waived"
    because: str = ""


@dataclass(frozen=True, slots=True)
class Waiver:
    """A person's decision to accept what a check found."""

    check: str
    by: str
    reason: str


def passed(name: str, found: str) -> Check:
    """Return a check that passed."""
    return Check(name, "pass", found)


def failed(name: str, found: str, do: str) -> Check:
    """Return a check that failed, with the next step."""
    return Check(name, "fail", found, do)


def told(name: str, found: str) -> Check:
    """Return a fact that stands in the report and refuses nothing."""
    return Check(name, "told", found)


def judge(checks: Iterable[Check], waivers: Sequence[Waiver]) -> tuple[Check, ...]:
    """Return the checks with each failed one waived that a person has waived.

    Raises:
        SettingsError: a waiver names a check that cannot be waived, or one that does not exist.
    """
    found = tuple(checks)
    by_name = {waiver.check: waiver for waiver in waivers}
    for name in by_name:
        if name.startswith(NEVER_WAIVED):
            raise SettingsError(f"intake.waivers: {name} cannot be waived", hint="take another model")
        if name not in {check.name for check in found}:
            known = ", ".join(check.name for check in found if check.result == "fail")
            raise SettingsError(f"intake.waivers: there is no check {name!r}", hint=f"failed checks: {known or 'none'}")
    return tuple(_waived(check, by_name.get(check.name)) for check in found)


def refusal(checks: Sequence[Check]) -> tuple[str, str] | None:
    """Return message and hint where a check refuses the model, else None."""
    wrong = [check for check in checks if check.result == "fail"]
    wrong.sort(key=lambda check: not check.name.startswith(NEVER_WAIVED))  # first what nobody can waive
    if not wrong:
        return None
    first = wrong[0]
    more = f" (and {len(wrong) - 1} more: {', '.join(check.name for check in wrong[1:])})" if wrong[1:] else ""
    waivable = [check.name for check in wrong if not check.name.startswith(NEVER_WAIVED)]
    hint = first.do
    if len(waivable) == len(wrong):
        hint += f'; or accept it by name: [[intake.waivers]] check = "{first.name}", by = "...", reason = "..."'
    return f"the base model is refused: {first.name}: {first.found}{more}", hint


def _waived(check: Check, waiver: Waiver | None) -> Check:
    if waiver is None or check.result != "fail":
        return check
    return replace(check, result="waived", waived_by=waiver.by, because=waiver.reason)
