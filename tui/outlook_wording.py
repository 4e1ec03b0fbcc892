"""The plan of a run in words: what it needs, what is there, what is reused. Pure."""

from appliance.questions.outlook import Outlook
from tui.wording import Say, duration, size


def outlook_lines(found: Outlook, say: Say) -> list[str]:
    """Return the plan as lines."""
    left = [name for name in found.steps if name not in found.reused]
    needs = {"needed": size(found.disk_needed), "free": size(found.disk_free)}
    memory = {"needed": size(found.memory_needed), "free": size(found.memory_free)}
    lines = [
        say("Steps to do: {steps}", steps=" ".join(left) or say("none")),
        say("Reused, sealed already: {steps}", steps=" ".join(found.reused) or say("none")),
        "",
        f"{_verdict(found.fits_disk)}  {say('disk: {needed} of {free}', **needs)}",
        f"{_verdict(found.fits_memory)}  {say('memory: at least {needed} of {free}', **memory)}",
        f"      {say('The peak is measured before the first training step; what does not fit is refused there.')}",
    ]
    if found.seconds is None:
        return [*lines, "", say("Time: not known before a first run in this workspace.")]
    return [*lines, "", say("Time: {time}, as in {run}", time=duration(found.seconds), run=found.told_by or "-")]


def _verdict(fits: bool) -> str:
    return "PASS" if fits else "FAIL"
