"""Japanese names: what is fully masked in encyclopedic text, reports and tickets, and what that costs elsewhere.

Fully masked: every letter and digit of the labelled span lies in some finding of any kind (spaces and brackets say
nothing). Reads ner_wikipedia_ja, phi_radiology_ja and incident_ai_ja of the data folder, every *.jsonl of each.
A profile's recognizers are run as the detector runs them: on folded text, and mapped back.
"""

import json
import random
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from anonymize_suites.table import Row, bootstrap, share

from anonymize.matching.folding import fold
from anonymize.recognizers.gazetteer import given_names, surnames
from anonymize.recognizers.guesses import Recognizer
from anonymize.recognizers.japanese_names import JapaneseNameRules
from anonymize.recognizers.japanese_proper_nouns import JapaneseProperNouns
from anonymize.recognizers.ner_japanese import JapaneseDictionary, JapaneseNames

SUITE = "japanese-names"
SEED = 2026
TICKETS = 1_000  # of each sort
INCIDENTS = 400  # reports that are read; a model takes a second for three of them
UNLISTED = 0.2  # share of tickets whose surname is none of the list's
WIKIPEDIA = {"人名": ("PERSON", 0.90), "法人名": ("ORG", 0.85), "地名": ("LOC", 0.90)}
_IDENTIFYING = re.compile(r"[^\W_]")
_TITLES = re.compile(r"^(?:Dr|Mr|Ms|Prof)\.? ?|(?:先生|様|さん|氏|殿)$")
# real surnames that the list of 1,999 does not hold; the suite leaves out those that it does
_RARE = """
    勅使河原 小鳥遊 五十畑 設楽 鵜飼 薬師神 御手洗 四方田 百目鬼 早乙女 武者小路 東海林 喜屋武 国府田 一尺八寸 蝦名 砂金
    乙訓 羽生田 毛受 釘宮
    我那覇 仲村渠 渡嘉敷 纐纈 神代 久遠 鶴我 忽那 雑賀 宍道 指宿 城間 周防 漆間 尉遅 邑楽 帯刀 輪島 鳥海
""".split()  # noqa: SIM905
_HONORIFIC = (
    "{}さんより連絡あり、ポンプの異音を確認。",
    "本日{}様立会いのもと試運転を実施した。",
    "設備保全課の{}係長へ報告済み。",
    "部品手配は{}さんに依頼。",
    "{}主任の指示でモーターを交換。",
    "異常を{}君が発見し、ラインを停止した。",
    "現場は{}班長が確認済。",
    "お客様の{}様から電話。漏れの再発とのこと。",
)
_BARE = (
    "{}がポンプの異音を確認した。",
    "昨日{}より連絡あり、軸受の温度が上昇。",
    "{}に報告済み。部品待ち。",
    "ベアリング交換は{}が実施。",
    "夜勤の{}が漏れを発見し、弁を閉めた。",
    "フィルター清掃、{}と実施。",
    "点検は{}、記録は別紙参照。",
    "モーター焼損。{}から依頼、週内に交換予定。",
    "圧力低下の件、{}へ引継ぎ。",
    "センサー位置を調整した({})。",
    "電気課{}が配線を点検。",
    "搬送ライン停止、{}が復旧作業を行った。",
)


@dataclass(frozen=True, slots=True)
class Text:
    """One labelled text."""

    text: str
    spans: tuple[tuple[int, int, str], ...]


Covered = list[tuple[int, int, str]]  # in the text's own offsets
Profile = tuple[str, Callable[[Sequence[str]], list[Covered]]]


def run(data: Path) -> Iterator[Row]:
    """Measure the profiles with names."""
    for profile in _profiles():
        yield from _wikipedia(data / "ner_wikipedia_ja", profile)
        yield from _radiology(data / "phi_radiology_ja", profile)
        yield from _incidents(data / "incident_ai_ja", profile)
        for sort, templates, goal in (("honorific", _HONORIFIC, 1.0), ("bare", _BARE, 0.97)):
            yield from _tickets(sort, templates, goal, profile)


