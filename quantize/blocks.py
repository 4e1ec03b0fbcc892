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

    Four bits: each block takes the scale with the smallest squared error. Eight: the block's range, by onnxruntime's
    own quantiser.
    """
    if scheme.bits == 4:
        return _searched(matrix, scheme)
    config = DefaultWeightOnlyQuantConfig(block_size=scheme.block, is_symmetric=scheme.symmetric, bits=scheme.bits)
    packed, scales, zero_points = DefaultWeightOnlyQuantizer(config).qbits_block_quant(matrix)
    return Blocks(packed, scales, None if scheme.symmetric else zero_points)


def _searched(matrix: Floats, scheme: Scheme) -> Blocks:
    inputs, outputs = matrix.shape
    blocks = matrix.T.reshape(outputs, inputs // scheme.block, scheme.block)
    best = np.full(blocks.shape[:2], np.inf, np.float32)
    scales, middles = np.zeros_like(best), np.full_like(best, 8)
    for part in SHARES:
        scale, middle = (_symmetric if scheme.symmetric else _asymmetric)(blocks, np.float32(part))
        error = np.square((_numbers(blocks, scale, middle) - middle[..., None]) * scale[..., None] - blocks).sum(
            axis=-1
        )
        scales, middles = np.where(error < best, scale, scales), np.where(error < best, middle, middles)
        best = np.minimum(best, error)
    packed = _packed(_numbers(blocks, scales, middles))
    return Blocks(packed, scales, None if scheme.symmetric else _packed(_even(middles)))


def _symmetric(blocks: Floats, part: np.float32) -> tuple[Floats, Floats]:
    """Return scales and middles [outputs, blocks]: the furthest weight falls on -8, the end that reaches further."""
    furthest = np.take_along_axis(blocks, np.abs(blocks).argmax(axis=-1, keepdims=True), axis=-1)[..., 0]
    scale: Floats = furthest * (part / np.float32(-8))
    return scale, np.full_like(scale, 8)


def _asymmetric(blocks: Floats, part: np.float32) -> tuple[Floats, Floats]:
    """Return scales and middles [outputs, blocks]: the range from the least to the greatest weight, and zero in it."""
    least, greatest = np.minimum(blocks.min(axis=-1), 0) * part, np.maximum(blocks.max(axis=-1), 0) * part
    scale: Floats = (greatest - least) / np.float32(15)
    middle: Floats = np.clip(np.rint(np.divide(-least, scale, out=np.full_like(scale, 8), where=scale != 0)), 0, 15)
    return scale, middle


def _numbers(blocks: Floats, scales: Floats, middles: Floats) -> Floats:
    """Return the weights' numbers on their grid, 0 to 15."""
    inverse = np.divide(1, scales, out=np.zeros_like(scales), where=scales != 0)
    numbers: Floats = np.clip(np.rint(blocks * inverse[..., None]) + middles[..., None], 0, 15)
    return numbers


def _packed(numbers: Floats) -> Bytes:
    """Put two numbers of the last axis into a byte, the first in its lower half."""
    whole = numbers.astype(np.uint8)
    packed: Bytes = np.bitwise_or(whole[..., 0::2], np.left_shift(whole[..., 1::2], 4), dtype=np.uint8)
    return packed


def _even(middles: Floats) -> Floats:
    """Fill rows of an odd number of blocks up to whole bytes."""
    return np.pad(middles, ((0, 0), (0, middles.shape[1] % 2)))
