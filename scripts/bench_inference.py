"""Measure inference: our variants beside llama.cpp and PyTorch, over the same weights, in one table.

    uv run --group bench python scripts/bench_inference.py --data FOLDER [--base FOLDER --adapter FOLDER] [--rounds N]
        [--threads N] [--speed-only] [--check]

FOLDER holds maintnorm/val.jsonl, lines with "input" and "target". With --base (a canonical model folder) and --adapter
(what the train step wrote) the adapted model is measured, and its score is the exact match on held-out work orders;
without, SmolLM2-135M-Instruct as it is installed, and only its perplexity. Every engine runs in a process of its own;
the rounds go in turns, times are CPU seconds of all threads, ratios are taken within a round and told as their median
with the least and the most. "at most" is the measured bandwidth over the bytes of weights that a token reads. With
--check the exit status is 1 where a goal is missed.
"""

import argparse
import contextlib
import json
import math
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
from gguf_weights import quantized_gguf, write_gguf
from inference_engines import Started, started

from appliance.base_model.chat import encode, prompt_text
from appliance.base_model.loading import load_dequantised, load_tokenizer
from appliance.evaluation.general_text import TEXTS, windows
from appliance.evaluation.scores import exact_match, matches, paired_gain
from appliance.training.adapter import merged
from quantize.export import export_float, export_quantized
from quantize.schemes import SCHEMES
from quantize.variants import NF4, TOKENIZER_FILES

INSTRUCTION, NEW_TOKENS, SEED = "Normalise.", 32, 7
OURS, THEIRS = ("int4", "int4-64", "int8-64", "float"), ("Q4_0", "Q8_0")
# like bits; and eight of theirs beside four of ours, where theirs of four bits do not reach our score
PAIRS = (("int4-64", "Q4_0"), ("int8-64", "Q8_0"), ("int4-64", "Q8_0"))
Scores = Literal["none", "perplexity", "answers"]
GOALS = (("decode", 1.15), ("prefill", 1.0), ("memory", 1.0))  # ours over llama.cpp's, memory the other way round


@dataclass(frozen=True, slots=True)
class Contender:
    """One engine on one file, and what was measured of it."""

    kind: str
    model: Path
    bytes: int
    load: dict[str, float] = field(default_factory=dict)
    rounds: list[dict[str, float]] = field(default_factory=list)
    told: dict[str, Any] = field(default_factory=dict)  # peak, perplexity, answers


@dataclass(frozen=True, slots=True)
class Task:
    """The work orders, as tokens, and their right answers; a prompt of the speed test and the general text."""

    prompts: Sequence[Sequence[int]]
    targets: Sequence[str]
    long_prompt: Sequence[int]
    pieces: Sequence[Sequence[int]]
    tokenizer: Any


def contenders(model: Path, scratch: Path) -> dict[str, Contender]:
    """Write every file that is measured, all from one model folder."""
    float_ = export_float(model, scratch / "float")
    folders = {"float": float_.folder}
    for name in OURS[:-1]:
        folders[name] = export_quantized(float_, scratch / name, SCHEMES[name], (NF4,)).folder  # type: ignore[index]
    found = {name: Contender("ours", folders[name], _size(folders[name])) for name in OURS}
    found["int4-64 in genai"] = Contender("genai", folders["int4-64"], _size(folders["int4-64"]))
    whole = write_gguf(model, scratch / "whole.gguf")
    for name in THEIRS:
        file = quantized_gguf(whole, scratch / f"{name}.gguf", name)
        found[name] = Contender("llama", file, file.stat().st_size)
    weights = model / "model.safetensors"
    return {**found, "PyTorch": Contender("torch", model, weights.stat().st_size)}


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.iterdir())


