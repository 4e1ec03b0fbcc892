"""The schemes that are worth a trial, by name; which one ships is measured on the adapted model.

SmolLM2-135M after a training on work orders, 1,937 tokens of general text, merged: MB with the tokenizer, divergence
from float in nats a token, perplexity over float's.

    int8-64   149   0.012   1.01      int4      126   0.168   1.06
                                      int4-64   118   0.166   1.06      its down or qkv at 4 bits, too: 0.34 and more
"""

from collections.abc import Mapping
from typing import Literal

from quantize.variants import Scheme

SchemeName = Literal["int8", "int8-64", "int4", "int4-64"]
_EIGHT_BITS = ("qkv_proj", "q_proj", "k_proj", "v_proj", "down_proj")
SCHEMES: Mapping[SchemeName, Scheme] = {
    "int8": Scheme(bits=8),
    "int8-64": Scheme(bits=8, block=64),
    "int4": Scheme(bits=4, eight_bit_nodes=_EIGHT_BITS),
    "int4-64": Scheme(bits=4, block=64, symmetric=False, eight_bit_nodes=_EIGHT_BITS),
}
