"""Looks for personal data in the records. Raw; a record that a recognizer cannot finish is quarantined.

Nothing is held in memory but the different values that were found: the records stream past twice.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from anonymize.detection.detector import Detector
from anonymize.detection.policy import Policy
from anonymize.detection.rounds import Read
from anonymize.errors import AnonymizeError
from anonymize.kinds import DIRECT_KINDS
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
from appliance.core.errors import CustodyError, InputError
from appliance.core.reporting import Facts, Reporter
from appliance.core.sections import DetectSettings
from appliance.core.store import Artifact, Draft
from appliance.stages.detection_policy import plain_policy, policy_from, portable
from appliance.stages.ingest import COLUMNS, IDS, RECORDS

FINDINGS = "findings.jsonl"  # one line a record that was read to its end, found or not
QUARANTINED = "quarantined.jsonl"
POLICY = "policy.json"
VERSIONS = "versions.json"
_NUMBER_OF_THE_TRADE = re.compile(r"(?=.*[0-9])[A-Za-z0-9][A-Za-z0-9._/#-]{0,40}")
FIRST_ROUND = "first_round.jsonl"  # gone before the step is sealed


def run(inputs: Mapping[str, Artifact], settings: DetectSettings, draft: Draft, reporter: Reporter) -> Facts:
    """Write the findings of every record, and apart from them the records that are quarantined."""
    source = inputs["ingest"]
    plain = plain_policy(settings, source.read_json(COLUMNS))
    policy = policy_from(plain)
    quarantined: list[Quarantined] = []
    kinds: Counter[str] = Counter()
    try:
        if source.read_json(IDS)["are_own"]:
            _refuse_personal_ids(source, policy)
        outcomes = _both_rounds(source, policy, _vocabulary(source, settings, policy), draft, reporter)
        draft.write_lines(FINDINGS, _counted(outcomes, quarantined, kinds))
    except AnonymizeError as error:  # a model or a list of the operator's own cannot be used
        raise InputError(error.message, hint=error.hint) from error
    (draft.folder / FIRST_ROUND).unlink()
    draft.write_lines(QUARANTINED, (quarantined_to_json(item) for item in quarantined))
    draft.write_json(POLICY, portable(plain))
    draft.write_json(VERSIONS, versions())
    if quarantined:
        first = quarantined[0]
        reporter.note(f"{len(quarantined)} records are quarantined; first {first.id}: {first.reason}", "warning")
    return {"findings": dict(sorted(kinds.items())), "quarantined": len(quarantined)}


def read_records(ingest: Artifact) -> Iterator[Record]:
    """Yield the records of the ingest step, one in memory at a time."""
    return (record_from_json(line) for line in ingest.read_lines(RECORDS))


def _refuse_personal_ids(source: Artifact, policy: Policy) -> None:
    """An id leaves with its record, as it is. One that is written like a number of the trade is not looked at.

    Raises:
        CustodyError: tells how many ids hold personal data and which record is the first, by its number.
    """
    ids = replace(policy, identifier_kinds={}, text_columns=("id",), kinds=DIRECT_KINDS, vocabulary_column="")
    wanted = (
        Record(str(number), "", {"id": record.id})
        for number, record in enumerate(read_records(source), start=1)
        if not _NUMBER_OF_THE_TRADE.fullmatch(record.id)
    )
    outcomes = Detector(ids).first_round(wanted, Vocabulary(frozenset()))
    personal = [each if isinstance(each, Quarantined) else each[0] for each in outcomes if _is_personal(each)]
    if personal:
        raise CustodyError(
            f"the ids of {len(personal)} records hold personal data; the first is that of record {personal[0].id}",
            hint="choose another ingest.id_column, or leave it empty to number the records",
        )


def _is_personal(outcome: Read | Quarantined) -> bool:
    return isinstance(outcome, Quarantined) or bool(outcome[1])


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
    try:
        own = read_own_words(settings.vocabulary_file) if settings.vocabulary_file else frozenset()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{settings.vocabulary_file}: cannot be read as UTF-8", hint="save it as UTF-8") from error
    return learn_vocabulary(read_records(source), policy.vocabulary_column, policy.text_columns, own)
