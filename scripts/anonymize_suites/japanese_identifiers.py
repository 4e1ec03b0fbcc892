"""Japanese identifiers, addresses and dates: generated values in every surrounding, and labelled reports.

Generated: each kind with values drawn by a seed, written spaced, glued between kana and kanji, full-width, among
half-width kana and brackets, beside a label before it and behind it. Kinds that tell by their form stand without a
label in half of the first four. A hit is the exact span, after the way back through fold().
Reports (phi_radiology_ja): every letter and digit of an annotated place is covered by findings; the annotation is not
complete, so recall only. Maintenance lines and incident reports: findings per 1,000 lines, for information.
"""

import json
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from anonymize_suites.japanese_values import MAKERS, Maker
from anonymize_suites.table import Row, bootstrap, share

from anonymize.matching.folding import fold
from anonymize.recognizers.guesses import Guess, Recognizer
from anonymize.recognizers.japanese_addresses import JapaneseAddresses
from anonymize.recognizers.japanese_dates import JapaneseDates
from anonymize.recognizers.japanese_numbers import JapaneseNumbers

SUITE = "japanese_identifiers"
SEED = 20_240
VALUES = 200  # of each kind in each surrounding
THRESHOLD = 0.4  # the detector's
FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)} | {0x20: 0x3000}
RECALLED = (
    "PATIENT_ID",
    "DATE_OF_BIRTH",
    "EXAM_DATE",
    "PREVIOUS_EXAM_DATE",
    "TREATMENT_END_DATE",
    "EXAM_TIME",
    "PROCEDURE_TIME",
    "PHONE_NUMBER",
    "MOBILE_PHONE",
    "EMERGENCY_CONTACT_PHONE",
    "HOSPITAL_PHONE",
    "ADDRESS",
    "HOSPITAL_ADDRESS",
    "EMERGENCY_CONTACT_ADDRESS",
    "AGE",
)
Surround = Callable[[str, str, random.Random], tuple[str, str, str]]  # before, value, behind


def _label_before(value: str, label: str, rng: random.Random) -> tuple[str, str, str]:
    link = rng.choice(["：", ":", "は", " ", "\t", "\n", "・", "は「", "【", " | ", "＝"])
    close = {"は「": "」", "【": "】"}.get(link, rng.choice(["。", "です", "\n", "", " | "]))
    return f"{rng.choice(['', '本人の', '■'])}{label}{link}", value, close


def _label_behind(value: str, label: str, rng: random.Random) -> tuple[str, str, str]:
    left, right = rng.choice([("（", "）"), ("(", ")"), ("【", "】"), ("[", "]")])
    return rng.choice(["", "控え ", "記録は", "連絡: "]), value, f"{left}{label}{right}{rng.choice(['', 'を確認'])}"


def _spaced(value: str, label: str, rng: random.Random) -> tuple[str, str, str]:
    return f"確認 {label} ", value, rng.choice([" まで", " 以上", " を照合"])


def _glued(value: str, label: str, rng: random.Random) -> tuple[str, str, str]:
    return f"本日{label}", value, rng.choice(["を確認", "と記入", "へ変更済", "です"])


def _full_width(value: str, label: str, rng: random.Random) -> tuple[str, str, str]:
    return f"{label}：", value.translate(FULL_WIDTH), rng.choice(["を登録", "　済", "。"])


def _half_width(value: str, label: str, rng: random.Random) -> tuple[str, str, str]:
    return f"ﾃﾞｰﾀ｢{label.translate(FULL_WIDTH)}｣", value, rng.choice(["ﾃﾞｽ", "｡ｶｸﾆﾝ", " ﾏﾃﾞ"])


SURROUNDINGS: dict[str, Surround] = {
    "spaced": _spaced,
    "glued": _glued,
    "full-width": _full_width,
    "half-width": _half_width,
    "label before": _label_before,
    "label behind": _label_behind,
}


def run(data: Path) -> Iterable[Row]:
    """Yield the figures of this suite."""
    recognizers: tuple[Recognizer, ...] = (JapaneseNumbers(), JapaneseAddresses(), JapaneseDates())
    yield from _generated(recognizers)
    yield from _reports(data, recognizers)
    yield from _per_thousand_lines(data / "maintnorm", "input", "maintenance lines", recognizers)
    yield from _per_thousand_lines(data / "incident_ai_ja", "text", "incident reports", recognizers)


