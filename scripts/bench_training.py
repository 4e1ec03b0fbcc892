"""Measure training: speed, memory and loss beside stock trainers, packing, the plan before a run, near-duplicates.

    uv run python scripts/bench_training.py --data FOLDER [--suite NAME ...] [--steps N] [--rounds N]
        [--unsloth PYTHON] [--check]

FOLDER holds maintnorm/*.jsonl, lines with "input" and "target". The base is SmolLM2-135M-Instruct as it is installed.
The suite gpu takes rows of 2,048 tokens, and beside SmolLM2 a random Llama in the shape of an 8B model; without a GPU
it says so, and is a missed goal where it was asked for by name. Every engine runs in a process of its own, one after
another, in rounds: the ratios are taken within a round. A configuration of the suite plan is tried again, at most three
times, where the run had a fifth more or less of the cores than its rehearsal. Unsloth pins older libraries than this
project's: it takes part where --unsloth names an interpreter that has it. With --check the exit status is 1 where a
goal is missed.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from anonymize_suites.table import Row, ratio
from training_engines import (
    ENGINES,
    EQUAL,
    convert_smollm2,
    long_rows,
    random_llama,
    run_engine,
    unsloths_plan,
    work_orders,
)

from appliance.base_model.chat import TokenRow
from appliance.core.sections import TrainSettings
from appliance.training.plan import Execution, TrainPlan, plan_from_json

LONG_NAMES = {"trl": "TRL", "plain": "LoRA on plain weights"}
SUITES = ("stock", "gpu", "packing", "plan", "duplicates")
UNSLOTH, UNSLOTH_ENGINE = "unsloth", str(Path(__file__).with_name("unsloth_engine.py"))
BATCH = 16
TRIES, OTHER_LOAD = 3, 1.2  # a configuration is planned and run again where the cores it had changed by more
SEED = 7


class EngineFailed(Exception):
    """An engine's process did not end well."""


@dataclass(frozen=True, slots=True)
class Bench:
    """What all suites work with."""

    data: Path
    base: Path
    scratch: Path
    steps: int
    rounds: int
    device: str
    unsloth: Path | None = None  # an interpreter that has it
    asked: tuple[str, ...] = ()  # suites by name; none: all that this machine can

    def plan(self, rows: tuple[TokenRow, ...], **changes: Any) -> TrainPlan:
        """Return a plan of `steps` steps on the first rows, without an evaluation or a checkpoint on the way."""
        settings = TrainSettings(epochs=1, batch_size=BATCH, checkpoint_every=10**6, evaluate_every=10**6)
        settings = settings.model_copy(update=changes)
        return TrainPlan(rows[: self.steps * settings.batch_size], (), settings, SEED, "bench")

    def measured(self, engine: str, base: Path, plan: TrainPlan) -> dict[str, Any]:
        """Run an engine in a process of its own and return what it measured."""
        with tempfile.TemporaryDirectory(dir=self.scratch) as folder:
            file, said = Path(folder) / "plan.json", Path(folder) / "said.json"
            file.write_text(unsloths_plan(plan) if engine == UNSLOTH else plan.to_json(), encoding="utf-8")
            own = [sys.executable, __file__, "--engine", engine]
            script = [str(self.unsloth), UNSLOTH_ENGINE] if engine == UNSLOTH else own
            command = [*script, str(base), str(file), self.device, str(said)]
            environment = {"OMP_WAIT_POLICY": "PASSIVE", **os.environ, "HF_HUB_OFFLINE": "1"}  # the same for all
            done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
            if done.returncode or not said.exists():
                last = (done.stderr.strip().splitlines() or ["without a word"])[-1]
                raise EngineFailed(f"{engine} ended with {done.returncode}: {last[:200]}")
            return dict(json.loads(said.read_text(encoding="utf-8")))

    def tried(self, engine: str, base: Path, plan: TrainPlan) -> dict[str, Any] | str:
        """Return what an engine measured, or why it did not."""
        try:
            return self.measured(engine, base, plan)
        except (EngineFailed, OSError, ValueError) as error:
            return str(error)


def stock(bench: Bench) -> Iterator[Row]:
    """Yield tokens a second, memory and losses beside the stock trainers."""
    plan = bench.plan(work_orders(bench.data, bench.base))
    yield from _beside(bench, "stock", bench.base, plan, (1.2, None))
    yield from _unsloth(bench, "stock", bench.base, plan)


