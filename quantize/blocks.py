"""Block quantisation: a matrix becomes small integers and one scale a block, as `MatMulNBits` reads them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from onnxruntime.quantization.matmul_nbits_quantizer import DefaultWeightOnlyQuantConfig, DefaultWeightOnlyQuantizer

from quantize.variants import Scheme

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Blocks:
    """A quantised matrix [inputs, outputs]; blocks run along the inputs, so that one output's weights lie together."""

    packed: Bytes  # [outputs, blocks, block * bits / 8]
    scales: Floats  # [outputs, blocks]
    zero_points: Bytes | None  # [outputs, blocks * bits / 8]; None: the middle of the range


def quantize_matrix(matrix: Floats, scheme: Scheme) -> Blocks:
    """Round a matrix [inputs, outputs] to the nearest points of the scheme's grid."""
    config = DefaultWeightOnlyQuantConfig(block_size=scheme.block, is_symmetric=scheme.symmetric, bits=scheme.bits)
    packed, scales, zero_points = DefaultWeightOnlyQuantizer(config).qbits_block_quant(matrix)
    return Blocks(packed, scales, None if scheme.symmetric else zero_points)