def _generated(recognizers: Sequence[Recognizer]) -> Iterator[Row]:
    hits: Counter[str] = Counter()
    samples: Counter[str] = Counter()
    for maker in MAKERS:
        for name, surround in SURROUNDINGS.items():
            rng = random.Random(f"{SEED}/{maker.kind}/{maker.name}/{name}")
            for _ in range(VALUES):
                is_hit = _is_found(maker, surround, rng, recognizers)
                for key in (f"kind {maker.kind}", f"surrounding {name}", "everything"):
                    samples[key] += 1
                    hits[key] += is_hit
    for key in sorted(samples):
        yield share(SUITE, f"exact span, {key}", hits[key], samples[key], goal=1.0)


def _is_found(maker: Maker, surround: Surround, rng: random.Random, recognizers: Sequence[Recognizer]) -> bool:
    before, value, behind = surround(maker.value(rng), rng.choice(maker.labels), rng)
    if not maker.needs_label and rng.random() < 0.5 and surround not in {_label_before, _label_behind}:
        before = rng.choice(["本日", "記録 ", "至急", ""])
    folded = fold(before + value + behind)
    wanted = (len(before), len(before) + len(value))
    for guess in _guesses(folded.text, recognizers):
        span = folded.original(guess.start, guess.end)
        if guess.kind == maker.kind and (span.start, span.end) == wanted:
            return True
    return False


def _guesses(text: str, recognizers: Sequence[Recognizer]) -> list[Guess]:
    return [guess for each in recognizers for guess in each.find([text])[0] if guess.score >= THRESHOLD]


def _reports(data: Path, recognizers: Sequence[Recognizer]) -> Iterator[Row]:
    reports = _lines(data / "phi_radiology_ja")
    tallies = [_covered(report, recognizers) for report in reports]
    if not tallies:
        return
    by_label: dict[str, list[bool]] = defaultdict(list)
    for tally in tallies:
        for label, is_covered in tally:
            by_label[label].append(is_covered)
    for label, covered in sorted(by_label.items()):
        yield share(SUITE, f"reports, masked {label}", sum(covered), len(covered))
    low, high = bootstrap(tallies, _recall)
    note = "annotation incomplete: recall only; aim 0.95; interval over reports"
    samples = sum(map(len, tallies))
    yield Row(SUITE, "reports, masked, all labels", _recall(tallies), low, high, samples, note=note)


def _recall(tallies: Sequence[Sequence[tuple[str, bool]]]) -> float:
    covered = [is_covered for tally in tallies for _, is_covered in tally]
    return sum(covered) / len(covered) if covered else 0.0


def _covered(report: dict[str, object], recognizers: Sequence[Recognizer]) -> list[tuple[str, bool]]:
    text, spans = report["text"], report["spans"]
    assert isinstance(text, str) and isinstance(spans, list)
    folded = fold(text)
    masked: set[int] = set()
    for guess in _guesses(folded.text, recognizers):
        span = folded.original(guess.start, guess.end)
        masked.update(range(span.start, span.end))
    return [
        (span["label"], all(at in masked or not text[at].isalnum() for at in range(span["start"], span["end"])))
        for span in spans
        if span["label"] in RECALLED
    ]


def _per_thousand_lines(folder: Path, field: str, name: str, recognizers: Sequence[Recognizer]) -> Iterator[Row]:
    lines = [line for record in _lines(folder) for line in str(record[field]).splitlines() or [""]]
    counts = [Counter(guess.kind for guess in _guesses(fold(line).text, recognizers)) for line in lines]
    if not counts:
        return
    for kind in sorted(set().union(*counts)):
        marked = [count[kind] for count in counts]
        low, high = bootstrap(marked, _rate)
        yield Row(SUITE, f"{kind} per 1,000 {name}", _rate(marked), low, high, len(marked), sense="<=")
    if not any(counts):
        yield Row(SUITE, f"findings per 1,000 {name}", 0.0, 0.0, 3_000 / len(counts), len(counts), sense="<=")


def _rate(marked: Sequence[int]) -> float:
    return 1_000 * sum(marked) / len(marked)


def _lines(folder: Path) -> list[dict[str, object]]:
    files = sorted(folder.glob("*.jsonl"))
    if not files:
        print(f"{SUITE}: {folder.name} is not there, left out", file=sys.stderr)
    return [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines() if line]
