"""Personal data in English: court decisions (tab144), synthetic letters (presidio_research), notes and reports.

Court decisions are scored as the Text Anonymization Benchmark does (Pilán et al. 2022, Computational Linguistics 48):
an entity counts as masked only if each of its mentions is covered, but for titles, articles, prepositions and marks;
precision counts the tokens of the masked spans, all with the same weight. A span that overlaps another one counts once.
The policy is the strict one: every kind, every model.
"""

import json
import math
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from anonymize_suites.table import Row, bootstrap, share

from anonymize.detection.detector import Detector
from anonymize.detection.policy import Policy
from anonymize.kinds import KNOWN_KINDS
from anonymize.proportions import wilson
from anonymize.recognizers.id_forms import learn, to_json
from anonymize.records import Finding, Quarantined, Record

# an operator types three numbers of the kind that the company uses; these are nobody's
CASE_NUMBERS = ("12345/02", "9876/99", "40001/10")
NOISY_SAMPLE = 1_000
_NO_CONTENT = (
    "mr mrs ms and or from until to about after as at before between by during for in into of on over since with the a "
    "an no nr"
)
_SKIPPED = re.compile(  # what the benchmark does not count
    "|".join([*(rf"\b{word}\b" for word in _NO_CONTENT.split()), "['’]s\\b", r"[,.\-;:/&()\[\]–'\" ’“”]"]),
    re.IGNORECASE,
)
_TOKEN = re.compile(r"\w+")
_POSTCODE_AT_END = re.compile(r"(?<![0-9])([0-9]{5}(?:-[0-9]{4})?|[0-9]{4} ?[A-Z]{2})\s*$")  # of an address
_STREET = re.compile(r"[^\W\d_]{3}")  # what tells a street from the bare number of a house or a flat
_FLAT = re.compile(r"(?:Apt\.|Suite) [0-9]+", re.IGNORECASE)
_NAMED = re.compile(r"(?<![A-Z])(?:MR|MRS)\. ([A-Z]{3,})(?![A-Z.])")


@dataclass(frozen=True, slots=True)
class Labelled:
    """A text, its labelled spans, and which of its characters the anonymizer masks."""

    text: str
    spans: tuple[dict[str, Any], ...]
    masked: frozenset[int]

    def covers(self, start: int, end: int) -> bool:
        """Say whether each letter and digit of a span is masked."""
        return all(at in self.masked for at in range(start, end) if self.text[at].isalnum())


def run(data: Path) -> Iterable[Row]:
    """Measure with the texts of a folder; what is not there is skipped, and said so."""
    suites: tuple[tuple[str, Callable[[list[Labelled]], Iterator[Row]], int | None], ...] = (
        ("tab144", court_decisions, None),
        ("presidio_research", synthetic_letters, None),
        ("wnut17", noisy_texts, NOISY_SAMPLE),
        ("omin_faa", maintenance_reports, None),
    )
    detector = strict_detector()
    for name, score, limit in suites:
        documents = list(read(data / name))[:limit]
        if documents:
            yield from score(masked(detector, documents))
        else:
            print(f"english: no {name}/*.jsonl in {data}, skipped", file=sys.stderr)


def strict_detector() -> Detector:
    """Return the detector that looks for every kind, and for case numbers of the learnt form."""
    form = learn(CASE_NUMBERS, kind="PERSONAL_ID")
    policy = Policy(
        identifier_kinds={},
        text_columns=("text",),
        kinds=KNOWN_KINDS,
        profile="thorough",
        id_forms=(to_json(form),),
    )
    return Detector(policy)


