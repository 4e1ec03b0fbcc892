"""Looks for personal data in the records. Raw; a record that a recognizer cannot finish is quarantined.

Nothing is held in memory but the different values that were found: the records stream past twice.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from anonymize.detection.detector import Detector
from anonymize.detection.policy import LocalModelChoice, Policy
from anonymize.detection.rounds import Read
from anonymize.errors import AnonymizeError
from anonymize.kinds import DIRECT_KINDS, KNOWN_KINDS
from anonymize.matching.watchlist import Watchlist
from anonymize.protecting.technical import Vocabulary, learn_vocabulary, read_own_words
from anonymize.recognizers.loading import versions
from anonymize.records import (
    Quarantined,
    Record,
    finding_from_json,
    finding_to_json,
    quarantined_from_json,
    quarantined_to_json,
    record_from_json,
)
from appliance.core.errors import InputError
from appliance.core.hardware import usable_cores
from appliance.core.reporting import Facts, Reporter
from appliance.core.sections import DetectSettings
from appliance.core.store import Artifact, Draft
from appliance.stages.ingest import COLUMNS, RECORDS

FINDINGS = "findings.jsonl"  # one line a record that was read to its end, found or not
QUARANTINED = "quarantined.jsonl"
POLICY = "policy.json"
VERSIONS = "versions.json"
FIRST_ROUND = "first_round.jsonl"  # gone before the step is sealed


def run(inputs: Mapping[str, Artifact], settings: DetectSettings, draft: Draft, reporter: Reporter) -> Facts:
    """Write the findings of every record, and apart from them the records that are quarantined."""
    source = inputs["ingest"]
    plain = {**settings.model_dump(mode="json"), "columns": source.read_json(COLUMNS), "id_forms": _id_forms(settings)}
    policy = policy_from(plain)
    quarantined: list[Quarantined] = []
    kinds: Counter[str] = Counter()
    try:
        outcomes = _both_rounds(source, policy, _vocabulary(source, settings, policy), draft, reporter)
        draft.write_lines(FINDINGS, _counted(outcomes, quarantined, kinds))
    except AnonymizeError as error:  # a model or a list of the operator's own cannot be used
        raise InputError(error.message, hint=error.hint) from error
    (draft.folder / FIRST_ROUND).unlink()
    draft.write_lines(QUARANTINED, (quarantined_to_json(item) for item in quarantined))
    draft.write_json(POLICY, {**plain, "workers": 0, "local_models": [_without_path(m) for m in plain["local_models"]]})
    draft.write_json(VERSIONS, versions())
    if quarantined:
        first = quarantined[0]
        reporter.note(f"{len(quarantined)} records are quarantined; first {first.place}: {first.reason}", "warning")
    return {"findings": dict(sorted(kinds.items())), "quarantined": len(quarantined)}


def policy_from(plain: Mapping[str, Any]) -> Policy:
    """Return the policy of the settings, columns and forms that this stage writes."""
    columns = plain["columns"]
    named = plain["kinds"]
    kinds = {"direct": DIRECT_KINDS, "all": KNOWN_KINDS}[named] if isinstance(named, str) else tuple(named)
    own = (form["kind"] for form in plain["id_forms"])
    return Policy(
        identifier_kinds={name: column["kind"] for name, column in columns.items() if column["kind"]},
        text_columns=tuple(name for name, column in columns.items() if column["role"] == "text"),
        threshold=plain["threshold"],
        batch_size=plain["batch_size"],
        vocabulary_column=plain["vocabulary_column"],
        kinds=tuple(dict.fromkeys((*kinds, *own))),
        profile=plain["profile"],
        workers=plain["workers"] or usable_cores(),
        id_forms=tuple(plain["id_forms"]),
        local_models=tuple(
            LocalModelChoice(model.get("path", ""), model["sha256"], model["labels"]) for model in plain["local_models"]
        ),
        presidio_kinds=tuple(plain["presidio_kinds"]),
    )


def read_records(ingest: Artifact) -> Iterator[Record]:
    """Yield the records of the ingest step, one in memory at a time."""
    return (record_from_json(line) for line in ingest.read_lines(RECORDS))


def _both_rounds(
    source: Artifact, policy: Policy, vocabulary: Vocabulary, draft: Draft, reporter: Reporter
) -> Iterator[Read | Quarantined]:
    detector = Detector(policy)
    known = detector.known_values()
    total = source.facts["records"]

    def first_round() -> Iterator[dict[str, Any]]:
        outcomes = detector.first_round(read_records(source), vocabulary, known)
        for number, outcome in enumerate(outcomes, start=1):
            reporter.progress(number, total, "records")
            yield _to_json(outcome)

    draft.write_lines(FIRST_ROUND, first_round())
    read = (
        _from_json(record, line)
        for record, line in zip(read_records(source), draft.read_lines(FIRST_ROUND), strict=True)
    )
    yield from detector.second_round(read, Watchlist(known))


def _counted(
    outcomes: Iterator[Read | Quarantined], quarantined: list[Quarantined], kinds: Counter[str]
) -> Iterator[dict[str, Any]]:
    for outcome in outcomes:
        if isinstance(outcome, Quarantined):
            quarantined.append(outcome)
            continue
        record, findings = outcome
        kinds.update(finding.kind for finding in findings)
        yield {"id": record.id, "findings": [finding_to_json(finding) for finding in findings]}


def _to_json(outcome: Read | Quarantined) -> dict[str, Any]:
    if isinstance(outcome, Quarantined):
        return {"quarantined": quarantined_to_json(outcome)}
    return {"findings": [finding_to_json(finding) for finding in outcome[1]]}


def _from_json(record: Record, line: Mapping[str, Any]) -> Read | Quarantined:
    if "quarantined" in line:
        return quarantined_from_json(line["quarantined"])
    return record, tuple(finding_from_json(plain) for plain in line["findings"])


def _vocabulary(source: Artifact, settings: DetectSettings, policy: Policy) -> Vocabulary:
    own = read_own_words(settings.vocabulary_file) if settings.vocabulary_file else frozenset()
    return learn_vocabulary(read_records(source), policy.vocabulary_column, policy.text_columns, own)


def _id_forms(settings: DetectSettings) -> list[dict[str, Any]]:
    if settings.id_forms is None:
        return []
    try:
        forms = json.loads(settings.id_forms.read_text(encoding="utf-8"))
        return [dict(form, kind=str(form["kind"])) for form in forms]
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise InputError(
            f"{settings.id_forms}: is no list of identifier forms", hint="write it with `appliance learn-ids`"
        ) from error


def _without_path(model: Mapping[str, Any]) -> dict[str, Any]:
    """No path of this machine stands in an artifact; the digest says which model it was."""
    return {"sha256": model["sha256"], "labels": model["labels"]}