def gpu(bench: Bench) -> Iterator[Row]:
    """Yield the same on a GPU, at 2,048 tokens, with and without gradient checkpointing, with the goals of an H200."""
    if bench.device != "cuda":
        limit = 1.0 if "gpu" in bench.asked else None
        yield Row(
            "gpu", "NOT MEASURED: no GPU answers on this machine", 0, 0, 0, 0, limit, note="share of engines that ran"
        )
        return
    llama = random_llama(bench.scratch / "llama-8b")
    for name, base in (("SmolLM2", bench.base), ("8B", llama)):
        for recomputing in (True, False):
            plan = bench.plan(long_rows(bench.steps * 4, 2048), batch_size=4)
            plan = replace(plan, execution=Execution(gradient_checkpointing=recomputing))
            label = f"{name} 2048{' ckpt' if recomputing else ''}"
            goal = (8_000.0 if recomputing else 11_000.0) if name == "8B" else None
            yield from _beside(bench, label, base, plan, (1.0, goal))
            yield from _unsloth(bench, label, base, plan)


def _unsloth(bench: Bench, suite: str, base: Path, plan: TrainPlan) -> Iterator[Row]:
    if bench.unsloth is None:
        yield Row(suite, "unsloth: NOT MEASURED, --unsloth names none", 0, 0, 0, 0)
        return
    pairs = [[bench.tried(name, base, plan) for name in ("ours", UNSLOTH)] for _ in range(bench.rounds)]
    if failures := [told for pair in pairs for told in pair if isinstance(told, str)]:
        yield failed_row(suite, UNSLOTH, failures, 2 * bench.rounds)
        return
    for measure in ("tokens_per_second", "tokens_per_cpu_second", "peak_bytes"):
        yield ratio(suite, f"ours / unsloth, {measure}", [one[measure] / other[measure] for one, other in pairs])  # type: ignore[index]


def _beside(bench: Bench, suite: str, base: Path, plan: TrainPlan, goals: tuple[float, float | None]) -> Iterator[Row]:
    goal, speed_goal = goals  # ours over TRL, and tokens a second
    rounds = [{name: bench.tried(name, base, plan) for name in ENGINES} for _ in range(bench.rounds)]
    whole: dict[str, list[dict[str, Any]]] = {}
    for name in ENGINES:
        tries = [told[name] for told in rounds]
        failures = [each for each in tries if isinstance(each, str)]
        if failures:
            yield failed_row(suite, name, failures, len(tries))
            continue
        whole[name] = [dict(each) for each in tries if not isinstance(each, str)]
        speeds = [each["tokens_per_second"] for each in whole[name]]
        yield ratio(suite, f"{name}: tokens/s", speeds, speed_goal if name == "ours" else None)
        yield ratio(suite, f"{name}: tokens a CPU second", [each["tokens_per_cpu_second"] for each in whole[name]])
        yield ratio(suite, f"{name}: peak memory, GB", [each["peak_bytes"] / 1e9 for each in whole[name]])
    on_cpu = bench.device == "cpu"
    for other, limit in (("trl", goal), ("plain", None if on_cpu else 0.9)):
        if "ours" in whole and other in whole:
            pairs = list(zip(whole["ours"], whole[other], strict=True))
            for measure, told in (("tokens_per_second", "tokens/s"), ("tokens_per_cpu_second", "tokens a CPU second")):
                ratios = [ours[measure] / theirs[measure] for ours, theirs in pairs]
                # on a GPU the CPU only waits; on a busy CPU the wall's clock measures the others, too
                wanted = limit if measure == "tokens_per_second" or on_cpu else None
                yield ratio(suite, f"ours / {LONG_NAMES[other]}, {told}", ratios, wanted)
    if "ours" in whole:
        equal = bench.tried(EQUAL, base, plan)
        yield from _curves(suite, whole["ours"][0]["losses"], equal, whole.get("trl", []), 1e-3 if on_cpu else 5e-2)