def _profiles() -> Iterator[Profile]:
    balanced: tuple[Recognizer, ...] = (JapaneseNameRules(), JapaneseDictionary())
    yield "balanced", lambda texts: findings(balanced, texts)
    thorough = (*balanced, JapaneseProperNouns())
    yield "thorough", lambda texts: findings(thorough, texts)
    maximum = (*thorough, JapaneseNames())
    yield "maximum", lambda texts: findings(maximum, texts)


def findings(recognizers: Iterable[Recognizer], texts: Sequence[str]) -> list[Covered]:
    """Return what the recognizers find in each text, in the text's own offsets."""
    folded = [fold(text) for text in texts]
    found: list[Covered] = [[] for _ in texts]
    for recognizer in recognizers:
        for at, guesses in enumerate(recognizer.find([text.text for text in folded])):
            spans = ((folded[at].original(guess.start, guess.end), guess.kind) for guess in guesses)
            found[at].extend((span.start, span.end, kind) for span, kind in spans)
    return found


def _wikipedia(folder: Path, profile: Profile) -> Iterator[Row]:
    texts = _read(folder)
    if not texts:
        return
    found = profile[1]([text.text for text in texts])
    masked = _masked(texts, found)
    for label, (name, goal) in WIKIPEDIA.items():
        aim = None if profile[0] == "balanced" else goal
        yield share(SUITE, f"{profile[0]}: wikipedia {name} fully masked", *masked[label], aim)
    yield _precision(f"{profile[0]}: wikipedia, price", texts, found)
    nameless = [spans for text, spans in zip(texts, found, strict=True) if not text.spans]
    hit = sum(1 for spans in nameless if spans)
    yield share(SUITE, f"{profile[0]}: nameless sentences with a finding", hit, len(nameless), note="price")


def _radiology(folder: Path, profile: Profile) -> Iterator[Row]:
    texts = _read(folder)
    if not texts:
        return
    found = profile[1]([text.text for text in texts])
    whole = _masked(texts, found)
    without = _masked([_without_titles(text) for text in texts], found)
    people = [label for label in whole if "_NAME" in label and label != "HOSPITAL_NAME"]
    for measure, masked, goal in (("names", without, 0.95), ("names with title and 様", whole, None)):
        hits, samples = (sum(masked[label][at] for label in people) for at in (0, 1))
        yield share(SUITE, f"{profile[0]}: radiology {measure}", hits, samples, goal, note="fully masked")
    for label in ("PATIENT_NAME_KANA", "HOSPITAL_NAME"):
        yield share(SUITE, f"{profile[0]}: radiology {label}", *whole[label], note="fully masked")


def _incidents(folder: Path, profile: Profile) -> Iterator[Row]:
    """Reports of gas incidents, nearly without names: whatever is found there is the price."""
    texts = _read(folder)
    if not texts:
        return
    texts = random.Random(SEED).sample(texts, min(INCIDENTS, len(texts)))
    found = profile[1]([text.text for text in texts])
    sentences = [len(re.findall(r"[^。\n]+", text.text)) for text in texts]
    for kind in ("PERSON", "LOCATION", "ORGANIZATION"):
        places = [len({span for span in spans if span[2] == kind}) for spans in found]
        counts = list(zip(places, sentences, strict=True))
        low, high = (1_000 * end for end in bootstrap(counts, _quotient))
        measure = f"{profile[0]}: incidents, {kind} per 1,000 sentences"
        yield Row(SUITE, measure, 1_000 * _quotient(counts), low, high, sum(sentences), note="price")


