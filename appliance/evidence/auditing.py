"""Recomputes what a bundle's reports say from the counts that lie beside it, and finds a number that was changed. Pure.

Covers: scores, gains and intervals of contenders and variants from what each answer was worth; exposures from ranks;
membership from the attacks' scores; the extraction's shares; the budget of a private training; sample efficiency and
what changed, from outcomes, norms and answers; the bound on what remains; which variants pass, and the choice; every
gate; the approver's signatures, on an override and on decisions, and their order; the target; the business case; the
pages and cards, which must follow from the facts to the byte; the bill of materials but for the versions of libraries.
Does not cover: what needs the model or the text itself; `CANNOT` names it.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from anonymize.proportions import upper_bound
from appliance.core.distil_section import STUDENT
from appliance.core.errors import SettingsError
from appliance.core.hashing import canonical_json
from appliance.core.purpose import KpiSettings
from appliance.core.sections import GatesSettings, VerifySettings
from appliance.evaluation.business import again
from appliance.evaluation.decide import verdict_facts
from appliance.evaluation.differences import count_changes, distance
from appliance.evaluation.exposure import exposures
from appliance.evaluation.gates import judge
from appliance.evaluation.kpi import kpi_facts
from appliance.evaluation.membership import membership
from appliance.evaluation.outcomes import score_outcomes, score_variant, worth
from appliance.evaluation.sample_curve import sample_facts
from appliance.evaluation.scores import Score, wilson
from appliance.evaluation.shares import share_difference
from appliance.evidence import dossier as names
from appliance.evidence.approved import Key, broken_decisions, broken_override, unknown_key
from appliance.evidence.bom import bill_of_materials, dangling, purl
from appliance.evidence.cards import data_card, model_card
from appliance.evidence.dossier import Dossier
from appliance.evidence.page import page
from appliance.evidence.privacy import accountant_version
from appliance.release.approval import verdict_digest
from appliance.training.accounting import spent
from appliance.training.moved import Moved, movement_facts

Result = Literal["same", "DIFFERS", "cannot"]
GATE_FACTS = {
    "evaluate": names.SCORES,
    "verify": names.VARIANTS,
    "anonymize": names.ANONYMIZATION,
    "probe": names.SAFETY,
    "residual": names.RESIDUAL,
    "train": names.PRIVACY,  # of a private training only
    "curve": names.CURVE,
    "student": names.STUDENT_SAFETY,  # of a run with a student only
}
CANNOT = (
    ("norms of weights and of their changes", "need the base and the adapter: run the same settings again"),
    ("likeness of examples", "needs the training examples and the embedding model"),
    ("right and wrong answers", "needs the model and the held-out lines: run the same settings again"),
    ("ranks of canaries, attack scores", "need the adapted model, its base and the training examples"),
    ("likelihoods, parity and speed of the variants", "need every variant and the held-out lines"),
    (
        "examples, copies, noise_multiplier of a private training",
        "need the training examples and the secret key: run the same settings again",
    ),
    ("seconds and joules of a request and of the training", "need the machine that they were measured on"),
    ("counts of the anonymization", "need the raw records in the vault"),
    ("the audit by a person", "needs a person who reads the same records"),
)


@dataclass(frozen=True, slots=True)
class Finding:
    """What one recomputation gave."""

    what: str
    result: Result
    detail: str = ""


def audit(
    dossier: Dossier, texts: Mapping[str, str], bill: Mapping[str, Any], approver: Key | None = None
) -> Iterator[Finding]:
    """Yield a finding for every kind of number, and for the approver's words.

    Args:
        dossier: all sealed facts.
        texts: the pages and cards by their name in the bundle.
        bill: the bill of materials.
        approver: the key that the approver's words must be signed with; None: the auditor does not know it.
    """
    checks: tuple[tuple[str, str, Callable[[Dossier], Iterator[str]]], ...] = (
        ("scores, gains and their intervals", names.SCORES, _scores),
        ("exposure of canaries", names.SAFETY, lambda each: _exposures(each.files[names.SAFETY])),
        ("membership attacks", names.SAFETY, lambda each: _membership(each.files[names.SAFETY], _attacks(each))),
        ("extraction", names.SAFETY, lambda each: _extraction(each.files[names.SAFETY])),
        ("bound on what remains", names.RESIDUAL, _residual),
        ("retention and choice of a variant", names.VARIANTS, _variants),
        ("sample efficiency", names.SAMPLES, _samples),
        ("what changed", names.CHANGES, _changes),
        ("blind comparison", names.COMPARISON, _comparison),
        ("target of the owner", names.CARD, _kpi),
        ("business case", names.CARD, _business),
        ("gates and verdict", names.GATES, _gates),
    )
    for what, file, check in checks:
        yield _finding(what, [f"{file} {place}" for place in check(dossier)])
    yield from _words(dossier, approver)
    if names.PRIVACY in dossier.files:
        yield _privacy(dossier)
    if names.STUDENT_SAFETY in dossier.files:
        yield _finding("attacks on the student", [f"{names.STUDENT_SAFETY} {place}" for place in _student(dossier)])
    yield _finding("pages and cards", list(differing_texts(dossier, texts)))
    yield _finding("bill of materials", list(differing_parts(dossier, bill)))
    for what, why in CANNOT:
        yield Finding(what, "cannot", why)


def _words(dossier: Dossier, approver: Key | None) -> Iterator[Finding]:
    """Yield what is known of the approver's words; a signature by a key that nobody knows proves no override."""
    broken = [f"{names.DECISIONS} {place}" for place in broken_decisions(dossier, approver)]
    carried = None if broken else dossier.get(names.DECISIONS, "approver_key")
    found = _finding("stage and decisions", broken)
    yield replace(found, detail=found.detail or unknown_key(carried, approver))
    what, broken = "override of the verdict", [f"{names.GATES} {why}" for why in broken_override(dossier, approver)]
    override = dossier.get(names.GATES, "override")
    if not broken and override and approver is None:
        yield Finding(what, "cannot", unknown_key(override["approver_key"], approver))
    else:
        yield _finding(what, broken)


