"""One verdict from all measured facts: every gate with its value, its limit and its reasons. Pure.

    gain         exact match over the un-adapted base: the whole interval above `evaluate.min_gain`
    variant      an exported variant keeps what training brought
    regression   the general text is not much less likely to what ships than to the un-adapted base: the lower end
    leaks        no replaced value stands in what leaves
    exposure     canaries: the upper end of the median of every level that was trained on
    membership   telling trained from held-out examples by the best attack: upper end of the area under the curve
    true-positives  the same where 1 % false alarms are allowed: the lower end, for few examples show little there
    extraction   answers completed word for word, above those of held-out examples: the lower end
    originals    no replaced value is said by the model that its base does not say too
    residual     the 95 % bound on the records that still hold something
    privacy      the epsilon of a private training, where no example stands twice
    legal-class  what is said to be 匿名加工情報 can be undone by nobody

Covers: a leak that the attacks show, or cannot exclude below the limit.
Does not cover: a gate that is "not tested", for too little was measured or there is no limit. It stands in the verdict,
and refuses where a setting asks for it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from appliance.core.distil_section import is_student
from appliance.core.reasons import Reason, about, reason
from appliance.core.sections import GatesSettings

Status = Literal["passed", "refused", "not tested"]
Facts = Mapping[str, Any]  # what the steps sealed, by step
FEWEST_OTHERS = 100  # held-out examples; of fewer none may pass, and the false alarms are more than 1 % all the same
FEWEST_ANSWERS = 20  # of each side; of fewer, even 4 in 10 that are read out, and none of the others, would pass
REVERSIBLE = ("placeholder", "surrogate")


@dataclass(frozen=True, slots=True)
class Gate:
    """One measured value against its limit."""

    name: str
    step: str  # whose sealed file the value stands in
    status: Status
    value: float | None  # None: not measured, or nothing that is a number
    limit: float | None
    reasons: tuple[Reason, ...]  # said in the reader's language


def judge(facts: Facts, limits: GatesSettings) -> tuple[Gate, ...]:
    """Return every gate.

    `facts` holds the sealed JSON of evaluate, verify, anonymize, probe and residual; of train where it was private, and
    then its learning curve as "curve"; of the probe's attacks on a student, where there is one, as "student".
    """
    safety, residual = _safety(_attacked(facts), limits), _residual(facts["residual"], limits.max_residual)
    privacy = judge_privacy(facts.get("train"), limits.max_epsilon, len(facts.get("curve", ())))
    return (*_help(facts, limits), *safety, privacy, residual, _legal_class(facts))


def refused(gates: Sequence[Gate]) -> tuple[Gate, ...]:
    """Return the gates that refuse."""
    return tuple(gate for gate in gates if gate.status == "refused")


def _help(facts: Facts, limits: GatesSettings) -> Iterator[Gate]:
    gain, verdict = facts["evaluate"]["gate"], facts["verify"]
    told = tuple(gain["reasons"])
    yield Gate("gain", "evaluate", _status(passed=gain["passed"]), gain["value"], gain["limit"], told)
    chosen = verdict["chosen"]
    yield Gate("variant", "verify", _status(passed=chosen is not None), None, None, _choice(verdict))
    yield _regression(verdict, limits.max_regression)


def _choice(verdict: Mapping[str, Any]) -> tuple[Reason, ...]:
    """Say what ships, and of every variant that does not keep its limits, which."""
    chosen, variants = verdict["chosen"], verdict["variants"]
    first = reason("variant-ships", variant=chosen) if chosen else reason("no-variant")
    return (first, *(each for name, found in variants.items() for each in about(found["reasons"], name)))


def _regression(verdict: Mapping[str, Any], limit: float) -> Gate:
    chosen = verdict["chosen"]
    if chosen is None:
        return Gate("regression", "verify", "not tested", None, limit, (reason("no-variant"),))
    score = verdict["variants"][chosen]["regression"]
    told = (reason("regression", of=chosen, **score),)
    return Gate("regression", "verify", _status(passed=score["low"] <= limit), score["low"], limit, told)


def _attacked(facts: Facts) -> Mapping[str, Any]:
    """Return what the attacks found of the model that ships: a student is one of its own."""
    found: Mapping[str, Any] = facts["student" if is_student(facts["verify"]["chosen"]) else "probe"]
    return found


def _safety(probe: Mapping[str, Any], limits: GatesSettings) -> Iterator[Gate]:
    yield _exposure(probe["canaries"], limits)
    worst = max(probe["membership"], key=lambda each: float(each["auc"]["high"]))
    told = reason("membership", attack=worst["attack"], **worst["auc"])
    yield _held("membership", worst["auc"], "high", limits.max_membership_auc, told)
    sharpest = max(probe["membership"], key=lambda each: float(each["tpr"]["low"]))
    yield _true_positives(sharpest, limits.max_true_positives)
    yield _extraction(probe["extraction"]["excess"], limits.max_extraction)
    yield _originals(probe["originals"])


def _exposure(canaries: Mapping[str, Any] | None, limits: GatesSettings) -> Gate:
    """Controls are no level to judge: they were never trained on, and a few can have a high median by chance alone."""
    limit = limits.max_exposure
    levels = canaries["levels"] if canaries else ()
    learnt = [level for level in levels if level["trained"] > 0]
    if canaries is None or not learnt:
        status: Status = "refused" if limits.require_canaries else "not tested"
        return Gate("exposure", "probe", status, None, limit, (reason("no-canaries"),))
    worst = max(learnt, key=lambda level: float(level["exposure"]["high"]))
    score = worst["exposure"]
    counts = {"planted": worst["planted"], "trained": worst["trained"], "first": worst["first"]}
    told = reason("canaries", bits=canaries["bits"], **counts, **score)
    controls = (reason("canaries-control", **level["exposure"]) for level in levels if level["trained"] == 0)
    return Gate("exposure", "probe", _status(passed=score["high"] <= limit), score["high"], limit, (told, *controls))


def _true_positives(attack: Mapping[str, Any], limit: float) -> Gate:
    if attack["others"] < FEWEST_OTHERS:
        few = reason("few-others", others=attack["others"], needed=FEWEST_OTHERS)
        return Gate("true-positives", "probe", "not tested", None, limit, (few,))
    return _held("true-positives", attack["tpr"], "low", limit, reason("true-positives", **attack["tpr"]))


def _extraction(excess: Mapping[str, Any], limit: float) -> Gate:
    if excess["samples"] < FEWEST_ANSWERS:
        few = reason("few-answers", samples=excess["samples"], needed=FEWEST_ANSWERS)
        return Gate("extraction", "probe", "not tested", None, limit, (few,))
    return _held("extraction", excess, "low", limit, reason("extraction", **excess))


def _originals(originals: Mapping[str, Any]) -> Gate:
    counts = {key: originals[key] for key in ("said", "watched", "answers")}
    tested = counts["watched"] > 0 and counts["answers"] > 0
    status = _status(passed=counts["said"] == 0) if tested else "not tested"
    return Gate("originals", "probe", status, counts["said"] if tested else None, 0, (reason("originals", **counts),))


def _held(name: str, score: Mapping[str, Any], end: Literal["low", "high"], limit: float, told: Reason) -> Gate:
    return Gate(name, "probe", _status(passed=score[end] <= limit), score[end], limit, (told,))


def judge_privacy(told: Mapping[str, Any] | None, limit: float | None, taken: int) -> Gate:
    """Return the gate of a training's guarantee; `told` is None where there is none.

    The guarantee is that of one example: what stands several times is not held by the limit. It is none where delta
    lets a whole example be given away, or where more or fewer steps were `taken` than were counted.
    """
    if told is None:
        status: Status = "not tested" if limit is None else "refused"
        return Gate("privacy", "train", status, None, limit, (reason("no-privacy"),))
    epsilon, copies = told["epsilon"], told["copies"]
    counts = {key: told[key] for key in ("epsilon", "delta", "examples", "steps", "noise_multiplier", "sample_rate")}
    reasons = [reason("privacy", **counts)]
    if copies > 1:
        reasons.append(reason("privacy-copies", copies=copies))
    broken = list(_broken(told, taken))
    if broken:
        return Gate("privacy", "train", "refused", epsilon, limit, (*reasons, *broken))
    if limit is None:
        reasons.append(reason("no-privacy-limit"))
        return Gate("privacy", "train", "not tested", epsilon, None, tuple(reasons))
    return Gate("privacy", "train", _status(passed=epsilon <= limit and copies == 1), epsilon, limit, tuple(reasons))


def _broken(told: Mapping[str, Any], taken: int) -> Iterator[Reason]:
    if told["delta"] >= 1 / told["examples"]:
        yield reason("privacy-delta", delta=told["delta"], examples=told["examples"])
    if told["steps"] != taken:
        yield reason("privacy-steps", steps=told["steps"], taken=taken)


def _residual(residual: Mapping[str, Any], limit: float | None) -> Gate:
    bound, read, drawn = residual["share_at_most"], residual["read"], residual["drawn"]
    if not drawn or read < drawn:
        status: Status = "not tested" if limit is None else "refused"
        return Gate("residual", "residual", status, None, limit, (reason("residual-open", read=read, drawn=drawn),))
    told = reason("residual", bound=bound, read=read)
    if limit is None:
        return Gate("residual", "residual", "not tested", bound, None, (told, reason("no-residual-limit")))
    return Gate("residual", "residual", _status(passed=bound <= limit), bound, limit, (told,))


def _legal_class(facts: Facts) -> Gate:
    """What a key or a vault can undo is no 匿名加工情報: APPI art. 2(6) and 規則 34 want that nobody can restore it."""
    claimed = facts["residual"]["legal_class"]
    done = facts["anonymize"]["accepted_by_technique"]
    places = sum(done.get(technique, 0) for technique in REVERSIBLE)
    if claimed == "tokumei-kakou" and places:
        undone = (reason("legal-class-undone", places=places),)
        return Gate("legal-class", "anonymize", "refused", places, 0, undone)
    told = (reason("legal-class", claimed=claimed, places=places),)
    return Gate("legal-class", "anonymize", "passed", places, None, told)


def _status(*, passed: bool) -> Status:
    return "passed" if passed else "refused"