def _tickets(sort: str, templates: Sequence[str], goal: float, profile: Profile) -> Iterator[Row]:
    texts = list(_written(templates, random.Random(SEED)))
    found = profile[1]([text.text for text in texts])
    masked = _masked(texts, found)
    yield share(SUITE, f"{profile[0]}: tickets, {sort}, all", *_sum(masked.values()), goal, note="fully masked")
    for label, counts in sorted(masked.items()):
        yield share(SUITE, f"{profile[0]}: tickets, {sort}, {label}", *counts, note="fully masked")
    yield _precision(f"{profile[0]}: tickets, {sort}, price", texts, found)


def _written(templates: Sequence[str], choose: random.Random) -> Iterator[Text]:
    """Write tickets: a full name or a surname alone, from the lists or a rare one, in every template."""
    families, given = sorted(name for name in surnames() if len(name) > 1), sorted(given_names())
    rare = [name for name in _RARE if name not in surnames()]
    for number in range(TICKETS):
        is_rare = choose.random() < UNLISTED
        name = choose.choice(rare if is_rare else families)
        is_full = choose.random() < 0.5
        name += choose.choice(("", " ")) + choose.choice(given) if is_full else ""
        before, after = templates[number % len(templates)].split("{}")
        label = f"{'rare' if is_rare else 'listed'} {'full name' if is_full else 'surname'}"
        yield Text(before + name + after, ((len(before), len(before) + len(name), label),))


def _read(folder: Path) -> list[Text]:
    paths = sorted(folder.glob("*.jsonl"))
    if not paths:
        print(f"{SUITE}: no *.jsonl in {folder.name}, skipped", file=sys.stderr)
    texts = []
    for path in paths:
        for line in path.read_text(encoding="utf-8").splitlines():
            plain = json.loads(line)
            spans = tuple((span["start"], span["end"], span["label"]) for span in plain.get("spans", ()))
            texts.append(Text(plain["text"], spans))
    return texts


def _masked(texts: Sequence[Text], found: Sequence[Covered]) -> dict[str, tuple[int, int]]:
    """Return for each label how many spans are fully masked, of how many."""
    hits: Counter[str] = Counter()
    samples: Counter[str] = Counter()
    for text, spans in zip(texts, found, strict=True):
        covered = _characters(spans)
        for start, end, label in text.spans:
            samples[label] += 1
            hits[label] += all(at in covered for at in _identifying(text.text, start, end))
    return {label: (hits[label], samples[label]) for label in samples}


def _precision(measure: str, texts: Sequence[Text], found: Sequence[Covered]) -> Row:
    """Return the share of masked letters that lie in a labelled span, with its interval over texts."""
    counts = []
    for text, spans in zip(texts, found, strict=True):
        covered = _characters(spans) & set(_identifying(text.text, 0, len(text.text)))
        wanted = _characters(text.spans)
        counts.append((len(covered & wanted), len(covered)))
    low, high = bootstrap(counts, _quotient)
    return Row(SUITE, measure, _quotient(counts), low, high, len(texts), note="precision by character")


def _quotient(counts: Sequence[tuple[int, int]]) -> float:
    whole = sum(count for _, count in counts)
    return sum(part for part, _ in counts) / whole if whole else 1.0


def _characters(spans: Iterable[tuple[int, int, str]]) -> set[int]:
    return {at for start, end, _ in spans for at in range(start, end)}


def _identifying(text: str, start: int, end: int) -> Iterator[int]:
    return (start + match.start() for match in _IDENTIFYING.finditer(text[start:end]))


def _without_titles(text: Text) -> Text:
    spans = []
    for start, end, label in text.spans:
        named = text.text[start:end]
        title = _TITLES.match(named)
        begin = start + (title.end() if title else 0)
        rest = text.text[begin:end]
        spans.append((begin, begin + len(_TITLES.sub("", rest)), label))
    return Text(text.text, tuple(spans))


def _sum(counts: Iterable[tuple[int, int]]) -> tuple[int, int]:
    hits, samples = zip(*counts, strict=True)
    return sum(hits), sum(samples)
