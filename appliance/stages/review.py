"""Decides on every finding: by a stated batch policy, or by a person's file. Raw.

A run never blocks here: without a person's decisions it ends as waiting, and goes on when it is started again.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from anonymize.decisions import audit_sample
from anonymize.errors import DecisionError, OpenFindings
from anonymize.proof.reviewing import accept_all, read_decisions
from anonymize.records import Decision, Finding, decision_from_json, decision_to_json, finding_from_json
from appliance.core.errors import InputError, WaitingForPerson
from appliance.core.reporting import Facts, Reporter
from appliance.core.sections import ReviewSettings
from appliance.core.store import Artifact, Draft
from appliance.stages.detect import FINDINGS

DECISIONS = "decisions.jsonl"  # one line a record that was read to its end, in the order of the records
AUDIT = "audit_sample.json"
BATCH_POLICY = "policy accept-all"


def run(inputs: Mapping[str, Artifact], settings: ReviewSettings, draft: Draft, reporter: Reporter) -> Facts:
    """Write the decisions on each record, those on spans that a reviewer added, and the ids drawn for a human audit."""
    del reporter
    counts: Counter[str] = Counter()
    ids: list[str] = []
    draft.write_lines(DECISIONS, _lines(inputs["detect"], settings, counts, ids))
    sample = audit_sample(ids, settings.audit_sample, settings.seed)
    draft.write_json(AUDIT, {"seed": settings.seed, "record_ids": list(sample)})
    return {
        "policy": settings.policy,
        "accepted": counts["accept"],
        "rejected": counts["reject"],
        "added": counts["added"],
        "audit_sample": len(sample),
    }


def read_decided(review: Artifact) -> Iterator[tuple[str, tuple[Decision, ...]]]:
    """Yield the id of each record that was read to its end, in order, with its decisions."""
    for line in review.read_lines(DECISIONS):
        yield line["id"], tuple(decision_from_json(plain) for plain in line["decisions"])


def _lines(
    detected: Artifact, settings: ReviewSettings, counts: Counter[str], ids: list[str]
) -> Iterator[dict[str, Any]]:
    by_person = None if settings.policy == "accept-all" else _decided_by_a_person(detected, settings)
    for record_id, findings in _found(detected):
        decisions = tuple(accept_all(findings, by=BATCH_POLICY)) if by_person is None else by_person.pop(record_id, ())
        ids.append(record_id)
        counts.update(decision.verdict for decision in decisions)
        counts["added"] += len(decisions) - len(findings)
        yield {"id": record_id, "decisions": [decision_to_json(decision) for decision in decisions]}
    if by_person:
        raise InputError(
            f"{settings.decisions}: decides on {len(by_person)} records that were not read",
            hint="the source has changed since the decisions were made: review it again",
        )


def _found(detected: Artifact) -> Iterator[tuple[str, list[Finding]]]:
    for line in detected.read_lines(FINDINGS):
        yield line["id"], [finding_from_json(plain) for plain in line["findings"]]


def _decided_by_a_person(detected: Artifact, settings: ReviewSettings) -> dict[str, tuple[Decision, ...]]:
    findings = (finding for _, found in _found(detected) for finding in found)
    if settings.decisions is None or not settings.decisions.exists():
        raise WaitingForPerson(
            f"{sum(1 for _ in findings)} findings wait for a reviewer's decisions",
            hint="decide on them: appliance review list RUN, or screen 4 of the terminal UI; then start the run again",
        )
    try:
        decisions = read_decisions(settings.decisions, findings)
    except OpenFindings as error:
        raise WaitingForPerson(error.message, hint=error.hint) from error
    except DecisionError as error:
        raise InputError(error.message, hint=error.hint) from error
    by_record: dict[str, tuple[Decision, ...]] = {}
    for decision in decisions:
        by_record[decision.finding.record_id] = (*by_record.get(decision.finding.record_id, ()), decision)
    return by_record
