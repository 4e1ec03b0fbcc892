"""One verdict from all measured facts: every gate with its value, its limit and a reason in plain words. Pure.

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

from appliance.core.hashing import digest_of
from appliance.core.sections import GatesSettings

Status = Literal["passed", "refused", "not tested"]
Facts = Mapping[str, Mapping[str, Any]]  # what the steps sealed, by step
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
    reason: str


def judge(facts: Facts, limits: GatesSettings) -> tuple[Gate, ...]:
    """Return every gate.

    `facts` holds the sealed JSON of evaluate, verify, anonymize, probe and residual; of train where it was private.
    """
    safety, residual = _safety(facts["probe"], limits), _residual(facts["residual"], limits.max_residual)
    privacy = judge_privacy(facts.get("train"), limits.max_epsilon)
    return (*_help(facts, limits), *safety, privacy, residual, _legal_class(facts))


def refused(gates: Sequence[Gate]) -> tuple[Gate, ...]:
    """Return the gates that refuse."""
    return tuple(gate for gate in gates if gate.status == "refused")


def verdict_digest(gates: Sequence[Mapping[str, Any]], limits: Mapping[str, Any], ships: Mapping[str, Any]) -> str:
    """Return what an approver signs: the gates, their limits, and what was judged and would ship."""
    return digest_of({"gates": gates, "limits": limits, "ships": ships})


def _help(facts: Facts, limits: GatesSettings) -> Iterator[Gate]:
    gain, verdict = facts["evaluate"]["gate"], facts["verify"]
    yield Gate("gain", "evaluate", _status(passed=gain["passed"]), gain["value"], gain["limit"], gain["reason"])
    chosen = verdict["chosen"]
    told = "; ".join(f"{name}: {', '.join(each['reasons'])}" for name, each in verdict["variants"].items())
    reason = f"{chosen} keeps its limits and is the smallest that does" if chosen else f"no variant does: {told}"
    yield Gate("variant", "verify", _status(passed=chosen is not None), None, None, reason)
    yield _regression(verdict, limits.max_regression)


def _regression(verdict: Mapping[str, Any], limit: float) -> Gate:
    chosen = verdict["chosen"]
    if chosen is None:
        return Gate("regression", "verify", "not tested", None, limit, "no variant ships")
    score = verdict["variants"][chosen]["regression"]
    reason = (
        f"{chosen}: perplexity of the general text x{score['value']:.3f} of the un-adapted base's, 95 % interval "
        f"{score['low']:.3f} to {score['high']:.3f} on {score['samples']} pieces; its lower end counts"
    )
    return Gate("regression", "verify", _status(passed=score["low"] <= limit), score["low"], limit, reason)


def _safety(probe: Mapping[str, Any], limits: GatesSettings) -> Iterator[Gate]:
    yield _exposure(probe["canaries"], limits)
    worst = max(probe["membership"], key=lambda each: float(each["auc"]["high"]))
    area = f"area under the curve of the best attack ({worst['attack']})"
    yield _held("membership", worst["auc"], "high", limits.max_membership_auc, area)
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
        return Gate("exposure", "probe", status, None, limit, "no canaries were planted (prepare.canary_repeats)")
    worst = max(learnt, key=lambda level: float(level["exposure"]["high"]))
    score = worst["exposure"]
    controls = "".join(f"; controls, never trained: {_bits(level)}" for level in levels if level["trained"] == 0)
    told = (
        f"canaries planted {worst['planted']} times and trained {worst['trained']} times: median exposure "
        f"{_bits(worst)}, of {canaries['bits']:.1f} bits; {worst['first']} of {score['samples']} can be read out"
    )
    return Gate("exposure", "probe", _status(passed=score["high"] <= limit), score["high"], limit, told + controls)


def _bits(level: Mapping[str, Any]) -> str:
    score = level["exposure"]
    return f"{score['value']:.1f} [{score['low']:.1f}, {score['high']:.1f}], n = {score['samples']}"


def _true_positives(attack: Mapping[str, Any], limit: float) -> Gate:
    if attack["others"] < FEWEST_OTHERS:
        reason = f"{attack['others']} held-out examples cannot show a rate of 1 % false alarms: {FEWEST_OTHERS} can"
        return Gate("true-positives", "probe", "not tested", None, limit, reason)
    share = "of the trained examples are told from others at 1 % false alarms"
    return _held("true-positives", attack["tpr"], "low", limit, share)


def _extraction(excess: Mapping[str, Any], limit: float) -> Gate:
    if excess["samples"] < FEWEST_ANSWERS:
        reason = f"{excess['samples']} answers of the smaller side show little: {FEWEST_ANSWERS} long enough are needed"
        return Gate("extraction", "probe", "not tested", None, limit, reason)
    return _held("extraction", excess, "low", limit, "more answers are completed word for word if they were trained on")


def _originals(originals: Mapping[str, Any]) -> Gate:
    said, watched, answers = originals["said"], originals["watched"], originals["answers"]
    reason = f"{said} of {watched} replaced values stand in {answers} answers of the model"
    tested = watched > 0 and answers > 0
    status = _status(passed=said == 0) if tested else "not tested"
    return Gate("originals", "probe", status, said if tested else None, 0, reason)


def _held(name: str, score: Mapping[str, Any], end: Literal["low", "high"], limit: float, what: str) -> Gate:
    told = f"{score['value']:.3f} {what}, 95 % interval {score['low']:.3f} to {score['high']:.3f}"
    counts = "upper" if end == "high" else "lower"
    reason = f"{told} on {score['samples']} examples of the smaller side; its {counts} end counts"
    return Gate(name, "probe", _status(passed=score[end] <= limit), score[end], limit, reason)


def judge_privacy(told: Mapping[str, Any] | None, limit: float | None) -> Gate:
    """Return the gate of a training's guarantee; `told` is None where there is none.

    The guarantee is that of one example: what stands several times is not held by the limit.
    """
    if told is None:
        status: Status = "not tested" if limit is None else "refused"
        return Gate("privacy", "train", status, None, limit, "not trained with differential privacy ([train.privacy])")
    epsilon, copies = told["epsilon"], told["copies"]
    reason = (
        f"epsilon {epsilon:.3g} and delta {told['delta']:.2g} for {told['unit']} of {told['examples']}, after "
        f"{told['steps']} steps with noise {told['noise_multiplier']:.3g} and sampling rate {told['sample_rate']:.3g}"
    )
    if copies > 1:
        reason += f"; one stands {copies} times, and is protected {copies} times less"
    if limit is None:
        return Gate("privacy", "train", "not tested", epsilon, None, f"{reason}; no limit is set (gates.max_epsilon)")
    return Gate("privacy", "train", _status(passed=epsilon <= limit and copies == 1), epsilon, limit, reason)


def _residual(residual: Mapping[str, Any], limit: float | None) -> Gate:
    bound, read, drawn = residual["share_at_most"], residual["read"], residual["drawn"]
    if not drawn or read < drawn:
        status: Status = "not tested" if limit is None else "refused"
        reason = f"{read} of {drawn} drawn records were audited by a person: nothing is bounded"
        return Gate("residual", "residual", status, None, limit, reason)
    reason = f"at most {bound:.2%} of the records still hold something (95 %, {read} records audited)"
    if limit is None:
        return Gate(
            "residual", "residual", "not tested", bound, None, f"{reason}; no limit is set (gates.max_residual)"
        )
    return Gate("residual", "residual", _status(passed=bound <= limit), bound, limit, reason)


def _legal_class(facts: Facts) -> Gate:
    """What a key or a vault can undo is no 匿名加工情報: APPI art. 2(6) and 規則 34 want that nobody can restore it."""
    claimed = facts["residual"]["legal_class"]
    done = facts["anonymize"]["accepted_by_technique"]
    places = sum(done.get(technique, 0) for technique in REVERSIBLE)
    if claimed == "tokumei-kakou" and places:
        reason = f"{places} places were replaced in a way that the key or the vault can undo: no 匿名加工情報"
        return Gate("legal-class", "anonymize", "refused", places, 0, reason)
    reason = f"treated as {claimed}; {places} places can be undone with the key or the vault"
    return Gate("legal-class", "anonymize", "passed", places, None, reason)


def _status(*, passed: bool) -> Status:
    return "passed" if passed else "refused"