def _curves(
    suite: str, ours: list[float], equal: dict[str, Any] | str, stock: list[dict[str, Any]], limit: float
) -> Iterator[Row]:
    """Yield how far the losses are apart, in equal arithmetic and from TRL as it is.

    Equal are losses only where both keep the adapter in float32: TRL rounds the one of a 4-bit base to bfloat16, after
    every step too. On a GPU the base computes in bfloat16 and the two add up in another order.
    """
    if isinstance(equal, str):
        yield failed_row(suite, EQUAL, [equal], 1)
    else:
        measure = "ours - TRL, adapter in float32: largest loss gap"
        yield _apart(suite, measure, ours, equal["losses"], limit)
    if stock:
        yield _apart(suite, "ours - TRL, which rounds it to bfloat16", ours, stock[0]["losses"], None)


def _apart(suite: str, measure: str, ours: list[float], theirs: list[float], limit: float | None) -> Row:
    worst = max(abs(one - other) for one, other in zip(ours, theirs, strict=True))
    return Row(suite, measure, worst, 0, worst, len(ours), limit, "<=")


def failed_row(suite: str, name: str, failures: list[str], tries: int) -> Row:
    """Return the row of an engine that did not run: with --check it is a goal that is missed."""
    share = 1 - len(failures) / tries
    return Row(suite, f"{name}: FAILED, share of runs that ended", share, share, share, tries, 1.0, note=failures[0])


def packing(bench: Bench) -> Iterator[Row]:
    """Yield what packing gains on work orders and on rows of 32 to 384 tokens."""
    mixed = tuple(long_rows(1, length)[0] for length in _mixed_lengths(bench.steps * BATCH))
    for name, rows in (("work orders", work_orders(bench.data, bench.base)), ("32 to 384 tokens", mixed)):
        padded = bench.plan(rows)
        packed = replace(padded, execution=Execution(packing=True))
        rounds = [[bench.tried("ours", bench.base, plan) for plan in (packed, padded)] for _ in range(bench.rounds)]
        failures = [told for pair in rounds for told in pair if isinstance(told, str)]
        if failures:
            yield failed_row("packing", name, failures, 2 * bench.rounds)
            continue
        for measure in ("tokens_per_second", "peak_bytes"):
            ratios = [one[measure] / other[measure] for one, other in rounds]  # type: ignore[index]
            yield ratio("packing", f"{name}: packed / padded, {measure}", ratios)


def _mixed_lengths(count: int) -> list[int]:
    chance = random.Random(SEED)
    return [round(32 * 12 ** chance.random()) for _ in range(count)]


def plan(bench: Bench) -> Iterator[Row]:
    """Yield the plan's memory and time over what the run then took, for six configurations."""
    rows = work_orders(bench.data, bench.base)
    spread = tuple(long_rows(1, length)[0] for length in _mixed_lengths(bench.steps * BATCH))
    whole = bench.plan(rows)
    configurations = {
        "batch 16": whole,
        "micro-batch 4": bench.plan(rows, micro_batch=4),
        "rank 64": bench.plan(rows, rank=64, alpha=128.0),
        "packed": replace(whole, execution=Execution(packing=True)),
        "recomputed": replace(whole, execution=Execution(gradient_checkpointing=True)),
        "32 to 384 tokens": bench.plan(spread, batch_size=8),
    }
    for name, planned in configurations.items():
        told = _at_one_load(bench, planned)
        if isinstance(told, str):
            yield failed_row("plan", name, [told], 1)
            continue
        yield from _planned(name, told)


def _at_one_load(bench: Bench, planned: TrainPlan) -> dict[str, Any] | str:
    """Plan and run; again where the machine gave the two other shares of its cores, which no plan foretells.

    What is looked at is the machine alone (decision 0030), never how well the plan did; every try is printed.
    """
    told: dict[str, Any] | str = ""
    for number in range(1, TRIES + 1):
        told = bench.tried("forecast", bench.base, planned)
        if isinstance(told, str):
            return told
        rehearsed, had = _cores(told)
        share = had / rehearsed
        print(f"plan: try {number}: the run had {share:.2f} of its rehearsal's cores", file=sys.stderr)
        if 1 / OTHER_LOAD <= share <= OTHER_LOAD:
            break
    return told


def _cores(told: dict[str, Any]) -> tuple[float, float]:
    """Return how many cores the rehearsal and the run had, on average."""
    rehearsed, had = (each["work"] / each["seconds"] for each in (told["forecast"], told))
    return rehearsed, had


