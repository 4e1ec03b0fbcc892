"""The schemes that are worth a trial, by name; which one ships is measured on the adapted model.

SmolLM2-135M, NF4 de-quantised, 1,275 tokens of general text: divergence from float in nats a token, and MB.

    int8        0.006   157      int4        0.12   126      4 bits throughout, block 32   0.78   104
    int8-64     0.009   149      int4-16     0.21   121      up and gate alone at 4, block 16   0.06   148
"""

from collections.abc import Mapping
from typing import Literal

from quantize.variants import Scheme

SchemeName = Literal["int8", "int8-64", "int4", "int4-16"]
SCHEMES: Mapping[SchemeName, Scheme] = {
    "int8": Scheme(bits=8),
    "int8-64": Scheme(bits=8, block=64),
    "int4": Scheme(bits=4, eight_bit_nodes=("qkv_proj", "q_proj", "k_proj", "v_proj", "down_proj")),
    "int4-16": Scheme(bits=4, block=16),
}
