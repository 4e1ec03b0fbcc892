"""What the compare screen says of scores and of the blind comparison, as lines. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from appliance.core.sanitising import visible
from appliance.reviewing.comparing import Comparison
from tui.language import message
from tui.wording import MEASURES, Say, fit, fit_right, interval, judged

WHO, SCORE, COUNT, SLICE, GAIN = 11, 17, 6, 14, 34  # cells
EVEN = 0.5  # win rate of two that are as good as each other
SLICES = {
    "all": message("all lines"),
    "unseen words": message("unseen words"),
    "en": message("English"),
    "ja": message("Japanese"),
    "none": message("no language"),
    "short": message("short"),
    "long": message("long"),
}


def head(run_id: str, facts: Mapping[str, Any], comparison: Comparison | None, say: Say) -> str:
    """Return where we are: the run, how many pairs are judged, what the gates say."""
    first = say("6 Compare · {run}", run=run_id)
    verdict = facts.get("gates")
    gates = ("PASS" if verdict.get("passed") else "FAIL") if verdict else "-"
    told = f"{first} · {say('gates {verdict}', verdict=gates)}"
    if comparison is None:
        return told
    return f"{told} · {say('judged {done}/{all}', done=comparison.judged, all=len(comparison.pairs))}"


def advice(comparison: Comparison | None, *, is_asking: bool, is_released: bool, say: Say) -> str:
    """Return what to do now, in two lines."""
    if is_asking:
        first = say("Which answer is better? a: left, b: right, t: neither, space: later.")
        return f"{first}\n{say('Whose they are stays hidden; the result opens with the last choice.')}"
    if comparison is None or not comparison.pairs:
        return say("Up and down scroll.")
    if comparison.is_complete:
        if is_released:
            second = say("Signed without it: another bundle.version takes it into its report.")
        else:
            second = say("r starts the run again: the result comes into its report.")
        return f"{say('Every pair is judged.')}\n{second}"
    left = len(comparison.pairs) - comparison.judged
    return f"{say('{count} pairs are not judged yet.', count=left)}\n{say('v goes on with them.')}"


def blind_lines(comparison: Comparison | None, why_none: str, say: Say) -> Iterator[str]:
    """Yield the result; while a pair is open only how far it is."""
    if comparison is None:
        yield visible(why_none)
        return
    if not comparison.pairs:
        yield say("No two answers differ: there is nothing to compare.")
        return
    result = comparison.result()
    if result is None:
        yield say("{done} of {all} pairs are judged.", done=comparison.judged, all=len(comparison.pairs))
        yield say("Nothing is told before the last: who sees it might stop too soon.")
        return
    rate = result["win_rate"]
    told = {"against": result["against"], "rate": interval(rate), "n": rate["samples"]}
    yield say("adapted is preferred over {against}: {rate} (95 %), n = {n}", **told)
    counts = {"wins": result["wins"], "losses": result["losses"], "ties": result["ties"]}
    yield say("{wins} for adapted, {losses} against it, {ties} for neither", **counts)
    yield _preference(rate, say)


def _preference(rate: Mapping[str, float], say: Say) -> str:
    if rate["low"] > EVEN:
        return say("PASS  the whole interval is above 0.5: it is preferred")
    if rate["high"] < EVEN:
        return say("FAIL  the whole interval is below 0.5: the other is preferred")
    return say("The interval holds 0.5: no preference is shown.")


def kpi_lines(facts: Mapping[str, Any], say: Say) -> Iterator[str]:
    """Yield one line a contender and a variant, then the gains; every figure with its interval."""
    measured = facts.get("evaluate", {})
    if not measured.get("scores"):
        yield say("Nothing was measured yet.")
        return
    first, second = judged(measured).measures[:2]
    yield _kpi("", say(MEASURES[first]), say(MEASURES[second]), "n")
    for who, scores in measured["scores"].items():
        yield _kpi(who, *_scores(scores, first, second))
    verify = facts.get("verify", {})
    for name, found in verify.get("variants", {}).items():
        mark = " *" if name == verify.get("chosen") else ""
        yield _kpi(name, *_scores(found, first, second)) + mark
    if verify.get("chosen"):
        yield say("* ships; 95 % intervals")
    for gain in measured.get("gains", ()):
        yield _gain(gain, say)


def _kpi(who: str, *cells: str) -> str:
    widths = (SCORE, SCORE, COUNT)
    return " ".join((fit(visible(who), WHO), *(fit_right(cell, w) for cell, w in zip(cells, widths, strict=True))))


def _scores(scores: Mapping[str, Any], first: str, second: str) -> tuple[str, str, str]:
    primary = scores.get(first, {})
    return interval(primary), interval(scores.get(second, {})), str(primary.get("samples", "-"))


def _gain(gain: Mapping[str, Any], say: Say) -> str:
    where = say(SLICES.get(gain["slice"], "{slice}"), slice=gain["slice"])
    called = say("a gain") if gain["low"] > 0 else say("worse") if gain["high"] < 0 else say("no gain is proven")
    label = fit(say("adapted - {against}, {where}", against=gain["against"], where=where), GAIN)
    return f"{label} {gain['value']:+.3f} {gain['low']:+.2f} .. {gain['high']:+.2f} {called}"


def slice_lines(facts: Mapping[str, Any], say: Say) -> Iterator[str]:
    """Yield one line a slice of the held-out lines."""
    measured = facts.get("evaluate", {})
    slices, task = measured.get("slices", {}), judged(measured)
    if not slices:
        yield say("Nothing was measured yet.")
        return
    yield _slice("", "n", task.contenders)
    for name, scores in slices.items():
        label = say(SLICES.get(name, "{slice}"), slice=name)
        found = [scores.get(who, {}).get(task.primary, {}) for who in task.contenders]
        yield _slice(label, str(found[-1].get("samples", "-")), [interval(score) for score in found])


def _slice(name: str, count: str, cells: Sequence[str]) -> str:
    return " ".join((fit(name, SLICE), fit_right(count, COUNT), *(fit_right(cell, SCORE) for cell in cells)))