def _finding(what: str, places: list[str]) -> Finding:
    return Finding(what, "DIFFERS" if places else "same", ", ".join(places))


def _scores(dossier: Dossier) -> Iterator[str]:
    return _differing(dossier.files[names.SCORES], score_outcomes(dossier.files[names.OUTCOMES]))


def _student(dossier: Dossier) -> Iterator[str]:
    said = dossier.files[names.STUDENT_SAFETY]
    yield from _exposures(said)
    yield from _membership(said, said["attacks"])
    yield from _extraction(said)


def _attacks(dossier: Dossier) -> Mapping[str, Any]:
    found: Mapping[str, Any] = dossier.files[names.ATTACKS]
    return found


def _exposures(safety: Mapping[str, Any]) -> Iterator[str]:
    canaries = safety["canaries"]
    if canaries is None:
        return iter(())
    planted = [(each["planted"], each["trained"], rank) for each in canaries["levels"] for rank in each["ranks"]]
    return _differing(canaries, exposures(planted, canaries["candidates"]), "/canaries")


def _membership(safety: Mapping[str, Any], attacks: Mapping[str, Any]) -> Iterator[str]:
    anew = {each["attack"]: each for each in membership(attacks)}
    said = {each["attack"]: each for each in safety["membership"]}
    return _differing(said, anew, "/membership")


def _extraction(safety: Mapping[str, Any]) -> Iterator[str]:
    said = safety["extraction"]
    sides = {key: _share(said[key]) for key in ("trained", "held_out")}
    anew = {**sides, "excess": share_difference(sides["trained"], sides["held_out"])}
    return _differing(said, {key: asdict(score) for key, score in anew.items()}, "/extraction")


def _residual(dossier: Dossier) -> Iterator[str]:
    said = dossier.files[names.RESIDUAL]
    whole = said["drawn"] and said["read"] == said["drawn"]
    anew = {
        "share_at_most": upper_bound(said["records_with_misses"], said["drawn"]) if whole else 1.0,
        "share_at_most_if_nothing_is_missed": upper_bound(0, said["drawn"]),
    }
    return _differing(said, anew)


def _variants(dossier: Dossier) -> Iterator[str]:
    """Judge every variant anew, by the limits that were sealed with the verdict."""
    said, nll = dossier.files[names.VARIANTS], dossier.get(names.SCORES, "nll")
    outcomes, lines = dossier.files[names.OUTCOMES], dossier.files[names.VARIANT_OUTCOMES]
    limits = VerifySettings.model_validate(dossier.get(names.GATES, "ships", "settings", "verify"))
    scored = {name: score_variant(outcomes, lines[name]) for name in said["variants"]}
    kinds = {
        name: {"kind": name.removeprefix(STUDENT).partition("-")[0]} for name in scored
    }  # int4-64 is held to the limits of int4
    measured = {name: {**each, **scored[name], **kinds[name]} for name, each in said["variants"].items()}
    verdict = verdict_facts(measured, nll, outcomes["kind"], limits)
    anew = {name: {**scored[name], **kinds[name], **verdict["variants"][name]} for name in scored}
    return _differing(said, {"variants": anew, "chosen": verdict["chosen"]})


def _samples(dossier: Dossier) -> Iterator[str]:
    said = dossier.files[names.SAMPLES]
    if not said["points"]:
        return iter(())
    counted = [{key: point[key] for key in ("examples", "worth")} for point in said["points"]]
    counted[-1]["worth"] = worth(dossier.files[names.OUTCOMES], "adapted")
    return _differing(said, sample_facts(counted, said["seed"]))