def measure(found: dict[str, Contender], task: Task, rounds: int, threads: int, scores: Scores) -> None:
    """Run all engines in turns, then ask each for its memory, and at last for what it says."""
    with contextlib.ExitStack() as stack:
        running: dict[str, Started] = {}
        for name, contender in found.items():
            running[name] = stack.enter_context(started(contender.kind, contender.model, threads=threads))
            contender.load.update(running[name].load)
        for number in range(rounds + 1):
            for name, engine in running.items():
                told = engine.ask("speed", prompt=task.long_prompt, new=NEW_TOKENS)
                if number:  # the first round warms up
                    found[name].rounds.append(told)
        for name, engine in running.items():
            found[name].told["peak"] = engine.ask("peak")  # before the questions that need more than serving does
        _check_tokens(running["Q4_0"], task)
        for name, engine in running.items():
            if scores != "none" and found[name].kind != "genai":  # there the same weights run in the same kernels
                _score(engine, found[name].told, task, scores)


def _score(engine: Started, told: dict[str, Any], task: Task, scores: Scores) -> None:
    nats = engine.ask("nats", pieces=task.pieces)
    told["perplexity"] = math.exp(nats["nats"] / nats["tokens"])
    if scores == "answers":
        told["answers"] = engine.ask("answers", prompts=task.prompts, new=24, stop=task.tokenizer.eos_token_id)


def _check_tokens(llama: Started, task: Task) -> None:
    """Both must read the same tokens, or the scores would be about two texts."""
    texts = [task.tokenizer.decode(prompt) for prompt in task.prompts]
    theirs = llama.ask("tokens", texts=texts)
    wrong = sum(list(ours) != other for ours, other in zip(task.prompts, theirs, strict=True))
    if wrong:
        raise SystemExit(f"llama.cpp reads {wrong} of {len(texts)} prompts as other tokens")


def bandwidth() -> float:
    """Return the bytes a second at which one thread sums a quarter of a gigabyte; the best of five."""
    block = np.ones(2**26, np.float32)
    best = math.inf
    for _ in range(5):
        began = time.process_time()
        block.sum()
        best = min(best, time.process_time() - began)
    return block.nbytes / best


def table(found: Mapping[str, Contender], task: Task, stream: float) -> None:
    """Print one line a contender."""
    print(
        f"{'tokens per CPU second':22}{'prefill':>9}{'decode':>8}{'at most':>9}{'first, s':>10}{'peak MB':>9}"
        f"{'load s':>8}{'MB':>7}{'perplexity':>12}  exact match"
    )
    for name, contender in found.items():
        read, write, first = (_median(contender, key) for key in ("read", "write", "first"))
        answers, perplexity = contender.told.get("answers"), contender.told.get("perplexity")
        score = ""
        if answers is not None:
            value = exact_match(_texts(task, answers), task.targets)
            score = f"{value.value:.3f} [{value.low:.3f}, {value.high:.3f}] n={value.samples}"
        print(
            f"{name:22}{len(task.long_prompt) / read:9.0f}{NEW_TOKENS / write:8.1f}{stream / contender.bytes:9.0f}"
            f"{first:10.3f}{contender.told['peak'] / 1e6:9.0f}{contender.load['cpu']:8.2f}{contender.bytes / 1e6:7.0f}"
            f"{'' if perplexity is None else f'{perplexity:.2f}':>12}  {score}"
        )


def _median(contender: Contender, key: str) -> float:
    return statistics.median(told[key] for told in contender.rounds)


def _texts(task: Task, answers: Sequence[Sequence[int]]) -> list[str]:
    return [task.tokenizer.decode(ids, skip_special_tokens=True).strip() for ids in answers]


def goals(found: Mapping[str, Contender], task: Task) -> bool:
    """Print ours beside llama.cpp's, and return whether every goal is met."""
    met = True
    for ours, theirs in PAIRS:
        one, other = found[ours], found[theirs]
        pairs = list(zip(one.rounds, other.rounds, strict=True))
        ratios = {
            "decode": [b["write"] / a["write"] for a, b in pairs],
            "prefill": [b["read"] / a["read"] for a, b in pairs],
            "memory": [other.told["peak"] / one.told["peak"]],
        }
        for name, goal in GOALS:
            value = statistics.median(ratios[name])
            met &= value >= goal
            told = f"{value:.2f} ({min(ratios[name]):.2f}, {max(ratios[name]):.2f})"
            print(f"{ours} over {theirs}, {name:8} {told:20} >= {goal:g} {'met' if value >= goal else 'MISSED'}")
        met &= _scores_hold(ours, theirs, found, task)
    return met


