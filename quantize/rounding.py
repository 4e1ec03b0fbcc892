"""The weights that a quantised export leaves of a matrix: what an adapter is trained against that ships beside it.

Covers: the weights. Does not cover: the activations, which the processor rounds to 8 bits a block where
`Scheme.accuracy_level` is 4; that error is there in training's figures and in the export alike, and is small.
"""

from dataclasses import replace

import numpy as np

from quantize.blocks import Blocks, Floats, quantize_matrix
from quantize.errors import ModelUnsupported
from quantize.variants import Scheme


def scheme_of(name: str, scheme: Scheme) -> Scheme:
    """Return the scheme that a layer takes, by the name of its node or module: most the scheme's own, some 8 bits."""
    return eight_bits(scheme) if any(part in name for part in scheme.eight_bit_nodes) else scheme


def eight_bits(scheme: Scheme) -> Scheme:
    """Return the scheme of the head, the embedding and the layers that do not bear fewer bits."""
    return replace(scheme, bits=8, symmetric=True)


def rounded(matrix: Floats, scheme: Scheme) -> Floats:
    """Return a matrix [inputs, outputs] as `MatMulNBits` will multiply with it.

    Raises:
        ModelUnsupported: the inputs do not divide into the scheme's blocks.
    """
    if matrix.shape[0] % scheme.block:
        raise ModelUnsupported(f"rows of {matrix.shape[0]} weights do not divide into blocks of {scheme.block}")
    return spread(quantize_matrix(np.ascontiguousarray(matrix, np.float32), scheme), scheme)


def spread(blocks: Blocks, scheme: Scheme) -> Floats:
    """Return the matrix [inputs, outputs] that blocks stand for."""
    outputs = blocks.packed.shape[0]
    levels = _levels(blocks.packed.reshape(outputs, -1), scheme.bits).reshape(*blocks.scales.shape, scheme.block)
    middle: Floats = np.full(blocks.scales.shape, 2 ** (scheme.bits - 1), np.float32)
    if blocks.zero_points is not None:
        # a row of an odd number of blocks is filled up to whole bytes
        middle = _levels(blocks.zero_points.reshape(outputs, -1), scheme.bits)[:, : blocks.scales.shape[1]]
    weights: Floats = (levels - middle[..., None]) * blocks.scales[..., None]
    return np.ascontiguousarray(weights.reshape(outputs, -1).T)


def _levels(packed: "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]", bits: int) -> Floats:
    """Return the small integers of rows of bytes; of two in a byte the lower half comes first."""
    if bits == 8:
        return packed.astype(np.float32)
    return np.stack([packed & 15, packed >> 4], axis=-1).reshape(len(packed), -1).astype(np.float32)