def _changes(dossier: Dossier) -> Iterator[str]:
    said = dossier.files[names.CHANGES]
    moved = [
        Moved(**{key: each[key] for key in ("layer", "name", "update", "base")}) for each in said["movement"]["modules"]
    ]
    counts = count_changes(*(worth(dossier.files[names.OUTCOMES], name) for name in ("base", "adapted")))
    yield from _differing(said, {"answers": counts, "movement": movement_facts(moved)})
    shown = dossier.get(names.EXAMPLES, "differences")
    apart = [{"distance": distance(each["base"], each["adapted"])} for each in shown]
    yield from _differing(shown, apart, "/differences")


def _comparison(dossier: Dossier) -> Iterator[str]:
    said = dossier.files[names.COMPARISON]
    return _differing(said, {"win_rate": asdict(wilson(said["wins"], said["wins"] + said["losses"]))})


def _kpi(dossier: Dossier) -> Iterator[str]:
    said = dossier.get(names.CARD, "kpi")
    if said is None:
        return iter(())
    stated = KpiSettings.model_validate({key: said[key] for key in KpiSettings.model_fields})
    return _differing(said, kpi_facts(stated, dossier.files[names.SCORES], dossier.files[names.VARIANTS]), "/kpi")


def _business(dossier: Dossier) -> Iterator[str]:
    said = dossier.get(names.CARD, "business")
    return _differing(said, again(said, dossier.files[names.COST]), "/business") if said else iter(())


def _privacy(dossier: Dossier) -> Finding:
    """Count what the steps have spent anew; accountants of other versions may differ in the last digits."""
    what, said = "privacy budget", dossier.files[names.PRIVACY]
    try:
        anew = spent(said["noise_multiplier"], said["sample_rate"], said["steps"], said["delta"])
    except SettingsError as error:
        return Finding(what, "cannot", error.hint)
    rate = min(1.0, said["batch_size"] / said["examples"])
    holds = {
        "epsilon": math.isclose(anew, said["epsilon"], rel_tol=1e-6),
        "sample_rate": math.isclose(rate, said["sample_rate"], rel_tol=1e-9),
        "steps": said["steps"] == len(dossier.files[names.CURVE]),
        "delta": said["delta"] < 1 / said["examples"],
    }
    return _finding(what, [f"{names.PRIVACY} /{key}" for key, same in holds.items() if not same])


def _gates(dossier: Dossier) -> Iterator[str]:
    said = dossier.files[names.GATES]
    facts = {step: dossier.files[file] for step, file in GATE_FACTS.items() if file in dossier.files}
    gates = [asdict(gate) for gate in judge(facts, GatesSettings.model_validate(said["limits"]))]
    passed = all(gate["status"] != "refused" for gate in gates)
    digest = verdict_digest(gates, said["limits"], said["ships"])
    return _differing(said, {"gates": gates, "passed": passed, "digest": digest})


def differing_texts(dossier: Dossier, texts: Mapping[str, str]) -> Iterator[str]:
    """Yield the name of every page or card that the facts do not give to the byte."""
    made: dict[str, Callable[[], str]] = {
        "report/report.en.html": lambda: page(dossier, "en"),
        "report/report.ja.html": lambda: page(dossier, "ja"),
        "report/data_card.md": lambda: data_card(dossier),
        "report/model_card.md": lambda: model_card(dossier),
    }
    for name, text in texts.items():
        if name not in made or made[name]() != text:
            yield name


def differing_parts(dossier: Dossier, bill: Mapping[str, Any]) -> Iterator[str]:
    """Yield what differs from the bill made anew; the versions of libraries are known to the training machine alone."""
    for reference in dangling(bill):
        yield f"refers to {reference}, which it does not hold"
    libraries = [part for part in bill["components"] if part["type"] == "library"]
    anew = bill_of_materials(dossier, {})
    anew["components"] += libraries
    anew["dependencies"][0]["dependsOn"] += [part["bom-ref"] for part in libraries]
    yield from _differing(bill, anew)
    versions = {part["name"]: part["version"] for part in libraries}
    yield from (name for name, said in accountant_version(dossier).items() if versions.get(name) != said)
    for part in libraries:
        if not part["purl"] == part["bom-ref"] == purl(part["name"], part["version"]):
            yield part["name"]


def _share(score: Mapping[str, Any]) -> Score:
    """Return the share that the count behind a score gives: a value that is no count of its samples differs."""
    return wilson(round(score["value"] * score["samples"]), score["samples"])


def _differing(said: Any, anew: Any, place: str = "") -> Iterator[str]:
    """Yield the place of every value that was recomputed and differs from what was said."""
    match anew:
        case dict():
            for key, value in anew.items():
                yield from _differing(said.get(key) if isinstance(said, dict) else None, value, f"{place}/{key}")
        case list() if isinstance(said, list) and len(said) == len(anew):
            for number, (old, new) in enumerate(zip(said, anew, strict=True)):
                yield from _differing(old, new, f"{place}/{number}")
        case _:
            if canonical_json(said) != canonical_json(anew):
                yield place or "/"
