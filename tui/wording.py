"""States in plain words: status, progress, what a person should do next. Pure; nothing is drawn here."""

import statistics
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from rich.cells import cell_len, set_cell_size

from appliance.core.reasons import reasons_of, refusing
from appliance.core.run_state import RunState
from appliance.core.tasks import JUDGED, Judged
from tui.language import message
from tui.watching import RunView

Say = Callable[..., str]
STATUS_WORDS = {
    "planned": message("planned"),
    "running": message("running"),
    "waiting": message("waiting"),
    "stopped": message("stopped"),
    "interrupted": message("interrupted"),
    "failed": message("failed"),
    "done": message("done"),
    "reused": message("reused"),
}
MEASURES = {  # short: they head columns
    "exact_match": message("exact match"),
    "wer": message("word errors"),
    "accuracy": message("accuracy"),
    "macro_f1": message("macro F1"),
    "field_match": message("fields right"),
    "chrf": message("chrF"),
}
NEXT_ACTIONS = {
    "planned": message("It has not been started yet. Press r to start it."),
    "running": message("Nothing to do: it runs on by itself, also when you close this screen."),
    "waiting": message("It waits for a person: {message}. {hint} Then press r."),
    "stopped": message("It was stopped and nothing is lost. Press r to go on."),
    "interrupted": message("Its worker was killed. What is sealed is safe: press r to go on from there."),
    "failed": message("It failed ({status}): {message}. {hint} Then press r."),
    "done": message("Finished. Press Enter to see the results."),
}
UNDER_REVIEW = message("It waits for a person: {message}. Press Enter to review, then r to go on.")
MAY_NOT_SHIP = message("the adapted model may not ship: {reasons}")
# as the step says it; here so that it has a Japanese text
OVERRIDE_HINT = message(
    "see docs/evidence.md for each gate; to override with a reason: "
    "appliance approve RUN --key KEY --by NAME --reason WHY"
)
WINDOW, FEW_SPEEDS = 20, 5  # steps whose speed tells how sure an ETA is
SILENCE_LIMIT = 15.0  # seconds; three heartbeats
EIGHTHS = " ▏▎▍▌▋▊▉"


def next_action(view: RunView, say: Say, now: datetime) -> str:
    """Return what happened and what to do next, in one or two sentences."""
    state = view.state
    silent = silence(view, now)
    if state.status == "running" and silent is not None:
        return say("No sign of life for {seconds} s, but its worker is alive. Wait, or press s.", seconds=silent)
    hint = say(state.hint.strip().rstrip(".。"))
    told = {
        "status": state.exit_status,
        "message": _message(state, say),
        "hint": say("{sentence}.", sentence=hint) if hint else "",
    }
    return say(UNDER_REVIEW if is_under_review(state) else NEXT_ACTIONS[state.status], **told)


def _message(state: RunState, say: Say) -> str:
    """Return why a run ended; what its gates refuse is said in the reader's language."""
    reasons = [reason for gate in refusing(state.facts) for reason in reasons_of(gate)]
    is_refusal = state.status == "failed" and state.current == "bundle" and bool(reasons)
    return say(MAY_NOT_SHIP, reasons=reasons) if is_refusal else say(state.message)


def is_under_review(state: RunState) -> bool:
    """Tell whether a run ended because findings wait for a person."""
    return state.status == "waiting" and state.current in ("detect", "review")


def silence(view: RunView, now: datetime) -> int | None:
    """Return the seconds since the last event of a living worker, or None where it speaks as it should."""
    if not view.is_alive or view.state.last_event is None:
        return None
    seconds = (now - view.state.last_event).total_seconds()
    return int(seconds) if seconds > SILENCE_LIMIT else None


def progress(state: RunState) -> float:
    """Return the share of the path that is done, 0 to 1; the step that runs counts for its part."""
    if not state.steps:
        return 0.0
    part = sum(step.done / step.total for step in state.steps if step.status in ("running", "failed") and step.total)
    return min(1.0, (state.finished_steps + part) / len(state.steps))