def _planned(name: str, told: dict[str, Any]) -> Iterator[Row]:
    """Yield the plan over what was measured: memory, seconds by the clock, and of work, which no load adds to."""
    forecast = told["forecast"]
    memory, seconds, work = (forecast[key] / told[key] for key in ("peak_bytes", "seconds", "work"))
    once = told["line_bytes"] / told["peak_bytes"]
    yield _within("plan", f"{name}: memory, planned / measured", memory, 0.10)
    yield Row("plan", f"{name}: memory from one row / measured", once, once, once, 1)
    inside = "in" if forecast["low"] <= told["seconds"] <= forecast["high"] else "not in"
    note = f"{told['seconds']:.0f} s are {inside} {forecast['low']:.0f} to {forecast['high']:.0f}; "
    note += "cores had: {:.2f} in the rehearsal, {:.2f} in the run".format(*_cores(told))
    yield _within("plan", f"{name}: seconds, planned / measured", seconds, 0.25, note)
    yield _within("plan", f"{name}: seconds of the processors", work, 0.25)
    later = told["later"]
    yield Row("plan", f"{name}: seconds left after a third / measured", later, later, later, 1)


def _within(suite: str, measure: str, value: float, allowed: float, note: str = "") -> Row:
    off = abs(value - 1)
    return Row(suite, measure + ", off", off, off, off, 1, allowed, "<=", f"ratio {value:.3f} {note}")


def duplicates(bench: Bench) -> Iterator[Row]:
    """Yield how many near-duplicates there are, and what they do to a dictionary's held-out score."""
    from training_engines import near_duplicates  # noqa: PLC0415 - needs no torch, and the others do

    yield from near_duplicates(bench.data)


def main() -> int:
    """Run the suites and print one table."""
    if sys.argv[1:2] == ["--engine"]:
        name, base, file, device, said = sys.argv[2:]
        planned = plan_from_json(Path(file).read_text(encoding="utf-8"))
        measured = run_engine(name, Path(base), planned, device, Path(said).parent)
        Path(said).write_text(json.dumps(measured), encoding="utf-8")
        return 0
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with maintnorm")
    parser.add_argument("--suite", action="append", choices=SUITES, help="only this one; may be given several times")
    parser.add_argument("--base", type=Path, help="canonical folder of the base; without it SmolLM2 is converted")
    parser.add_argument("--steps", type=int, default=8, help="steps of a run, the first of which is not timed")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--unsloth", type=Path, help="interpreter of an environment that has Unsloth")
    parser.add_argument("--check", action="store_true", help="exit with 1 where a goal is missed")
    options = parser.parse_args()
    if not (options.data / "maintnorm").is_dir():
        print("skipped: there is no folder maintnorm", file=sys.stderr)
        return 0
    with tempfile.TemporaryDirectory() as scratch:
        base = options.base or convert_smollm2(Path(scratch) / "base")
        device = "cuda" if torch.cuda.is_available() else "cpu"
        asked = tuple(options.suite or ())
        bench = Bench(options.data, base, Path(scratch), options.steps, options.rounds, device, options.unsloth, asked)
        rows = list(_rows(bench))
    print_table(rows)
    return 1 if options.check and any(not row.is_met for row in rows) else 0


def _rows(bench: Bench) -> Iterator[Row]:
    """Yield the rows of the suites; each is told on the way, for a reader who waits."""
    suites = {"stock": stock, "gpu": gpu, "packing": packing, "plan": plan, "duplicates": duplicates}
    for name in bench.asked or SUITES:
        began = time.monotonic()
        for row in suites[name](bench):
            print(f"  {row.suite}: {row.measure} {row.value:.3f} {row.note}", file=sys.stderr, flush=True)
            yield row
        print(f"{name}: {time.monotonic() - began:.0f} s", file=sys.stderr)


def print_table(rows: Sequence[Row]) -> None:
    """Print the whole table, last of all."""
    print(f"{'suite':16}{'measure':52}{'value':>10}  {'interval or range':22}{'n':>6}  goal")
    for row in rows:
        goal = "" if row.goal is None else f"{row.sense} {row.goal:g} {'met' if row.is_met else 'MISSED'}"
        told = f"{row.value:10.3f}  {f'[{row.low:.3f}, {row.high:.3f}]':22}{row.samples:6}  {goal} {row.note}"
        print(f"{row.suite:16}{row.measure:52}{told}")


if __name__ == "__main__":
    sys.exit(main())
