"""The values of the library: grids of numbers, schemes of quantisation, exported variants.

Covers: refusing a scheme whose grid is the one that the weights came from. A low-rank update is about 0.5 % of a
weight, the step of a 4-bit grid is about 10 %: put back on its own grid, every weight rounds to where it was before
the training, and what was learnt is gone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from quantize.errors import SchemeRefused

Kind = Literal["float", "int8", "int4"]
MODEL_FILE = "model.onnx"
WEIGHTS_FILE = "model.onnx.data"
CONFIG_FILE = "genai_config.json"  # names inputs, outputs and special tokens for onnxruntime-genai
LOGIT_PLACES = "logit_places"  # the input that a measuring session has more than the shipped graph
TOKENIZER_FILES = ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja")


@dataclass(frozen=True, slots=True)
class Grid:
    """The numbers that a block of weights can take: `levels` names their spacing, `block` counts the weights."""

    levels: Literal["uniform-symmetric", "uniform-asymmetric", "normal-float"]
    bits: int
    block: int


NF4 = Grid("normal-float", 4, 64)  # bitsandbytes, Dettmers et al. 2023
Q4_0 = Grid("uniform-symmetric", 4, 32)  # GGUF
Q4_1 = Grid("uniform-asymmetric", 4, 32)  # GGUF


@dataclass(frozen=True, slots=True)
class Scheme:
    """How the weights of the linear layers are stored; the head and the embedding always take 8 bits.

    A 4-bit head costs much (perplexity x1.39 instead of x1.27 on SmolLM2-135M), an 8-bit head nothing.
    """

    bits: Literal[4, 8]
    block: int = 32
    symmetric: bool = True
    # 4: the processor multiplies 8-bit integers (activations are rounded per block); 1: 32-bit floats, which with
    # 8-bit weights writes 2 tokens a CPU-second instead of 40 (onnxruntime 1.31, SmolLM2-135M)
    accuracy_level: Literal[1, 4] = 4
    # layers whose nodes' names hold one of these take 8 bits
    eight_bit_nodes: tuple[str, ...] = ()

    @property
    def grid(self) -> Grid:
        """The grid that most of the weights will lie on."""
        return Grid("uniform-symmetric" if self.symmetric else "uniform-asymmetric", self.bits, self.block)


@dataclass(frozen=True, slots=True)
class Variant:
    """One exported model: a folder that onnxruntime loads, and onnxruntime-genai, which needs all of these files.

    `model.onnx`, `model.onnx.data`, `genai_config.json`, `tokenizer.json`, `tokenizer_config.json`, and
    `chat_template.jinja` where the model has one.
    """

    name: str  # of the scheme, or "float"
    folder: Path
    scheme: Scheme | None  # None for the float variant
    bytes: int  # of all files in the folder

    @property
    def kind(self) -> Kind:
        """What most of its weights are."""
        if self.scheme is None:
            return "float"
        return "int8" if self.scheme.bits == 8 else "int4"


def refuse_same_grid(scheme: Scheme, came_from: Sequence[Grid]) -> None:
    """Check that a scheme is none of the grids that the weights came from.

    Raises:
        SchemeRefused: it is one of them.
    """
    if scheme.bits < 8 and scheme.grid in came_from:
        raise SchemeRefused(
            f"the weights came from a {scheme.bits}-bit {scheme.grid.levels} grid of block {scheme.block}; "
            "quantising onto the same grid rounds the adaptation away"
        )
