"""The variants of a run with their gates, the bundles and what is installed, as lines. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from tui.wording import MEASURES, Say, fit, fit_right, judged, size

NAME = 7  # cells
WIDTHS = (8, 8, 7, 6, 17, 6, 5)  # size, prefill, decode, top-1, primary score with its interval, kept, gate


def variant_lines(facts: Mapping[str, Any], say: Say) -> Iterator[str]:
    """Yield one line a variant, and below it why it was refused."""
    verify = facts.get("verify", {})
    variants = verify.get("variants", {})
    if not variants:
        yield say("No variant was measured yet: the run has not come so far.")
        return
    primary = judged(facts.get("evaluate", {})).primary
    heads = (say("size"), "prefill", "decode", "top-1", say(MEASURES[primary]), say("kept"), say("gate"))
    yield _row("", heads)
    for name, found in variants.items():
        cells = (
            size(found["bytes"]) if "bytes" in found else "-",
            _number(found.get("prefill_tokens_per_second"), 0),
            _number(found.get("decode_tokens_per_second"), 0),
            _number(found.get("top1_agreement"), 3),
            _interval(found.get(primary, {})),
            _number(found.get("retention"), 3),
            {True: "PASS", False: "FAIL"}.get(found.get("passed"), "-"),
        )
        chosen = " *" if name == verify.get("chosen") else ""
        yield _row(str(name), cells) + chosen
        if reasons := found.get("reasons"):
            yield f"   {say('refused: {reason}', reason=reasons)}"
    samples = next((found[primary].get("samples") for found in variants.values() if found.get(primary)), None)
    if samples:
        yield say("n = {n}, 95 % intervals; tokens a second", n=samples)
    yield (
        say("* the smallest that passes: it is in the bundle")
        if verify.get("chosen")
        else say("None passes: nothing is signed.")
    )


def bundle_line(facts: Mapping[str, Any], say: Say) -> str:
    """Return what was signed, or that nothing was."""
    bundle = facts.get("bundle")
    if not bundle:
        return say("No bundle yet.")
    told = {"name": bundle.get("name", ""), "version": bundle.get("version", ""), "size": size(bundle.get("bytes", 0))}
    return say("Signed: {name} {version}, {size}, key {key}", key=str(bundle.get("key_id", "-"))[:12], **told)


def _row(name: str, cells: tuple[str, ...]) -> str:
    return " ".join((fit(name, NAME), *(fit_right(cell, width) for cell, width in zip(cells, WIDTHS, strict=True))))


def _interval(score: Mapping[str, Any]) -> str:
    if not {"value", "low", "high"} <= score.keys():
        return _number(score.get("value"), 3)
    return f"{score['value']:.3f} {score['low']:.2f}-{score['high']:.2f}"


def _number(value: Any, digits: int) -> str:
    return f"{value:.{digits}f}" if isinstance(value, int | float) else "-"
