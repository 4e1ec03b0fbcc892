"""Looks for personal data in the records. Raw; a record that a recognizer cannot finish is quarantined."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from anonymize.detection.detector import Detector
from anonymize.detection.policy import Policy
from anonymize.recognizers.loading import versions
from anonymize.records import Quarantined, finding_to_json, quarantined_to_json, record_from_json
from appliance.core.reporting import Facts, Reporter
from appliance.core.sections import DetectSettings
from appliance.core.store import Artifact, Draft
from appliance.stages.ingest import COLUMNS, RECORDS

FINDINGS = "findings.jsonl"  # one line a record that was read to its end, found or not
QUARANTINED = "quarantined.jsonl"
POLICY = "policy.json"
VERSIONS = "versions.json"


def run(inputs: Mapping[str, Artifact], settings: DetectSettings, draft: Draft, reporter: Reporter) -> Facts:
    """Write the findings of every record, and apart from them the records that are quarantined."""
    columns = inputs["ingest"].read_json(COLUMNS)
    policy = policy_from({**settings.model_dump(), "columns": columns})
    records = [record_from_json(line) for line in inputs["ingest"].read_lines(RECORDS)]
    detector = Detector(policy)
    quarantined: list[Quarantined] = []
    kinds: Counter[str] = Counter()

    def outcomes() -> Iterator[dict[str, Any]]:
        for outcome in detector.detect(records, lambda done, total: reporter.progress(done, total, "records")):
            if isinstance(outcome, Quarantined):
                quarantined.append(outcome)
                continue
            record, findings = outcome
            kinds.update(finding.kind for finding in findings)
            yield {"id": record.id, "findings": [finding_to_json(finding) for finding in findings]}

    draft.write_lines(FINDINGS, outcomes())
    draft.write_lines(QUARANTINED, (quarantined_to_json(item) for item in quarantined))
    draft.write_json(POLICY, {**settings.model_dump(), "columns": columns})
    draft.write_json(VERSIONS, versions())
    if quarantined:
        first = quarantined[0]
        reporter.note(f"{len(quarantined)} records are quarantined; first {first.place}: {first.reason}", "warning")
    return {"findings": dict(sorted(kinds.items())), "quarantined": len(quarantined)}


def policy_from(plain: Mapping[str, Any]) -> Policy:
    """Return the policy of the settings and columns that this stage writes."""
    columns = plain["columns"]
    return Policy(
        identifier_kinds={name: column["kind"] for name, column in columns.items() if column["role"] == "identifier"},
        text_columns=tuple(name for name, column in columns.items() if column["role"] == "text"),
        threshold=plain["threshold"],
        batch_size=plain["batch_size"],
        vocabulary_column=plain["vocabulary_column"],
    )
