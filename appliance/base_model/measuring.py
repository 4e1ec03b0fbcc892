"""What a canonical model is, measured here, and what others claim of it."""

import json
import math
import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from appliance.base_model.chat import encode, prompt_tokens
from appliance.base_model.checks import Check, failed, passed, told
from appliance.base_model.converting import CANONICAL_DTYPE
from appliance.base_model.gguf_header import GgufHeader
from appliance.base_model.loading import load_float, load_tokenizer
from appliance.core.errors import InputError

PROBE = ("Answer.", "pump 3 leaks / ポンプ3 漏れ")  # instruction and prompt of the portability check
RESAMPLES = 1_000
SIZE_TOLERANCE = 0.05  # a label such as 135M is rounded
_LABEL = re.compile(r"([0-9]{1,4}(?:\.[0-9]{1,3})?)([KMBT])")
_UNITS = {"K": 1e3, "M": 1e6, "B": 1e9, "T": 1e12}
LINE_TOKENS = 512  # of one line of a claim's text; the rest is cut
BYTES_PER_WEIGHT = {"float32": 4.0, "bfloat16": 2.0, "int8": 1.125, "nf4": 0.53, "int4": 0.625}  # with their scales


@dataclass(frozen=True, slots=True)
class Metric:
    """A claimed figure on a text that the operator brings."""

    text: Path
    value: float  # nats a token
    tolerance: float  # nats; by how much the claim may be off


@dataclass(frozen=True, slots=True)
class Claims:
    """What somebody says of a model; None where nothing is said."""

    parameters: int | None = None
    vocabulary: int | None = None
    context_tokens: int | None = None
    nats_per_token: Metric | None = None


def measure(folder: Path) -> tuple[dict[str, Any], list[Check]]:
    """Load the canonical model twice on the CPU; return its measures and what that says of it.

    Logits are compared here and not kept: they differ from one CPU to the next.
    """
    (measures, first), (_, second) = _probe(folder), _probe(folder)
    if not bool(torch.isfinite(first).all()):
        return measures, [_unusable("portability.transformers", "its logits are no finite numbers")]
    if not torch.equal(first, second):
        return measures, [_unusable("reproducibility.logits", "loaded twice, it gives different logits")]
    parameters = measures["parameters"]
    memory = ", ".join(f"{name} {parameters * size / 1e9:.2f} GB" for name, size in BYTES_PER_WEIGHT.items())
    facts = {**measures, "portable": True, "same_logits_when_loaded_twice": True}
    return facts, [
        passed("portability.transformers", f"{measures['architecture']} loads and answers on a CPU"),
        passed("reproducibility.logits", "loaded twice, the same logits to the last bit"),
        told("portability.memory", f"weights take {memory}; context {measures['context_tokens']} tokens"),
    ]


def read_claims(file: Path | None) -> Claims:
    """Return the operator's claims, a JSON object; the text of a metric lies beside the file.

    Raises:
        InputError: the file is missing, no JSON, or says something else.
    """
    if file is None:
        return Claims()
    try:
        content = dict(json.loads(file.read_text(encoding="utf-8")))
        metric = content.pop("nats_per_token", None)
        counts = {key: int(value) for key, value in content.items()}
        figure = metric and Metric(file.parent / metric["text"], float(metric["value"]), float(metric["tolerance"]))
        return Claims(**counts, nats_per_token=figure)
    except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise InputError(
            f"{file}: no claims",
            hint='{"parameters": 1, "vocabulary": 1, "context_tokens": 1, '
            '"nats_per_token": {"text": "sample.txt", "value": 3.1, "tolerance": 0.05}}; each may be left out',
        ) from error


def compare_claims(claims: Claims, measures: Mapping[str, Any], folder: Path) -> list[Check]:
    """Hold the operator's claims against what is measured."""
    checks: list[Check] = []
    for name in ("parameters", "vocabulary", "context_tokens"):
        claimed = getattr(claims, name)
        if claimed is not None:
            checks.append(_compared(name, claimed, measures[name]))
    if claims.nats_per_token is not None:
        checks.append(_metric(claims.nats_per_token, folder))
    return checks


