"""Block quantisation: a matrix becomes small integers and one scale a block, as `MatMulNBits` reads them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from onnxruntime.quantization.matmul_nbits_quantizer import DefaultWeightOnlyQuantConfig, DefaultWeightOnlyQuantizer

from quantize.variants import Scheme

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]
# of a block's range: the ends of a range are rare weights, and a finer step for the others is worth cutting them off
SHARES = (1.0, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.65)


@dataclass(frozen=True, slots=True)
class Blocks:
    """A quantised matrix [inputs, outputs]; blocks run along the inputs, so that one output's weights lie together."""

    packed: Bytes  # [outputs, blocks, block * bits / 8]
    scales: Floats  # [outputs, blocks]
    zero_points: Bytes | None  # [outputs, blocks * bits / 8]; None: the middle of the range


def quantize_matrix(matrix: Floats, scheme: Scheme) -> Blocks:
    """Round a matrix [inputs, outputs] to the nearest points of the scheme's grid.

    Four symmetric bits: each block takes the scale with the smallest squared error. Others: the block's range, by
    onnxruntime's own quantiser.
    """
    if scheme.bits == 4 and scheme.symmetric:
        return _searched(matrix, scheme.block)
    config = DefaultWeightOnlyQuantConfig(block_size=scheme.block, is_symmetric=scheme.symmetric, bits=scheme.bits)
    packed, scales, zero_points = DefaultWeightOnlyQuantizer(config).qbits_block_quant(matrix)
    return Blocks(packed, scales, None if scheme.symmetric else zero_points)


def _searched(matrix: Floats, block: int) -> Blocks:
    inputs, outputs = matrix.shape
    blocks = matrix.T.reshape(outputs, inputs // block, block)
    furthest = np.take_along_axis(blocks, np.abs(blocks).argmax(axis=-1, keepdims=True), axis=-1)[..., 0]
    best = np.full(furthest.shape, np.inf, np.float32)
    scales = np.zeros_like(furthest)
    for part in SHARES:
        scale = furthest * np.float32(part / -8)  # the furthest weight falls on -8, the end that reaches further
        error = np.square(_rounded(blocks, scale) * scale[..., None] - blocks).sum(axis=-1)
        scales = np.where(error < best, scale, scales)
        best = np.minimum(best, error)
    numbers = (_rounded(blocks, scales) + 8).astype(np.uint8)
    packed: Bytes = np.bitwise_or(numbers[..., 0::2], np.left_shift(numbers[..., 1::2], 4), dtype=np.uint8)
    return Blocks(packed, scales, None)


def _rounded(blocks: Floats, scales: Floats) -> Floats:
    inverse = np.divide(1, scales, out=np.zeros_like(scales), where=scales != 0)
    rounded: Floats = np.clip(np.rint(blocks * inverse[..., None]), -8, 7)
    return rounded
