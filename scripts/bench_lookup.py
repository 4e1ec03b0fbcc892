"""Measure what guesses at several tokens save: our look-up and llama.cpp's, over the same weights, on real work orders.

    uv run --group bench python scripts/bench_lookup.py --data FOLDER --base FOLDER --adapter FOLDER [--lines N]
        [--files FOLDER] [--check]

FOLDER holds maintnorm/train.jsonl and val.jsonl. The model is that of bench_inference.py; --files keeps what was
exported, and takes it from there the next time. Every engine answers the held-out lines without guesses,
with llama-cpp-python's prompt look-up, and with ours, in turns of ten lines. Times
are CPU seconds of all threads behind an answer's first token; a gain is that without guesses over that with, the median
of the turns. The answers of training lines are what a bundle with an index brings; no held-out line is among them. With
--check the exit status is 1 where ours do not write GOAL times as fast with guesses as without.
"""

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench_inference import INSTRUCTION, adapted_model
from gguf_weights import quantized_gguf, write_gguf
from inference_engines import Started, started

from appliance.base_model.chat import encode, prompt_text
from appliance.base_model.loading import load_tokenizer
from appliance.evaluation.scores import exact_match, matches, paired_gain
from quantize.drafting import LONGEST
from quantize.export import export_float, export_quantized
from quantize.schemes import SCHEMES
from quantize.variants import NF4

OURS, THEIRS = ("int4-64", "int8-64"), ("Q4_0", "Q8_0")
DRAFTS = ("none", "peer", "prompt", "known")
NEW_TOKENS, TURN, SEED, GOAL = 40, 10, 7, 1.1


def prepared(options: argparse.Namespace, scratch: Path) -> dict[str, tuple[str, Path]]:
    """Return the kind and the file of every engine; what is there already is taken as it is."""
    files: Path = options.files or scratch
    found = {name: ("ours", files / name) for name in OURS} | {
        name: ("llama", files / f"{name}.gguf") for name in THEIRS
    }
    if all(file.exists() for _, file in found.values()):
        return found
    model = adapted_model(options, scratch)
    float_ = export_float(model, scratch / "float")
    for name in OURS:
        export_quantized(float_, files / name, SCHEMES[name], (NF4,))
    whole = write_gguf(model, scratch / "whole.gguf")
    for name in THEIRS:
        quantized_gguf(whole, files / f"{name}.gguf", name)
    return found


def measure(found: dict[str, tuple[str, Path]], lines: "Lines", threads: int) -> bool:
    """Print one row for each engine and kind of guess; return whether ours reach the goal."""
    print(f"{'engine':10}{'guesses':9}{'tokens/CPU s':>13}{'gain (least, most)':>22}{'a step':>8}{'held':>6}  answers")
    met = True
    for name, (kind, file) in found.items():
        with started(kind, file, threads=threads) as engine:
            lines.ask(engine, "none", 0)  # warms up
            told: dict[str, list[Any]] = {drafts: [] for drafts in DRAFTS}
            for at in lines.turns:
                for drafts, turns in told.items():
                    turns.append(lines.ask(engine, drafts, at))
        gain = _rows(name, told, lines)["known"]
        met &= name in THEIRS or gain >= GOAL
    return met


class Lines:
    """The held-out lines as tokens, and the answers that may be known."""

    def __init__(self, data: Path, tokenizer: Any, count: int) -> None:
        read = {part: _read(data / "maintnorm" / f"{part}.jsonl") for part in ("train", "val")}
        rows = read["val"][:: max(1, len(read["val"]) // count)][:count]
        self.tokenizer = tokenizer
        self.targets = [row["target"] for row in rows]
        self.turns = range(0, len(rows), TURN)
        texts = [prompt_text(tokenizer, INSTRUCTION, row["input"]) for row in rows]
        self._prompts = [encode(tokenizer, text) for text in texts]
        lower = [row["input"].lower() for row in rows]
        self._respelt = [[encode(tokenizer, text), encode(tokenizer, f" {text}")] for text in lower]
        before = self._prompts[0][1 - LONGEST :]
        end = tokenizer.eos_token_id
        self._known = [[*before, *encode(tokenizer, row["target"]), end] for row in read["train"]]
        self._end = end

    def ask(self, engine: Started, drafts: str, at: int) -> Any:
        """Return what an engine tells of one turn; see `copied_answers.copied`."""
        some = slice(at, at + TURN)
        prompts, respelt = self._prompts[some], self._respelt[some]
        known = self._known if drafts == "known" else []
        wishes = {"drafts": drafts, "known": known, "new": NEW_TOKENS, "stop": self._end}
        return engine.ask("copied", prompts=prompts, respelt=respelt, **wishes)

    def texts(self, told: Sequence[Any]) -> list[str]:
        """Return the answers of all turns as texts."""
        return [self.tokenizer.decode(ids).strip() for turn in told for ids in turn["answers"]]


def _read(file: Path) -> list[Any]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def _rows(name: str, told: dict[str, list[Any]], lines: Lines) -> dict[str, float]:
    plain, medians = lines.texts(told["none"]), {}
    for drafts, turns in told.items():
        total = {key: sum(turn[key] for turn in turns) for key in ("seconds", "tokens", "steps", "drafted", "held")}
        gains = [_pace(one) / _pace(other) for one, other in zip(turns, told["none"], strict=True)]
        medians[drafts] = statistics.median(gains)
        texts = lines.texts(turns)
        score, same = exact_match(texts, lines.targets), sum(a == b for a, b in zip(texts, plain, strict=True))
        gain = paired_gain(matches(texts, lines.targets), matches(plain, lines.targets), SEED)
        held = total["held"] / max(1, total["drafted"])
        print(
            f"{name:10}{drafts:9}{total['tokens'] / total['seconds']:13.1f}"
            f"{f'{medians[drafts]:.2f} ({min(gains):.2f}, {max(gains):.2f})':>22}"
            f"{total['tokens'] / total['steps']:8.2f}{held:6.2f}  exact {score.value:.3f} [{score.low:.3f}, "
            f"{score.high:.3f}], less without {gain.value:+.3f} [{gain.low:+.3f}, {gain.high:+.3f}], "
            f"the same {same} of {len(texts)}",
            flush=True,
        )
    return medians


def _pace(turn: Any) -> float:
    return float(turn["tokens"] / turn["seconds"])


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with maintnorm")
    parser.add_argument("--base", type=Path, required=True, help="canonical folder of the base")
    parser.add_argument("--adapter", type=Path, required=True, help="folder with adapter_model.safetensors")
    parser.add_argument("--lines", type=int, default=100, help="held-out work orders")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--files", type=Path, help="folder that keeps what is exported")
    parser.add_argument("--check", action="store_true", help="exit with 1 where the goal is missed")
    options = parser.parse_args()
    if not (options.data / "maintnorm").is_dir():
        print("skipped: there is no folder maintnorm", file=sys.stderr)
        return 0
    with tempfile.TemporaryDirectory() as scratch:
        found = prepared(options, Path(scratch))
        met = measure(found, Lines(options.data, load_tokenizer(options.base), options.lines), options.threads)
    return 1 if options.check and not met else 0


if __name__ == "__main__":
    sys.exit(main())