def seconds_left(state: RunState, now: datetime) -> float | None:
    """Return the seconds that the current step still needs, or None where nobody can know."""
    if state.status != "running" or not state.current:
        return None
    if state.current == "train" and state.curve:
        return state.curve[-1].seconds_left
    return state.step(state.current).seconds_left(now)


def eta(state: RunState, now: datetime, say: Say) -> str:
    """Return the time that the current step still needs, in words; "" where none runs."""
    if state.status != "running":
        return ""
    left = seconds_left(state, now)
    if left is None:
        return say("estimating…")
    around = spread(state)
    return f"{duration(left)} (±{duration(left * around)})" if around else duration(left)


def spread(state: RunState) -> float:
    """Return how far the speed of the last steps strays from its mean, as a share; 0 where too few are known."""
    speeds = [point.tokens_per_second for point in state.curve[-WINDOW:]]
    if state.current != "train" or len(speeds) < FEW_SPEEDS or not all(speeds):
        return 0.0
    return statistics.stdev(speeds) / statistics.mean(speeds)


def gain(state: RunState) -> str:
    """Return the primary score before and after the adaptation, or "" where it was not measured."""
    measured = state.facts.get("evaluate", {})
    scores, primary = measured.get("scores", {}), judged(measured).primary
    values = [scores.get(who, {}).get(primary, {}).get("value") for who in ("base", "adapted")]
    return "" if None in values else "->".join(f"{value:.2f}" for value in values)


def judged(evaluate: Mapping[str, Any]) -> Judged:
    """Return what the answers of a run were judged by, from the facts of its evaluation."""
    return JUDGED[evaluate.get("kind", "line")]


def duration(seconds: float) -> str:
    """Return seconds as 1h02m, 3m05s or 12s."""
    whole = round(max(0.0, seconds))
    if whole >= 3600:
        return f"{whole // 3600}h{whole % 3600 // 60:02d}m"
    return f"{whole // 60}m{whole % 60:02d}s" if whole >= 60 else f"{whole}s"


def size(byte_count: float) -> str:
    """Return bytes as 9 kB, 12 MB or 1.4 GB (powers of 1000)."""
    if 0 < byte_count < 1e6:
        return f"{max(1, round(byte_count / 1e3))} kB"
    return f"{byte_count / 1e9:.1f} GB" if byte_count >= 1e9 else f"{byte_count / 1e6:.0f} MB"


def number(value: Any, digits: int) -> str:
    """Return a measured number; "-" where it was not measured."""
    return f"{value:,.{digits}f}" if isinstance(value, int | float) else "-"


def interval(score: Mapping[str, Any]) -> str:
    """Return a score with the ends of its 95 % interval, in at most 17 cells."""
    if not {"value", "low", "high"} <= score.keys():
        return number(score.get("value"), 3)
    return f"{score['value']:.3f} {score['low']:.2f}-{score['high']:.2f}"


def bar(share: float, width: int, *, is_ascii: bool) -> str:
    """Return a bar of exactly `width` cells."""
    share = min(1.0, max(0.0, share))
    if is_ascii:
        full = int(share * width)
        return "#" * full + "." * (width - full)
    eighths = int(share * width * 8)
    drawn = "█" * (eighths // 8) + (EIGHTHS[eighths % 8] if eighths % 8 else "")
    return drawn + "░" * (width - len(drawn))


def fit(text: str, width: int) -> str:
    """Return the text in exactly `width` cells; what was cut off is told by an ellipsis."""
    if cell_len(text) <= width:
        return set_cell_size(text, width)
    return set_cell_size(text, width - 1) + "…" if width > 0 else ""


def fit_right(text: str, width: int) -> str:
    """Return the text at the right end of `width` cells."""
    return " " * max(0, width - cell_len(text)) + text if cell_len(text) <= width else fit(text, width)
