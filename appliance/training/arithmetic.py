"""How a step is computed on a CPU: with how many threads, in which floats. Settled once a run by a short measurement.

A processor's flags do not tell: bfloat16 was 1.6 times as fast as float32 on one that has it in its flags and 1.7 times
slower on another, and on a busy machine a second thread can cost more than it brings. Both decide the bits of what is
learnt, so what was settled is kept with the checkpoints, and a run that is taken up again goes on with it.

Covers: one layer, forward and backward, in the shapes of a small model.
Does not cover: a load that changes while the run goes on.
"""

import json
import os
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import torch

from appliance.core.hardware import usable_cores
from appliance.core.hashing import write_whole
from appliance.core.sections import TrainSettings

FloatName = Literal["float32", "bfloat16"]
FILE = "arithmetic.json"  # in the scratch folder
THREADS_VARIABLE = "OMP_NUM_THREADS"  # the operator's word, where it is set
ROUNDS = 5  # of all candidates in turns: a second in all on two idle cores
CLEARLY = 1.25  # times as fast, or the plain choice stays: all cores, float32
_ROWS, _TOKENS, _WIDTH, _INNER, _HEADS = 4, 64, 512, 1536, 8


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """What decides the bits of a step besides its data."""

    threads: int
    dtype: FloatName
    cpu: str  # what torch makes of the processor: AVX2, AVX512


def settle(settings: TrainSettings, scratch: Path) -> Arithmetic:
    """Return what the settings say, or was settled before in `scratch`, or a measurement now finds."""
    file = scratch / FILE
    if file.exists():
        return Arithmetic(**json.loads(file.read_text(encoding="utf-8")))
    threads = settings.threads or _asked_threads() or _fastest_threads()
    dtype = settings.dtype if settings.dtype != "auto" else _fastest_dtype(threads)
    settled = Arithmetic(threads, dtype, cpu_capability())
    scratch.mkdir(parents=True, exist_ok=True)
    write_whole(file, json.dumps(asdict(settled)).encode())
    return settled


def cpu_capability() -> str:
    """Return the instructions that torch's kernels use here; another name may mean other bits."""
    return torch.backends.cpu.get_cpu_capability()


@contextmanager
def computing_with(threads: int) -> Iterator[None]:
    """Compute with so many threads, and afterwards with as many as before."""
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def fastest(candidates: dict[str, Callable[[], float]], plain: str) -> str:
    """Return the candidate whose middle time is least; the plain one unless another is clearly faster.

    Args:
        candidates: each returns its seconds; they are called in turns, so that a change of load meets all of them.
        plain: the one to take where the difference is small.
    """
    times: dict[str, list[float]] = {name: [] for name in candidates}
    for _ in range(ROUNDS):
        for name, measure in candidates.items():
            times[name].append(measure())
    middle = {name: statistics.median(found) for name, found in times.items()}
    best = min(middle, key=lambda name: middle[name])
    return best if middle[plain] > CLEARLY * middle[best] else plain


def _asked_threads() -> int:
    asked = os.environ.get(THREADS_VARIABLE, "")
    return int(asked) if asked.isdecimal() else 0


def _fastest_threads() -> int:
    cores = usable_cores()
    counts = sorted({1, max(1, cores // 2), cores})
    if len(counts) == 1:
        return cores
    layer = _Layer(torch.float32)
    return int(fastest({str(count): _timed(layer, count) for count in counts}, str(cores)))


def _fastest_dtype(threads: int) -> FloatName:
    layers: dict[str, Callable[[], float]] = {
        "float32": _timed(_Layer(torch.float32), threads),
        "bfloat16": _timed(_Layer(torch.bfloat16), threads),
    }
    return "bfloat16" if fastest(layers, "float32") == "bfloat16" else "float32"


def _timed(layer: "_Layer", threads: int) -> Callable[[], float]:
    def seconds() -> float:
        with computing_with(threads):
            began = time.perf_counter()
            layer.step()
            return time.perf_counter() - began

    seconds()  # the first one allocates
    return seconds


class _Layer:
    """One transformer layer with made-up weights: what a step spends its time on, attention's backward pass too."""

    def __init__(self, dtype: torch.dtype) -> None:
        chance = torch.Generator().manual_seed(0)

        def draw(*shape: int) -> torch.Tensor:
            return (torch.randn(shape, generator=chance) * 0.02).to(dtype)

        self.input = draw(_ROWS, _TOKENS, _WIDTH).requires_grad_()
        self.heads, self.out = draw(_WIDTH, 3 * _WIDTH), draw(_WIDTH, _WIDTH)
        self.up, self.down = draw(_WIDTH, _INNER), draw(_INNER, _WIDTH)

    def step(self) -> None:
        """Go forward and back once."""
        split = (self.input @ self.heads).view(_ROWS, _TOKENS, 3, _HEADS, -1).permute(2, 0, 3, 1, 4)
        mixed = torch.nn.functional.scaled_dot_product_attention(split[0], split[1], split[2], is_causal=True)
        hidden = self.input + mixed.transpose(1, 2).reshape(self.input.shape) @ self.out
        inner = torch.nn.functional.silu(hidden @ self.up) @ self.down
        self.input.grad = None
        (hidden + inner).sum().backward()  # type: ignore[no-untyped-call]
