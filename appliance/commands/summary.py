"""The table at the end of a run: pure text from the facts of its steps."""

import shlex
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from appliance.commands.options import program
from appliance.core.language import message, say
from appliance.core.languages import language_code
from appliance.core.reasons import reasons_of, told
from appliance.core.run_state import RunState
from appliance.core.sanitising import visible
from appliance.core.tasks import JUDGED, TITLES, Judged
from appliance.core.telling import padded
from appliance.core.workspace import Workspace

Facts = Mapping[str, Any]
MEGABYTE = 1e6
UNKNOWN = "-"  # not measured, or by an edition that did not seal it
TARGET = {
    "reached": message("reached"),
    "not reached": message("NOT REACHED"),
    "open": message("open: the interval holds the target"),
}
STATUS = {
    "passed": message("PASSED"),
    "refused": message("REFUSED"),
    "not tested": message("NOT TESTED"),
}
SLICES = {
    "all": message("all lines"),
    "unseen words": message("unseen words"),
    "en": message("English"),
    "ja": message("Japanese"),
    "none": message("no language"),
    "short": message("short lines"),
    "long": message("long lines"),
}
EXAMPLE = "your text"
LABEL, WHO, SCORE, SLICE, GATE, VALUE = 8, 26, 24, 13, 16, 8  # cells
VARIANT, FIGURES = 10, (10, 9, 9, 7, 14, 9)  # cells: its name at least, then its figures


def summary(state: RunState, workspace: Workspace, example: str = EXAMPLE) -> str:
    """Return what happened in a run, as far as it came, for a terminal of some 100 columns."""
    facts = state.facts
    blocks: list[Iterator[str]] = []
    if "train" in facts:
        blocks.append(_records(facts))
    if measured := facts.get("evaluate"):
        judged = JUDGED[measured.get("kind", "line")]
        blocks.append(_scores(say("held-out lines"), measured.get("scores", {}), judged))
        unseen = measured.get("unseen", {})
        if _of(unseen, "adapted", judged.primary).get("samples"):
            blocks.append(_scores(say("held-out lines with a word that training never showed"), unseen, judged))
        blocks.append(_gains(measured.get("gains", ()), say(TITLES[judged.primary])))
        if "verify" in facts:
            blocks.append(_variants(facts["verify"], judged.primary))
    if "gates" in facts:
        blocks.append(_gates(facts["gates"]))
    if facts.get("report", {}).get("kpi"):
        blocks.append(_target(facts["report"]["kpi"]))
    if "bundle" in facts:
        blocks.append(_bundle(facts["bundle"], workspace, example))
    return "\n\n".join("\n".join(map(visible, block)) for block in blocks)


def _records(facts: Facts) -> Iterator[str]:
    ingest, detect, clean = (facts.get(step, {}) for step in ("ingest", "detect", "anonymize"))
    taken, refused = ingest.get("records"), ingest.get("quarantined", 0)
    dropped = say("{count} dropped by policy, ", count=clean["dropped"]) if clean.get("dropped") else ""
    counts = {
        "read": UNKNOWN if taken is None else taken + refused,
        "quarantined": refused + detect.get("quarantined", 0),
        "dropped": dropped,
        "clean": clean.get("records", UNKNOWN),
    }
    found = ", ".join(f"{kind} {count}" for kind, count in sorted(detect.get("findings", {}).items()))
    leaks = {"leaks": clean.get("leaks", UNKNOWN), "count": clean.get("originals", UNKNOWN)}
    yield _labelled(say("records"), say("{read} read, {quarantined} quarantined, {dropped}{clean} clean", **counts))
    yield _labelled(say("findings"), found or UNKNOWN)
    yield _labelled(say("leaks"), say("{leaks} of {count} replaced values found in what leaves", **leaks))
    yield from _training(facts.get("prepare", {}), facts["train"])


def _training(prepare: Facts, train: Facts) -> Iterator[str]:
    kept = {key: prepare.get(key, UNKNOWN) for key in ("train", "test", "duplicates")}
    yield _labelled(say("examples"), say("{train} to train, {test} held out, {duplicates} duplicates removed", **kept))
    told = message("{steps} steps, {seconds} s, {speed} tokens/s, peak {peak} GB, held-out loss {loss}")
    peak = train.get("peak_bytes")
    facts = {
        "steps": train.get("steps", UNKNOWN),
        "seconds": _number(train.get("seconds"), ".0f"),
        "speed": _number(train.get("tokens_per_second"), ".0f"),
        "peak": UNKNOWN if peak is None else f"{peak / 1e9:.1f}",
        "loss": _number(train.get("valid_loss"), ".3f"),
    }
    yield _labelled(say("training"), say(told, **facts))


def _labelled(label: str, told: str) -> str:
    return f"{padded(label, LABEL)} {told}"


def _cell(text: str, cells: int) -> str:
    """Return a cell and the blank behind it."""
    return f"{padded(text, cells - 1)} "


def _right(text: str, cells: int) -> str:
    """Return the text at the right end of a cell, a blank before it."""
    return f" {' ' * (len(padded(text, cells - 1)) - len(text))}{text}"


def _of(scores: Facts, who: str, name: str) -> Facts:
    """Return one score; an older edition did not seal all of them."""
    found: Facts = scores.get(who, {}).get(name, {})
    return found


