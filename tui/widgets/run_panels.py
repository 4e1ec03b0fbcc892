"""The parts of the train monitor as plain lines: steps, measures, results, log. Pure; the screen puts them up."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from appliance.core.run_state import Note, RunState
from appliance.core.sanitising import visible
from tui.context import Context
from tui.wording import MEASURES, Say, duration, fit, fit_right, interval, judged, number, size

STEP_MARKS = {"planned": " ", "running": ">", "reused": "=", "done": "+", "failed": "!"}
STEP_NAME, STEP_TIME = 10, 7  # cells
WHO, SECOND = 11, 12  # cells of the first column of the results, and of the second score
CHECKPOINT = "checkpoint"


def step_lines(state: RunState, context: Context, rows: int = 0) -> list[str]:
    """Return one line a step: a mark, its name, its seconds or how it was settled.

    Of more than there are rows for, those around the current one; the others are counted.
    """
    lines = [
        f"{STEP_MARKS[step.status]} {fit(visible(step.name), STEP_NAME)}{fit_right(_took(step, context), STEP_TIME)}"
        for step in state.steps
    ]
    if not 2 < rows < len(lines):
        return lines
    at = next((place for place, step in enumerate(state.steps) if step.name == state.current), 0)
    start = min(max(0, at - rows // 2), len(lines) - rows)
    after = len(lines) - rows - start
    width = STEP_NAME + STEP_TIME + 2
    shown = lines[start : start + rows]
    if start:
        shown[0] = fit(context.say("  {count} before", count=start + 1), width)
    if after:
        shown[-1] = fit(context.say("  {count} after", count=after + 1), width)
    return shown


def _took(step: Any, context: Context) -> str:
    match step.status:
        case "done":
            return f"{step.seconds:.1f} s" if step.seconds < 60 else duration(step.seconds)
        case "reused":
            return context.say("reused")
        case "failed":
            return context.say("failed")
        case "running" if step.started:
            return duration((context.now() - step.started).total_seconds())
        case _:
            return ""


def measures(state: RunState, say: Say) -> str:
    """Return the latest speeds and sizes of the training in one line; what is not known is left out."""
    parts = []
    if state.curve:
        point = state.curve[-1]
        parts += [
            f"{point.tokens_per_second:,.0f} tok/s",
            f"lr {point.learning_rate:.2g}",
            f"grad {point.gradient_norm:.2f}",
            say("memory {size}", size=size(point.rss_bytes)),
        ]
    saved = last_checkpoint(state.notes)
    if saved:
        parts.append(f"checkpoint {clock(saved.time)}")
    return "  ".join(parts)


def last_checkpoint(notes: Sequence[Note]) -> Note | None:
    """Return the latest note that tells of a checkpoint."""
    return next((note for note in reversed(notes) if CHECKPOINT in note.message.casefold()), None)


def clock(time: datetime) -> str:
    """Return the time of day where the person sits."""
    return f"{time.astimezone():%H:%M:%S}"


def log_lines(state: RunState, say: Say, *, only_warnings: bool) -> list[str]:
    """Return the notes, the oldest first, and the failure as the last one."""
    lines = [
        f"{clock(note.time)} {visible(note.level.upper()):<7} {say(note.message)}"
        for note in state.notes
        if not only_warnings or note.level != "info"
    ]
    if state.status == "failed" and state.last_event:
        lines.append(f"{clock(state.last_event)} {'ERROR':<7} {say(state.message)}")
    return lines


def result_lines(facts: Mapping[str, Mapping[str, Any]], say: Say) -> list[str]:
    """Return the table of results: scores, variants, bundle; a part that was not measured is left out."""
    lines = [*_scores(facts.get("evaluate", {}), say), *_variants(facts.get("verify", {}), say)]
    bundle = facts.get("bundle", {})
    if bundle:
        told = {"name": bundle.get("name", "-"), "version": bundle.get("version", "-")}
        lines.append(say("bundle {name} {version}", **told) + _sized(bundle.get("bytes")))
    return lines


def _scores(evaluate: Mapping[str, Any], say: Say) -> Iterator[str]:
    scores = evaluate.get("scores", {})
    if not scores:
        return
    first, second = judged(evaluate).measures[:2]
    heads = (fit_right(say(MEASURES[first]), 18), fit_right(say(MEASURES[second]), SECOND))
    yield f"{fit('', WHO)} {' '.join(heads)} {fit_right(say('samples'), 9)}"
    for who, measured in scores.items():
        primary = measured.get(first, {})
        cells = (fit_right(interval(primary), 18), fit_right(number(measured.get(second, {}).get("value"), 3), SECOND))
        yield f"{fit(visible(str(who)), WHO)} {' '.join(cells)} {fit_right(str(primary.get('samples', '-')), 9)}"


def _variants(verify: Mapping[str, Any], say: Say) -> Iterator[str]:
    variants = verify.get("variants", {})
    if not variants:
        return
    heads = (fit_right(say("size"), 8), fit_right("tok/s", 7), fit_right(say("kept"), 6), say("verdict"))
    width = max(WHO, *map(len, variants))
    yield f"{fit('', width)} {' '.join(heads)}"
    for name, found in variants.items():
        cells = (
            fit_right(size(found["bytes"]) if "bytes" in found else "-", 8),
            fit_right(number(found.get("decode_tokens_per_second"), 1), 7),
            fit_right(number(found.get("retention"), 2), 6),
            {True: "PASS", False: "FAIL"}.get(found.get("passed"), "-"),
        )
        chosen = f" {say('chosen')}" if name == verify.get("chosen") else ""
        yield f"{fit(visible(str(name)), width)} {' '.join(cells)}{chosen}"


def _sized(byte_count: Any) -> str:
    return f"  {size(byte_count)}" if isinstance(byte_count, int | float) else ""