def read(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield the documents of every *.jsonl of a folder."""
    for file in sorted(folder.glob("*.jsonl")):
        with file.open(encoding="utf-8") as lines:
            yield from map(json.loads, lines)


def masked(detector: Detector, documents: Sequence[dict[str, Any]]) -> list[Labelled]:
    """Return each document with the characters that the anonymizer masks in it; a withheld one counts as unmasked."""
    records = [Record(str(at), "", {"text": document["text"]}) for at, document in enumerate(documents)]
    answers = detector.detect(records, lambda _done, _all: None)
    labelled = []
    for document, answer in zip(documents, answers, strict=True):
        findings: tuple[Finding, ...] = () if isinstance(answer, Quarantined) else tuple(answer[1])
        places = (range(finding.span.start, finding.span.end) for finding in findings)
        covered = frozenset(at for place in places for at in place)
        labelled.append(Labelled(document["text"], tuple(document.get("spans", ())), covered))
    return labelled


def court_decisions(documents: list[Labelled]) -> Iterator[Row]:
    """Yield the benchmark's three figures, with intervals over documents."""
    suite = "english court"
    for identifier, goal in (("DIRECT", 0.97), ("QUASI", 0.87)):
        counts = [_entities(document, identifier) for document in documents]
        yield _pooled(suite, f"entity recall {identifier.lower()}", counts, goal)
    yield _pooled(suite, "token precision, uniform weights", [_tokens(document) for document in documents], 0.50)


def _entities(document: Labelled, identifier: str) -> tuple[int, int]:
    """Return how many entities of a document are masked, of how many."""
    mentions = defaultdict(list)
    for span in document.spans:
        mentions[span["entity_id"]].append(span)
    wanted = []
    for entity in mentions.values():
        identifiers = {span["identifier"] for span in entity}
        strongest = next((name for name in ("DIRECT", "QUASI") if name in identifiers), "")
        if strongest == identifier:
            wanted.append([span for span in entity if span["identifier"] != "NO_MASK"])
    hits = sum(all(_mention_is_masked(document, span) for span in entity) for entity in wanted)
    return hits, len(wanted)


def _mention_is_masked(document: Labelled, span: dict[str, Any]) -> bool:
    start, end = span["start"], span["end"]
    left = set(range(start, end)) - document.masked
    for skipped in _SKIPPED.finditer(document.text[start:end].lower()):
        left -= set(range(start + skipped.start(), start + skipped.end()))
    return not left


def _tokens(document: Labelled) -> tuple[int, int]:
    """Return how many masked tokens lie inside of a span to be masked, of how many masked tokens."""
    wanted = [(span["start"], span["end"]) for span in document.spans if span["identifier"] != "NO_MASK"]
    tokens = [
        (start + token.start(), start + token.end())
        for start, end in _ranges(document.masked)
        for token in _TOKEN.finditer(document.text[start:end])
    ]
    right = sum(any(first <= start and end <= last for first, last in wanted) for start, end in tokens)
    return right, len(tokens)


def _ranges(places: frozenset[int]) -> Iterator[tuple[int, int]]:
    """Yield the runs of neighbours in a set of places."""
    start = previous = None
    for place in sorted(places):
        if start is None or previous is None or place != previous + 1:
            if start is not None and previous is not None:
                yield start, previous + 1
            start = place
        previous = place
    if start is not None and previous is not None:
        yield start, previous + 1


def synthetic_letters(documents: list[Labelled]) -> Iterator[Row]:
    """Yield the recall and precision of characters, and the share of values that are masked whole."""
    suite = "english synthetic"
    yield _pooled(suite, "character recall", [_characters(document, "recall") for document in documents], 0.85)
    yield _pooled(suite, "character precision", [_characters(document, "precision") for document in documents], 0.80)
    goals = {"PHONE_NUMBER": 0.90, "postcode": 0.90, "street address": 0.70}
    whole: dict[str, list[bool]] = defaultdict(list)
    for document in documents:
        for name, start, end in _values(document):
            whole[name].append(document.covers(start, end))
    notes = {
        "postcode": "the last 5 digits, or 4 digits and 2 capitals, of an address",
        "street address": "addresses but bare numbers and flats",
    }
    for name, hits in sorted(whole.items()):
        measure = f"masked whole: {name}"
        yield share(suite, measure, sum(hits), len(hits), goals.get(name), note=notes.get(name, ""))


def _characters(document: Labelled, of: str) -> tuple[int, int]:
    labelled = {at for span in document.spans for at in range(span["start"], span["end"])}
    wanted = {at for at in labelled if not document.text[at].isspace()}
    found = {at for at in document.masked if not document.text[at].isspace()}
    return len(wanted & found), len(wanted if of == "recall" else found)


def _values(document: Labelled) -> Iterator[tuple[str, int, int]]:
    for span in document.spans:
        start, end, value = span["start"], span["end"], span["text"]
        yield span["label"], start, end
        if span["label"] != "ADDRESS":
            continue
        postcode = _POSTCODE_AT_END.search(value)
        if postcode:
            yield "postcode", start + postcode.start(1), start + postcode.end(1)
        if _STREET.search(value) and not _FLAT.fullmatch(value):
            yield "street address", start, end


def noisy_texts(documents: list[Labelled]) -> Iterator[Row]:
    """Yield how many people of short noisy texts are masked whole; every other kind is masked there too."""
    people = [
        document.covers(span["start"], span["end"])
        for document in documents
        for span in document.spans
        if span["label"] == "person"
    ]
    yield share("english noisy", "masked whole: person", sum(people), len(people))
    yield _pooled("english noisy", "character precision, any label", [_characters(d, "precision") for d in documents])


def maintenance_reports(documents: list[Labelled]) -> Iterator[Row]:
    """Yield how many surnames after MR. and MRS. are masked in maintenance reports in capitals."""
    named = [
        document.covers(*match.span(1))
        for document in documents
        for match in _NAMED.finditer(document.text)
        if match[1] not in ("AND", "WAS")
    ]
    yield share("english reports", "masked whole: name after MR.", sum(named), len(named))


def _pooled(suite: str, measure: str, counts: Sequence[tuple[int, int]], goal: float | None = None) -> Row:
    """Return a share pooled over documents, its interval from documents drawn with replacement.

    Where nothing was missed such an interval has no width; then it is the one of a proportion.
    """
    samples = sum(of for _, of in counts)
    low, high = bootstrap(counts, _ratio)
    if low == high:
        low, high = wilson(sum(hits for hits, _ in counts), samples)
    return Row(suite, measure, _ratio(counts), low, high, samples, goal)


def _ratio(counts: Sequence[tuple[int, int]]) -> float:
    of = sum(of for _, of in counts)
    return sum(hits for hits, _ in counts) / of if of else math.nan
