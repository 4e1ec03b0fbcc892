"""Bounds what is left of personal data, from a person's audit of clean records that were drawn at random. Clean.

Without an audit nothing is bounded, and the evidence says so; the run does not wait for it unless a gate asks.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from anonymize.errors import DecisionError
from anonymize.proof.residual import Drawn, Residual, read_audit, residual_risk
from anonymize.proportions import sample_size, upper_bound
from appliance.core.errors import InputError
from appliance.core.hashing import digest_of
from appliance.core.reporting import Facts, Reporter
from appliance.core.sections import ResidualSettings
from appliance.core.store import Artifact, Draft
from appliance.stages.anonymize import CLEAN, SAMPLE

RESIDUAL, TO_AUDIT = "residual.json", "to_audit.jsonl"
NOT_TESTED = (
    "whether a person can be singled out by what is left together (a job, a place, a time), or with other data",
    "what the reader of the audit overlooked",
    "records that are added later",
)


def run(inputs: Mapping[str, Artifact], settings: ResidualSettings, draft: Draft, reporter: Reporter) -> Facts:
    """Write the records to audit, and the bound from those that were.

    Raises:
        InputError: the audit is not one of these records.
    """
    lines = list(_lines(inputs["anonymize"]))
    draft.write_lines(TO_AUDIT, lines)
    drawn = [Drawn(line["record_id"], line["digest"], line["replaced"]) for line in lines]
    try:
        audited = read_audit(settings.audit, drawn) if settings.audit else ()
    except DecisionError as error:
        raise InputError(error.message, hint=error.hint) from error
    found = residual_risk(drawn, audited)
    reporter.note(_told(found, settings))
    facts = {
        "legal_class": settings.legal_class,
        **asdict(found),
        "share_at_most_if_nothing_is_missed": upper_bound(0, len(drawn)),
        "records_for_the_wished_bound": sample_size(settings.wished_bound),
        "wished_bound": settings.wished_bound,
        "not_tested": list(NOT_TESTED),
    }
    draft.write_json(RESIDUAL, facts)
    return facts


def _lines(anonymized: Artifact) -> Iterator[dict[str, Any]]:
    replaced = {record["id"]: record["replaced"] for record in anonymized.read_json(SAMPLE)["records"]}
    for line in anonymized.read_lines(CLEAN):
        if line["id"] in replaced:
            told = {"record_id": line["id"], "digest": digest_of(line), "columns": line["columns"]}
            yield {**told, "replaced": replaced[line["id"]]}


def _told(found: Residual, settings: ResidualSettings) -> str:
    if not found.drawn:
        return "no records are drawn for an audit (review.audit_sample = 0): nothing is known of what remains"
    if found.read == found.drawn:
        return f"audit of {found.read} records: at most {found.share_at_most:.1%} of all still hold something (95 %)"
    bound, needed = upper_bound(0, found.drawn), sample_size(settings.wished_bound)
    return (
        f"{found.read} of {found.drawn} drawn records are audited: nothing is bounded yet; nothing missed in all of "
        f"them would bound what remains to {bound:.1%} of the records, and {needed} records to "
        f"{settings.wished_bound:.1%} (95 %)"
    )
