"""How fast a variant is on this machine."""

import time
from dataclasses import dataclass

import numpy as np

from quantize.onnx_session import OnnxSession


@dataclass(frozen=True, slots=True)
class Speed:
    """Tokens a second of wall time: reading a prompt, and writing one token after the other."""

    prefill: float
    decode: float


def measure_speed(session: OnnxSession, *, rows: int = 1, prompt_tokens: int = 64, new_tokens: int = 16) -> Speed:
    """Time made-up prompts of equal length, after one that warms up; what the tokens are does not matter."""
    prompts = [[index % 100 + 1 for index in range(prompt_tokens)]] * rows
    session.start(prompts).read()
    batch = session.start(prompts, room=new_tokens)
    started = time.perf_counter()
    batch.read()
    read = time.perf_counter()
    for _ in range(new_tokens):
        batch.advance(np.ones(rows, np.int64))
    written = time.perf_counter()
    return Speed(rows * prompt_tokens / (read - started), rows * new_tokens / (written - read))
