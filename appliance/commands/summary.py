"""The table at the end of a run: pure text from the facts of its steps."""

import shlex
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from appliance.commands.options import program
from appliance.core.language import message, say
from appliance.core.languages import language_code
from appliance.core.reasons import told
from appliance.core.run_state import RunState
from appliance.core.sanitising import visible
from appliance.core.tasks import JUDGED, TITLES, Judged
from appliance.core.telling import padded
from appliance.core.workspace import Workspace

Facts = Mapping[str, Any]
MEGABYTE = 1e6
TARGET = {
    "reached": message("reached"),
    "not reached": message("NOT REACHED"),
    "open": message("open: the interval holds the target"),
}
EXAMPLE = "your text"
LABEL = 8  # cells


def summary(state: RunState, workspace: Workspace, example: str = EXAMPLE) -> str:
    """Return what happened in a run, as far as it came, for a terminal of some 100 columns."""
    facts = state.facts
    blocks: list[Iterator[str]] = []
    if "train" in facts:
        blocks.append(_records(facts))
    if measured := facts.get("evaluate"):
        judged = JUDGED[measured["kind"]]
        blocks.append(_scores(say("held-out lines"), measured["scores"], judged))
        if measured["unseen"]["adapted"][judged.primary]["samples"]:
            unseen = say("held-out lines with a word that training never showed")
            blocks.append(_scores(unseen, measured["unseen"], judged))
        blocks.append(_gains(measured["gains"], say(TITLES[judged.primary])))
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
    ingest, detect, clean = facts["ingest"], facts["detect"], facts["anonymize"]
    quarantined = ingest["quarantined"] + detect["quarantined"]
    read = ingest["records"] + ingest["quarantined"]
    dropped = say("{count} dropped by policy, ", count=clean["dropped"]) if clean["dropped"] else ""
    counts = {"read": read, "quarantined": quarantined, "dropped": dropped, "clean": clean["records"]}
    found = ", ".join(f"{kind} {count}" for kind, count in sorted(detect["findings"].items()))
    leaks = {"leaks": clean["leaks"], "count": clean["originals"]}
    yield _labelled(say("records"), say("{read} read, {quarantined} quarantined, {dropped}{clean} clean", **counts))
    yield _labelled(say("findings"), found)
    yield _labelled(say("leaks"), say("{leaks} of {count} replaced values found in what leaves", **leaks))
    yield from _training(facts["prepare"], facts["train"])


def _training(prepare: Facts, train: Facts) -> Iterator[str]:
    kept = {"train": prepare["train"], "test": prepare["test"], "duplicates": prepare["duplicates"]}
    yield _labelled(say("examples"), say("{train} to train, {test} held out, {duplicates} duplicates removed", **kept))
    told = message("{steps} steps, {seconds} s, {speed} tokens/s, peak {peak} GB, held-out loss {loss}")
    facts = {
        "steps": train["steps"],
        "seconds": f"{train['seconds']:.0f}",
        "speed": f"{train['tokens_per_second']:.0f}",
        "peak": f"{train['peak_bytes'] / 1e9:.1f}",
        "loss": f"{train['valid_loss']:.3f}",
    }
    yield _labelled(say("training"), say(told, **facts))


def _labelled(label: str, told: str) -> str:
    return f"{padded(label, LABEL)} {told}"


def _scores(title: str, scores: Facts, judged: Judged) -> Iterator[str]:
    samples = scores["adapted"][judged.primary]["samples"]
    yield say("{title} (n = {samples}, 95 % intervals)", title=title, samples=samples)
    yield f"  {'':<26}{''.join(padded(say(TITLES[name]), 24) for name in judged.measures)}".rstrip()
    for who in judged.contenders:
        cells = "".join(f"{interval(scores[who][name]):<24}" for name in judged.measures)
        yield f"  {padded(say(TITLES[who]), 26)}{cells}".rstrip()


def interval(score: Facts) -> str:
    """Return a score with its interval."""
    return f"{score['value']:.3f} [{score['low']:.3f}, {score['high']:.3f}]"


def _gains(gains: Iterable[Facts], score: str) -> Iterator[str]:
    for gain in (each for each in gains if each["samples"]):
        verdict = say("a gain") if gain["low"] > 0 else say("no proven gain: the interval holds zero")
        if gain["high"] < 0:
            verdict = say("a loss")
        yield f"adapted - {gain['against']:<12} {gain['slice']:<12} {score} {interval(gain)}  {verdict}"


def _variants(verify: Facts, primary: str) -> Iterator[str]:
    yield (
        f"variant         size  prefill   decode  top-1  same answers  general  {TITLES[primary]:<22} retention  gate"
    )
    for name, variant in verify["variants"].items():
        retention = "      -" if variant["retention"] is None else f"{variant['retention']:>7.3f}"
        mark = " *" if name == verify["chosen"] else ""
        yield (
            f"{name:<10} {variant['bytes'] / MEGABYTE:>6.0f} MB {variant['prefill_tokens_per_second']:>5.0f}/s "
            f"{variant['decode_tokens_per_second']:>6.0f}/s  {variant['top1_agreement']:.3f}  "
            f"{variant['same_answers']['value']:>12.3f}  x{variant['general_perplexity']:.3f}  "
            f"{interval(variant[primary])}   {retention}  {'PASS' if variant['passed'] else 'FAIL'}{mark}"
        )
        if not variant["passed"]:
            yield say("       refused: {reason}", reason=told(variant["reasons"], language_code()))
    chosen = verify["chosen"]
    yield (
        say("* the smallest variant that passes; it is in the bundle")
        if chosen
        else say("no variant passes: none will be signed")
    )


def _figure(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:.3g}"


def _gates(verdict: Facts) -> Iterator[str]:
    yield f"{'gate':<16}{'value':>8}{'limit':>8}"
    for gate in verdict["gates"]:
        value, limit = ("-" if gate[key] is None else _figure(gate[key]) for key in ("value", "limit"))
        yield f"{gate['name']:<16}{value:>8}{limit:>8}  {gate['status'].upper()}"
        if gate["status"] == "refused":
            yield say("       refused: {reason}", reason=told(gate.get("reasons", ()), language_code()))
    if override := verdict["override"]:
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
        name = padded(say(TITLES.get(each["of"], each["of"])), 26)
        yield f"  {name}{interval(each['score']):<24}{say(TARGET[each['judged']])}"
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
