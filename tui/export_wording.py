"""The variants of a run with their gates, the bundles and what is installed, as lines. Pure."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from appliance.core.sanitising import visible
from appliance.core.wrapping import wrapped
from appliance.release.approval import Approval
from tui.verdict_wording import is_refused, verdict_line
from tui.wording import MEASURES, Say, fit, fit_right, interval, judged, number, size

REASON = 5  # cells before what goes on of a reason
NAME = 7  # cells, or as many as the longest name takes
WIDTHS = (8, 8, 7, 6, 17, 6, 5)  # size, prefill, decode, top-1, primary score with its interval, kept, gate


def variant_lines(facts: Mapping[str, Any], say: Say, width: int) -> Iterator[str]:
    """Yield one line a variant, and below it why it was refused, whole, in lines of `width` cells."""
    verify = facts.get("verify", {})
    variants = verify.get("variants", {})
    if not variants:
        yield say("No variant was measured yet: the run has not come so far.")
        return
    primary = judged(facts.get("evaluate", {})).primary
    heads = (say("size"), "prefill", "decode", "top-1", say(MEASURES[primary]), say("kept"), say("gate"))
    names = max(NAME, *map(len, variants))
    yield _row("", heads, names)
    for name, found in variants.items():
        cells = (
            size(found["bytes"]) if "bytes" in found else "-",
            number(found.get("prefill_tokens_per_second"), 0),
            number(found.get("decode_tokens_per_second"), 0),
            number(found.get("top1_agreement"), 3),
            interval(found.get(primary, {})),
            number(found.get("retention"), 3),
            {True: "PASS", False: "FAIL"}.get(found.get("passed"), "-"),
        )
        chosen = " *" if name == verify.get("chosen") else ""
        yield _row(str(name), cells, names) + chosen
        if reasons := found.get("reasons"):
            yield from wrapped(f"   {say('refused: {reason}', reason=reasons)}", width, REASON)
    samples = next((found[primary].get("samples") for found in variants.values() if found.get(primary)), None)
    if samples:
        yield say("n = {n}, 95 % intervals; tokens a second", n=samples)
    yield (
        say("* the smallest that passes: the one for the bundle")
        if verify.get("chosen")
        else say("None passes: nothing is signed.")
    )


def bundle_lines(facts: Mapping[str, Any], approval: Approval | None, where: Path | None, say: Say) -> Iterator[str]:
    """Yield what was signed and where it is; or why nothing was, and what can be done."""
    bundle, verdict = facts.get("bundle"), facts.get("gates")
    if approval:
        yield say("OVERRIDDEN by {by}: {reason}", by=approval.by, reason=approval.reason)
        yield say("r goes on with the run: it looks at this word, and signs.")
    elif bundle:
        told = {"name": bundle["name"], "version": bundle["version"], "size": size(bundle.get("bytes", 0))}
        yield say("Signed: {name} {version}, {size}, key {key}", key=str(bundle.get("key_id", "-"))[:12], **told)
        yield visible(str(where)) if where else say("It is not there any more.")
    elif is_refused(verdict):
        yield verdict_line(verdict or {}, say)
        yield say("k: the approver overrides it, with a key and a reason.")
    else:
        yield say("No bundle yet.")


def _row(name: str, cells: tuple[str, ...], name_width: int) -> str:
    return " ".join(
        (fit(name, name_width), *(fit_right(cell, width) for cell, width in zip(cells, WIDTHS, strict=True)))
    )
