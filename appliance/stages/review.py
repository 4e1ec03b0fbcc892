"""Decides on every finding: by a stated batch policy, or by a person's file. Raw.

A run never blocks here: without a person's decisions it ends as waiting, and goes on when it is started again.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from anonymize.errors import DecisionError, OpenFindings
from anonymize.proof.reviewing import accept_all, audit_sample, read_decisions
from anonymize.records import Decision, Finding, decision_to_json, finding_from_json
from appliance.core.errors import InputError, WaitingForPerson
from appliance.core.reporting import Facts, Reporter
from appliance.core.sections import ReviewSettings
from appliance.core.store import Artifact, Draft
from appliance.stages.detect import FINDINGS

DECISIONS = "decisions.jsonl"
AUDIT = "audit_sample.json"


def run(inputs: Mapping[str, Artifact], settings: ReviewSettings, draft: Draft, reporter: Reporter) -> Facts:
    """Write one decision a finding, those on spans that a reviewer added, and the ids drawn for a human audit."""
    del reporter
    lines = list(inputs["detect"].read_lines(FINDINGS))
    findings = [finding_from_json(plain) for line in lines for plain in line["findings"]]
    decisions = _decisions(findings, settings)
    draft.write_lines(DECISIONS, (decision_to_json(decision) for decision in decisions))
    sample = audit_sample([line["id"] for line in lines], settings.audit_sample, settings.seed)
    draft.write_json(AUDIT, {"seed": settings.seed, "record_ids": list(sample)})
    verdicts = Counter(decision.verdict for decision in decisions)
    return {
        "policy": settings.policy,
        "accepted": verdicts["accept"],
        "rejected": verdicts["reject"],
        "added": len(decisions) - len(findings),
        "audit_sample": len(sample),
    }


def _decisions(findings: Sequence[Finding], settings: ReviewSettings) -> Sequence[Decision]:
    if settings.policy == "accept-all":
        return list(accept_all(findings, by="policy accept-all"))
    return _decided_by_a_person(findings, settings)


def _decided_by_a_person(findings: Sequence[Finding], settings: ReviewSettings) -> Sequence[Decision]:
    if settings.decisions is None or not settings.decisions.exists():
        raise WaitingForPerson(
            f"{len(findings)} findings wait for a reviewer's decisions",
            hint="write them to the file of review.decisions, one JSON line each, and start the run again",
        )
    try:
        return read_decisions(settings.decisions, findings)
    except OpenFindings as error:
        raise WaitingForPerson(error.message, hint=error.hint) from error
    except DecisionError as error:
        raise InputError(error.message, hint=error.hint) from error


def decisions_by_record(decisions: Iterator[Decision]) -> dict[str, list[Decision]]:
    """Return decisions by the id of their record."""
    grouped: dict[str, list[Decision]] = {}
    for decision in decisions:
        grouped.setdefault(decision.finding.record_id, []).append(decision)
    return grouped
