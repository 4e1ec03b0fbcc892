"""The evidence of one anonymization: counts, technique, versions, thresholds; no text of any record."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from anonymize.detection.policy import Policy
from anonymize.errors import CountError
from anonymize.records import Decision, Quarantined

# ISO/IEC 20889:2018, clauses on pseudonymization and on suppression (masking) of identifiers
TECHNIQUE = {
    "name": "replaced by a numbered placeholder",
    "iso_iec_20889": "pseudonymization of direct identifiers within one run; attribute suppression of other columns",
    "reversible": "by the holder of the vault until it is destroyed",
}


def report(  # noqa: PLR0913 - six facts of six sources, five of them by keyword
    decisions: Iterable[Decision],
    *,
    records_in: int,
    records_out: int,
    quarantined: Iterable[Quarantined],
    policy: Policy,
    versions: Mapping[str, str],
) -> dict[str, Any]:
    """Return the report as a plain dict.

    Raises:
        CountError: records_in is not records_out + quarantined.
    """
    reasons = Counter(item.reason for item in quarantined)
    if records_in != records_out + reasons.total():
        raise CountError(f"{records_in} records in, but {records_out} out and {reasons.total()} quarantined")
    kinds: Counter[str] = Counter()
    recognizers: Counter[str] = Counter()
    rejected = 0
    for decision in decisions:
        if decision.verdict == "reject":
            rejected += 1
            continue
        kinds[decision.finding.kind] += 1
        recognizers[decision.finding.recognizer] += 1
    return {
        "records": {"in": records_in, "out": records_out, "quarantined": reasons.total()},
        "quarantine_reasons": dict(sorted(reasons.items())),
        "accepted_by_kind": dict(sorted(kinds.items())),
        "accepted_by_recognizer": dict(sorted(recognizers.items())),
        "accepted": kinds.total(),
        "rejected": rejected,
        "technique": TECHNIQUE,
        "policy": {
            "threshold": policy.threshold,
            "kinds": list(policy.kinds),
            "identifier_kinds": dict(sorted(policy.identifier_kinds.items())),
            "text_columns": list(policy.text_columns),
            "vocabulary_column": policy.vocabulary_column,
        },
        "versions": dict(sorted(versions.items())),
    }
