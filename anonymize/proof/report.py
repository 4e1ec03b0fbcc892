"""The evidence of one anonymization: counts, techniques, versions, thresholds, digests; no text of any record.

Covers: the account of records (in = out + quarantined + dropped), what was done by which recognizer, and with what.
Does not cover: how much was missed; the report says so itself.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from anonymize.detection.policy import Policy
from anonymize.records import Decision, Quarantined
from anonymize.replacing.anonymizing import Account, Dropped
from anonymize.replacing.techniques import Technique, Techniques

# the operator's words, and what ISO/IEC 20889:2018 calls them
TECHNIQUES: Mapping[Technique, Mapping[str, str]] = {
    "placeholder": {
        "name": "replaced by a placeholder",
        "iso_iec_20889": "pseudonymization of direct identifiers; attribute suppression of other columns",
        "reversible": "by the holder of the vault until it is destroyed",
    },
    "surrogate": {
        "name": "replaced by another value of the same form, drawn with a key",
        "iso_iec_20889": "pseudonymization with a keyed cryptographic function; dates: noise by one keyed shift",
        "reversible": "by the holder of the vault, or of the key, until they are destroyed",
    },
    "generalise": {
        "name": "replaced by a coarser value",
        "iso_iec_20889": "generalization (rounding, top coding of ages)",
        "reversible": "no",
    },
    "keep": {"name": "found and left as it is", "iso_iec_20889": "none", "reversible": "not applicable"},
    "drop": {
        "name": "the whole record is left out",
        "iso_iec_20889": "record suppression",
        "reversible": "no",
    },
}
DOES_NOT_PROVE = (
    "That nothing was missed: only a labelled or audited sample of the same text shows how much is found.",
    "Recall by the agreement of detectors: measured on court cases, two models' agreement predicted .995 for "
    "organisations where .907 was found.",
    "That indirect identifiers together (a job, a place, a time) single nobody out.",
)


@dataclass(frozen=True, slots=True)
class Basis:
    """What the run stood on; digests are hexadecimal SHA-256 by name: input, policy, recognizers, models."""

    versions: Mapping[str, str] = field(default_factory=dict)
    digests: Mapping[str, str] = field(default_factory=dict)
    techniques: Techniques = field(default_factory=Techniques)
    key_id: str = ""  # Key.id: a public fingerprint; "" where placeholders are numbered without a key


def report(  # noqa: PLR0913 - facts of as many sources, all but one by keyword
    decisions: Iterable[Decision],
    *,
    records_in: int,
    records_out: int,
    quarantined: Iterable[Quarantined],
    policy: Policy,
    versions: Mapping[str, str] | None = None,
    dropped: Iterable[Dropped] = (),
    basis: Basis | None = None,
) -> dict[str, Any]:
    """Return the report as a plain dict; `decisions` are read once and may stream.

    Raises:
        CountError: records_in is not records_out + quarantined + dropped.
    """
    basis = basis or Basis(versions or {})
    reasons = Counter(item.reason for item in quarantined)
    dropped_for = Counter(item.kind for item in dropped)
    Account(records_in, records_out, reasons.total(), dropped_for.total()).check()
    done, rejected = _counted(decisions, basis.techniques)
    used: set[Technique] = {technique for _, technique, _ in done} or {"placeholder"}
    return {
        "records": {
            "in": records_in,
            "out": records_out,
            "quarantined": reasons.total(),
            "dropped": dropped_for.total(),
        },
        "quarantine_reasons": dict(sorted(reasons.items())),
        "dropped_by_kind": dict(sorted(dropped_for.items())),
        "accepted_by_kind": _summed(done, 0),
        "accepted_by_recognizer": _summed(done, 2),
        "accepted_by_technique": _summed(done, 1),
        "findings": [
            {"kind": kind, "technique": technique, "recognizer": recognizer, "count": count}
            for (kind, technique, recognizer), count in sorted(done.items())
        ],
        "accepted": done.total(),
        "rejected": rejected,
        "techniques": {technique: dict(TECHNIQUES[technique]) for technique in sorted(used)},
        "chosen_techniques": basis.techniques.to_json(),
        "policy": _policy(policy),
        "versions": dict(sorted(basis.versions.items())),
        "digests": dict(sorted(basis.digests.items())),
        "key_id": basis.key_id,
        "does_not_prove": list(DOES_NOT_PROVE),
    }


def _counted(decisions: Iterable[Decision], techniques: Techniques) -> tuple[Counter[tuple[str, Technique, str]], int]:
    done: Counter[tuple[str, Technique, str]] = Counter()
    rejected = 0
    for decision in decisions:
        if decision.verdict == "reject":
            rejected += 1
        else:
            kind = decision.finding.kind
            done[kind, techniques.of(kind), decision.finding.recognizer] += 1
    return done, rejected


def _summed(done: Counter[tuple[str, Technique, str]], part: int) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for key, count in done.items():
        counts[key[part]] += count
    return dict(sorted(counts.items()))


def _policy(policy: Policy) -> dict[str, Any]:
    return {
        "threshold": policy.threshold,
        "kinds": list(policy.kinds),
        "identifier_kinds": dict(sorted(policy.identifier_kinds.items())),
        "text_columns": list(policy.text_columns),
        "vocabulary_column": policy.vocabulary_column,
        "profile": policy.profile,
        "id_forms": [{"kind": form["kind"], "pattern": form["pattern"]} for form in policy.id_forms],
        "local_models": [model.sha256 for model in policy.local_models],
        "presidio_kinds": list(policy.presidio_kinds),
    }
