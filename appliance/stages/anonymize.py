"""Replaces what was accepted: the one step that reads raw records and writes clean ones.

What was accepted in one place, by a policy or by a person, is replaced everywhere. The step fails, and nothing is
sealed, if a replaced value is found anywhere in what would leave. What stands for what goes into the vault, never into
the clean artifact.
The records stream past several times; only the different values are held in memory.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any

from anonymize.errors import AnonymizeError
from anonymize.proof.keyed_watchlist import KeyedWatchlist
from anonymize.proof.leaks import leaks
from anonymize.proof.report import Basis, report
from anonymize.records import (
    CleanRecord,
    Decision,
    Quarantined,
    Record,
    clean_record_from_json,
    clean_record_to_json,
    decision_from_json,
    decision_to_json,
    quarantined_from_json,
)
from anonymize.replacing.anonymizing import Dropped, anonymize
from anonymize.replacing.keys import Key
from anonymize.replacing.propagating import accepted_values, propagate
from anonymize.replacing.pseudonyms import Pseudonyms, Values, assign
from anonymize.replacing.resolving import resolve
from anonymize.replacing.techniques import Techniques
from anonymize.replacing.vault import write_vault
from appliance.core.cipher import Cipher, read_key
from appliance.core.errors import CustodyError
from appliance.core.hashing import canonical_json, digest_of
from appliance.core.reporting import Facts, Reporter
from appliance.core.sections import AnonymizeSettings
from appliance.core.store import SPOOLS, Artifact, Draft
from appliance.stages import detect, ingest
from appliance.stages.detection_policy import policy_from
from appliance.stages.review import AUDIT, read_decided

CLEAN = "clean.jsonl"
REPORT = "anonymization_report.json"
SAMPLE = "audit_sample.json"  # the records that a person shall read, and how many places were replaced in each
WATCHED = "watched.json"  # keyed digests of what was replaced, so that what a model says can be compared with it
PROPAGATED = "propagation of accepted values"
Reviewed = tuple[Record, tuple[Decision, ...]]


def run(inputs: Mapping[str, Artifact], settings: AnonymizeSettings, draft: Draft, reporter: Reporter) -> Facts:
    """Write the clean records and the report of their anonymization; fill the vault.

    Raises:
        CustodyError: a replaced value survived in a clean record, or a decision does not fit its record.
    """
    assert settings.key  # the workspace's, where the settings name none
    key = Key(read_key(settings.key))
    techniques = Techniques(dict(settings.techniques), settings.technique, settings.dates_to)
    try:
        with closing(_Reviews(inputs, draft)) as reviews:
            values = Values()
            values.collect(reviews)
            pseudonyms = assign(values, key, techniques)
            dropped = reviews.write_clean(pseudonyms, reporter)
            _refuse_leaks((clean_record_from_json(line) for line in reviews.read_clean()), pseudonyms)
            draft.write_lines(CLEAN, reviews.read_clean())
            basis = Basis(_versions(inputs), _digests(inputs, key), techniques, key.id)
            evidence = _evidence(inputs, reviews, dropped, basis)
            sample = _audit_sample(inputs["review"], reviews)
    except AnonymizeError as error:
        raise CustodyError(error.message, hint=error.hint) from error
    replaced = write_vault(draft.strongroom.file, draft.strongroom.key, pseudonyms.originals())
    draft.write_json(REPORT, evidence)
    draft.write_json(SAMPLE, sample)
    draft.write_json(WATCHED, KeyedWatchlist.of(key, pseudonyms.originals()).to_json())
    kinds = Counter(original.kind for original in pseudonyms.originals())
    reporter.note(f"{kinds.total()} different values replaced, none of them found in what leaves")
    return {
        "records": evidence["records"]["out"],
        "dropped": len(dropped),
        "originals": kinds.total(),
        "reversible": replaced,
        "values": dict(sorted(kinds.items())),
        "leaks": 0,
    }


class _Reviews:
    """Every record that detection read to its end, with its decisions; can be gone through again and again.

    What was accepted in one place is accepted in every text; the outcome lies encrypted in the vault meanwhile.
    """

    def __init__(self, inputs: Mapping[str, Artifact], draft: Draft) -> None:
        self._inputs = inputs
        columns = inputs["ingest"].read_json(ingest.COLUMNS)
        self.leaving = [name for name, column in columns.items() if column["role"] != "drop"]
        self._cipher = Cipher(draft.strongroom.key)
        self._spool = draft.strongroom.file.with_suffix(SPOOLS[0])
        self._unproven = draft.strongroom.file.with_suffix(SPOOLS[1])
        texts = [name for name, column in columns.items() if column["role"] == "text"]
        everywhere = propagate(self._as_decided(), accepted_values(self._as_decided()), texts, by=PROPAGATED)
        lines = ([decision_to_json(decision) for decision in decisions] for _, decisions in everywhere)
        self._cipher.write_lines(self._spool, lines)

    def __iter__(self) -> Iterator[Reviewed]:
        lines = self._cipher.read_lines(self._spool)
        for (record, _), line in zip(self._as_decided(), lines, strict=True):
            yield record, tuple(decision_from_json(plain) for plain in line)

    def write_clean(self, pseudonyms: Pseudonyms, reporter: Reporter) -> list[Dropped]:
        """Write the clean records into the vault: until the search for leaks they are not proven clean."""
        dropped: list[Dropped] = []

        def clean() -> Iterator[dict[str, Any]]:
            for number, outcome in enumerate(anonymize(self, pseudonyms), start=1):
                reporter.progress(number, 0, "records")
                if isinstance(outcome, Dropped):
                    dropped.append(outcome)
                    continue
                columns = {name: outcome.columns[name] for name in self.leaving}
                yield clean_record_to_json(CleanRecord(outcome.id, columns))

        self._cipher.write_lines(self._unproven, clean())
        return dropped

    def read_clean(self) -> Iterator[dict[str, Any]]:
        """Yield the lines that `write_clean` wrote."""
        return self._cipher.read_lines(self._unproven)

    def close(self) -> None:
        """Remove what lay in the vault meanwhile."""
        self._spool.unlink(missing_ok=True)
        self._unproven.unlink(missing_ok=True)

    def _as_decided(self) -> Iterator[Reviewed]:
        """A record that detection quarantined has no line of decisions, and does not come out."""
        decided = read_decided(self._inputs["review"])
        wanted = next(decided, None)
        for record in detect.read_records(self._inputs["ingest"]):
            if wanted is not None and wanted[0] == record.id:
                yield record, wanted[1]
                wanted = next(decided, None)
        if wanted is not None:
            raise CustodyError(f"decisions on record {wanted[0]}, which was not read", hint="start the run again")


def _refuse_leaks(clean: Iterator[CleanRecord], pseudonyms: Pseudonyms) -> None:
    found = list(leaks(clean, tuple(pseudonyms.originals())))
    if found:
        first = found[0]
        in_id = "choose another ingest.id_column, or leave it empty"
        raise CustodyError(
            f"{len(found)} replaced values survive in the clean text; the first: record {first.record_id}, "
            f"column {first.column}, {first.kind}",
            hint=in_id if first.column == "id" else "accept that finding too, or mark the missed span in the decisions",
        )


def _evidence(
    inputs: Mapping[str, Artifact], reviews: _Reviews, dropped: Sequence[Dropped], basis: Basis
) -> dict[str, Any]:
    quarantined = list(_quarantined(inputs))
    records_in = sum(1 for name in (ingest.RECORDS, ingest.QUARANTINED) for _ in inputs["ingest"].read_lines(name))
    # counted from the source alone, so that a lost record cannot balance the account
    records_out = sum(1 for _ in reviews) - len(dropped)
    return report(
        (decision for _, decisions in reviews for decision in decisions),
        records_in=records_in,
        records_out=records_out,
        quarantined=quarantined,
        policy=policy_from(inputs["detect"].read_json(detect.POLICY)),
        dropped=dropped,
        basis=basis,
    )


def _audit_sample(reviewed: Artifact, reviews: _Reviews) -> dict[str, Any]:
    drawn = frozenset(reviewed.read_json(AUDIT)["record_ids"])
    records = []
    for record, decisions in reviews:
        if record.id in drawn:
            places = resolve(decision.finding for decision in decisions if decision.verdict == "accept")
            records.append({"id": record.id, "replaced": Counter(place.kind for place in places)})
    return {"records": records}


def _quarantined(inputs: Mapping[str, Artifact]) -> Iterator[Quarantined]:
    for step, name in (("ingest", ingest.QUARANTINED), ("detect", detect.QUARANTINED)):
        yield from (quarantined_from_json(line) for line in inputs[step].read_lines(name))


def _versions(inputs: Mapping[str, Artifact]) -> dict[str, str]:
    versions: dict[str, str] = inputs["detect"].read_json(detect.VERSIONS)
    return versions


def _digests(inputs: Mapping[str, Artifact], key: Key) -> dict[str, str]:
    """Name what was read and how; the records by a keyed digest, for a short one could be guessed from a plain one."""
    records = hashlib.sha256()
    for line in inputs["ingest"].read_lines(ingest.RECORDS):
        records.update(canonical_json(line).encode() + b"\n")
    return {
        "records (HMAC-SHA256)": key.of_bytes(records.digest()).hex(),
        "policy (SHA-256)": digest_of(inputs["detect"].read_json(detect.POLICY)),
    }