def _scores_hold(ours: str, theirs: str, found: Mapping[str, Contender], task: Task) -> bool:
    if "perplexity" not in found[ours].told:
        return True
    if "answers" not in found[ours].told:
        held = found[ours].told["perplexity"] <= found[theirs].told["perplexity"]
        print(f"{ours} over {theirs}, perplexity not above: {'met' if held else 'MISSED'}")
        return held
    right = [matches(_texts(task, found[name].told["answers"]), task.targets) for name in (ours, theirs)]
    gain = paired_gain(*right, SEED)
    told = f"{gain.value:+.3f} [{gain.low:+.3f}, {gain.high:+.3f}] n={gain.samples}"
    print(f"{ours} less {theirs}, exact match {told} >= 0 {'met' if gain.value >= 0 else 'MISSED'}")
    return gain.value >= 0


def _task(data: Path, model: Path, lines: int, prompt_tokens: int) -> Task:
    tokenizer = load_tokenizer(model)
    rows = [json.loads(line) for line in (data / "maintnorm" / "val.jsonl").read_text(encoding="utf-8").splitlines()]
    rows = rows[:: max(1, len(rows) // lines)][:lines]
    pieces = windows(TEXTS, lambda text: encode(tokenizer, text))
    return Task(
        prompts=[encode(tokenizer, prompt_text(tokenizer, INSTRUCTION, row["input"])) for row in rows],
        targets=[row["target"] for row in rows],
        long_prompt=[token for piece in pieces for token in piece][:prompt_tokens],
        pieces=pieces,
        tokenizer=tokenizer,
    )


def adapted_model(options: argparse.Namespace, scratch: Path) -> Path:
    """Return a plain folder with the weights that all engines get."""
    if not options.adapter:
        from training_engines import convert_smollm2  # noqa: PLC0415 torch and its friends

        return options.base or convert_smollm2(scratch / "base")
    folder = scratch / "model"
    merged(load_dequantised(options.base), options.adapter).save_pretrained(folder)
    for name in TOKENIZER_FILES:
        if (options.base / name).exists():
            (folder / name).write_bytes((options.base / name).read_bytes())
    return folder


def main() -> int:
    """Measure and print the table last."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with maintnorm")
    parser.add_argument("--base", type=Path, help="canonical folder of the base; without it SmolLM2 is converted")
    parser.add_argument("--adapter", type=Path, help="folder with adapter_model.safetensors, trained on --base")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--lines", type=int, default=100, help="work orders that are scored")
    parser.add_argument("--prompt-tokens", type=int, default=256)
    parser.add_argument("--speed-only", action="store_true", help="leave perplexity and task score out")
    parser.add_argument("--check", action="store_true", help="exit with 1 where a goal is missed")
    options = parser.parse_args()
    if options.adapter and not options.base:
        parser.error("--adapter needs the --base that it was trained on")
    if not (options.data / "maintnorm").is_dir():
        print("skipped: there is no folder maintnorm", file=sys.stderr)
        return 0
    with tempfile.TemporaryDirectory() as scratch:
        model = adapted_model(options, Path(scratch))
        task = _task(options.data, model, options.lines, options.prompt_tokens)
        found = contenders(model, Path(scratch))
        scores: Scores = "none" if options.speed_only else "answers" if options.adapter else "perplexity"
        measure(found, task, options.rounds, options.threads, scores)
        stream = bandwidth()
        met = goals(found, task)
        print(f"stream bandwidth {stream / 1e9:.1f} GB/s; {options.threads} threads, {options.rounds} rounds")
        table(found, task, stream)
    return 1 if options.check and not met else 0


if __name__ == "__main__":
    sys.exit(main())