def _scores(title: str, scores: Facts, judged: Judged) -> Iterator[str]:
    samples = _of(scores, "adapted", judged.primary).get("samples", UNKNOWN)
    yield say("{title} (n = {samples}, 95 % intervals)", title=title, samples=samples)
    yield f"  {_cell('', WHO)}{''.join(_cell(say(TITLES[name]), SCORE) for name in judged.measures)}".rstrip()
    for who in judged.contenders:
        cells = "".join(_cell(interval(_of(scores, who, name)), SCORE) for name in judged.measures)
        yield f"  {_cell(say(TITLES[who]), WHO)}{cells}".rstrip()


def interval(score: Facts) -> str:
    """Return a score with its interval; "-" where it was not measured."""
    if not {"value", "low", "high"} <= score.keys():
        return UNKNOWN
    return f"{score['value']:.3f} [{score['low']:.3f}, {score['high']:.3f}]"


def _gains(gains: Iterable[Facts], score: str) -> Iterator[str]:
    for gain in (each for each in gains if each["samples"]):
        verdict = say("a gain") if gain["low"] > 0 else say("no proven gain: the interval holds zero")
        if gain["high"] < 0:
            verdict = say("a loss")
        where = say(SLICES.get(gain["slice"], str(gain["slice"])))
        yield f"adapted - {_cell(gain['against'], SLICE)}{_cell(where, SLICE)}{score} {interval(gain)}  {verdict}"


def _variants(verify: Facts, primary: str) -> Iterator[str]:
    heads = (say("size"), "prefill", "decode", "top-1", say("same answers"), say("general"))
    variants: Facts = verify.get("variants", {})
    width = max(VARIANT, *(len(name) + 1 for name in variants), 0)
    yield _variant(say("variant"), heads, say(TITLES[primary]), (say("retention"), say("gate")), width)
    chosen = verify.get("chosen")
    for name, variant in variants.items():
        size, prefill, decode = (
            variant.get(key) for key in ("bytes", "prefill_tokens_per_second", "decode_tokens_per_second")
        )
        figures = (
            UNKNOWN if size is None else f"{size / MEGABYTE:.0f} MB",
            _number(prefill, ".0f", after="/s"),
            _number(decode, ".0f", after="/s"),
            _number(variant.get("top1_agreement"), ".3f"),
            _number(variant.get("same_answers", {}).get("value"), ".3f"),
            _number(variant.get("general_perplexity"), ".3f", before="x"),
        )
        gate = f"{'PASS' if variant.get('passed') else 'FAIL'}{' *' if name == chosen else ''}"
        kept = _number(variant.get("retention"), ".3f")
        yield _variant(name, figures, interval(variant.get(primary, {})), (kept, gate), width)
        if not variant.get("passed"):
            yield say("       refused: {reason}", reason=_reasons(variant))
    yield (
        say("* the smallest variant that passes: the one for the bundle")
        if chosen
        else say("no variant passes: none will be signed")
    )


def _variant(name: str, figures: Iterable[str], score: str, last: tuple[str, str], width: int) -> str:
    told = "".join(_right(figure, cells) for figure, cells in zip(figures, FIGURES, strict=True))
    return f"{_cell(name, width)}{told}  {_cell(score, SCORE - 1)}{_right(last[0], VALUE + 1)}  {last[1]}"


def _number(value: float | None, form: str, *, before: str = "", after: str = "") -> str:
    return UNKNOWN if value is None else f"{before}{value:{form}}{after}"


def _reasons(judged: Facts) -> str:
    return told(reasons_of(judged), language_code())


def _figure(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:.3g}"


def _gates(verdict: Facts) -> Iterator[str]:
    yield f"{_cell(say('gate'), GATE)}{_right(say('value'), VALUE)}{_right(say('limit'), VALUE)}"
    for gate in verdict.get("gates", ()):
        value, limit = (UNKNOWN if gate.get(key) is None else _figure(gate[key]) for key in ("value", "limit"))
        status = say(STATUS.get(gate["status"], str(gate["status"])))
        yield f"{_cell(gate['name'], GATE)}{_right(value, VALUE)}{_right(limit, VALUE)}  {status}"
        if gate["status"] == "refused":
            yield say("       refused: {reason}", reason=_reasons(gate))
    if override := verdict.get("override"):
        who = {"by": override["by"], "key": override["key_id"][:12]}
        yield say("overridden by {by} (key {key}): {reason}", **who, reason=override["reason"])


def _target(kpi: Facts) -> Iterator[str]:
    stated = {"measure": say(TITLES.get(kpi["measure"], kpi["measure"])), "target": f"{kpi['target']:g}"}
    yield (
        say("target: {measure}, at most {target}", **stated)
        if kpi["less_is_better"]
        else say("target: {measure}, at least {target}", **stated)
    )
    for each in kpi["judged"]:
        name = _cell(say(TITLES.get(each["of"], each["of"])), WHO)
        yield f"  {name}{_cell(interval(each['score']), SCORE)}{say(TARGET[each['judged']])}"
    if not kpi["judged"]:
        yield say("  not measured by this run")


def _bundle(bundle: Facts, workspace: Workspace, example: str) -> Iterator[str]:
    folder = workspace.bundles / bundle["folder"]
    signed = {"size": f"{bundle['bytes'] / MEGABYTE:.0f} MB", "key": bundle["key_id"][:12]}
    yield _labelled("bundle", f"{folder}   {say('({size}, signed by key {key})', **signed)}")
    how = say("(what was found, and how; {program} audit recomputes it)", program=program())
    yield _labelled(say("report"), f"{folder / 'report'}   {how}")
    yield say("try it, on this machine or on a factory server with the extra [serve]:")
    yield f"  {program()} install {folder} --trusted-key {workspace.keys / 'trusted-key.pem'}"
    yield f"  {program()} generate {shlex.quote(example)}"