def header_claims(header: GgufHeader | None, folder: Path) -> list[dict[str, Any]]:
    """Hold what a GGUF file's metadata claim against what the canonical configuration says."""
    if header is None:
        return []
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    kind = header.metadata["general.architecture"]
    pairs = {
        "context_length": "max_position_embeddings",
        "block_count": "num_hidden_layers",
        "embedding_length": "hidden_size",
        "vocab_size": "vocab_size",
    }
    found = {claim: header.metadata.get(f"{kind}.{claim}") for claim in pairs}
    rows = [(claim, found[claim], config.get(key)) for claim, key in pairs.items() if found[claim] is not None]
    label = header.metadata.get("general.size_label")
    rows.append(("size_label", label, _size_label(header.parameters, str(label))))
    return [
        {"claim": claim, "claimed": claimed, "measured": measured, "agree": claimed == measured}
        for claim, claimed, measured in rows
        if claimed is not None
    ]


def _probe(folder: Path) -> tuple[dict[str, Any], torch.Tensor]:
    """Load the canonical model and return its measures and the logits behind a fixed prompt."""
    tokenizer, model = load_tokenizer(folder), load_float(folder)
    tokens = torch.tensor([prompt_tokens(tokenizer, *PROBE)])
    with torch.no_grad():
        logits = model(input_ids=tokens, use_cache=False).logits[0, -1]
    measures = {
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
        "vocabulary": int(model.config.vocab_size),
        "tokenizer_vocabulary": len(tokenizer),
        "context_tokens": int(model.config.max_position_embeddings),
        "layers": int(model.config.num_hidden_layers),
        "architecture": str(model.config.architectures[0]),
        "dtype": str(CANONICAL_DTYPE).removeprefix("torch."),
    }
    return measures, logits


def _compared(name: str, claimed: int, measured: int) -> Check:
    if claimed == measured or (name == "parameters" and abs(claimed - measured) <= SIZE_TOLERANCE * measured):
        return passed(f"claims.{name}", f"{measured}, as claimed" if claimed == measured else f"{measured}, rounded")
    return failed(f"claims.{name}", f"{claimed} are claimed, {measured} measured", "ask the maker which is right")


def _metric(metric: Metric, folder: Path) -> Check:
    name = "claims.nats_per_token"
    lines = _line_losses(metric.text, folder)
    low, value, high = _interval(lines)
    found = f"claimed {metric.value:.3f}, measured {value:.3f} [{low:.3f}, {high:.3f}] on {len(lines)} lines"
    if low - metric.tolerance <= metric.value <= high + metric.tolerance:
        return passed(name, found)
    return failed(name, found, "ask the maker how the figure was measured")


def _line_losses(text: Path, folder: Path) -> list[tuple[float, int]]:
    """Return summed nats and the number of predicted tokens of each line."""
    tokenizer, model = load_tokenizer(folder), load_float(folder)
    try:
        lines = [line for line in text.read_text(encoding="utf-8").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{text}: cannot be read as UTF-8", hint="correct the text of the claim") from error
    losses: list[tuple[float, int]] = []
    for line in lines:
        tokens = torch.tensor([encode(tokenizer, line)[:LINE_TOKENS]])
        if tokens.shape[1] > 1:
            with torch.no_grad():
                logits = model(input_ids=tokens, use_cache=False).logits[0, :-1]
            nats = torch.nn.functional.cross_entropy(logits, tokens[0, 1:], reduction="sum")
            losses.append((float(nats), tokens.shape[1] - 1))
    if not losses:
        raise InputError(f"{text}: holds no line of two tokens", hint="correct the text of the claim")
    return losses


def _interval(lines: Sequence[tuple[float, int]]) -> tuple[float, float, float]:
    """Return the mean nats a token between the ends of its 95 % bootstrap interval over lines."""
    chance = random.Random(7)  # noqa: S311 - a statistic, no secret

    def mean(drawn: Sequence[tuple[float, int]]) -> float:
        return math.fsum(nats for nats, _ in drawn) / sum(count for _, count in drawn)

    means = sorted(mean(chance.choices(lines, k=len(lines))) for _ in range(RESAMPLES))
    return means[int(0.025 * RESAMPLES)], mean(lines), means[int(0.975 * RESAMPLES) - 1]


def _size_label(parameters: int, claimed: str) -> str:
    """Return a rounded size; the claimed label itself where it is right within its rounding."""
    match = _LABEL.fullmatch(claimed)
    if match and abs(float(match[1]) * _UNITS[match[2]] - parameters) <= SIZE_TOLERANCE * parameters:
        return claimed
    return f"{parameters / 1e9:.1f}B" if parameters >= 1e9 else f"{parameters / 1e6:.0f}M"


def _unusable(name: str, found: str) -> Check:
    return failed(name, found, "take another model")
