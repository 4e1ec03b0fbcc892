"""Puts placeholders in the place of what was accepted: the one step that reads raw records and writes clean ones.

It fails, and nothing is sealed, if a replaced value is found anywhere in what would leave.
"""

from collections import Counter
from collections.abc import Iterator, Mapping

from anonymize.errors import DecisionError
from anonymize.proof.leaks import leaks
from anonymize.proof.report import report
from anonymize.records import (
    CleanRecord,
    Decision,
    Record,
    clean_record_to_json,
    decision_from_json,
    quarantined_from_json,
    record_from_json,
)
from anonymize.replacing.placeholders import Placeholders, anonymize
from appliance.core.errors import CustodyError
from appliance.core.reporting import Facts, Reporter
from appliance.core.sections import AnonymizeSettings
from appliance.core.store import Artifact, Draft
from appliance.stages import detect, ingest
from appliance.stages.review import DECISIONS, decisions_by_record

CLEAN = "clean.jsonl"
REPORT = "anonymization_report.json"


def run(inputs: Mapping[str, Artifact], settings: AnonymizeSettings, draft: Draft, reporter: Reporter) -> Facts:
    """Write the clean records and the report of their anonymization.

    Raises:
        CustodyError: a replaced value survived in a clean record, or a decision does not fit its record.
    """
    del settings  # there is one style
    decisions = [decision_from_json(line) for line in inputs["review"].read_lines(DECISIONS)]
    quarantined = [
        quarantined_from_json(line)
        for step, name in (("ingest", ingest.QUARANTINED), ("detect", detect.QUARANTINED))
        for line in inputs[step].read_lines(name)
    ]
    placeholders = Placeholders()
    try:
        clean = list(anonymize(_reviewed(inputs, decisions), placeholders))
    except DecisionError as error:
        raise CustodyError(error.message, hint=error.hint) from error
    _refuse_leaks(clean, placeholders)
    draft.write_lines(CLEAN, (clean_record_to_json(record) for record in clean))
    evidence = report(
        decisions,
        records_in=_rows_read(inputs),
        records_out=len(clean),
        quarantined=quarantined,
        policy=detect.policy_from(inputs["detect"].read_json(detect.POLICY)),
        versions=inputs["detect"].read_json(detect.VERSIONS),
    )
    draft.write_json(REPORT, evidence)
    originals = placeholders.originals()
    reporter.note(f"{len(originals)} different values replaced, none of them found in what leaves")
    return {
        "records": len(clean),
        "originals": len(originals),
        "values": dict(sorted(Counter(original.kind for original in originals).items())),
        "leaks": 0,
    }


def _reviewed(inputs: Mapping[str, Artifact], decisions: list[Decision]) -> Iterator[tuple[Record, list[Decision]]]:
    """Only a record that detection read to its end may leave."""
    by_record = decisions_by_record(iter(decisions))
    detected = {line["id"] for line in inputs["detect"].read_lines(detect.FINDINGS)}
    for line in inputs["ingest"].read_lines(ingest.RECORDS):
        if line["id"] in detected:
            yield record_from_json(line), by_record.get(line["id"], [])


def _rows_read(inputs: Mapping[str, Artifact]) -> int:
    """Count the source's rows from the ingest alone, so that a lost record cannot balance the account."""
    return sum(1 for name in (ingest.RECORDS, ingest.QUARANTINED) for _ in inputs["ingest"].read_lines(name))


def _refuse_leaks(clean: list[CleanRecord], placeholders: Placeholders) -> None:
    found = list(leaks(clean, placeholders.originals()))
    if found:
        first = found[0]
        in_id = "choose another ingest.id_column, or leave it empty"
        raise CustodyError(
            f"{len(found)} replaced values survive in the clean text; the first: record {first.record_id}, "
            f"column {first.column}, {first.kind}",
            hint=in_id if first.column == "id" else "accept that finding too, or mark the missed span in the decisions",
        )
