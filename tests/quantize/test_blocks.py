import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnxruntime.quantization.matmul_nbits_quantizer import DefaultWeightOnlyQuantConfig, DefaultWeightOnlyQuantizer

from quantize.blocks import Blocks, quantize_matrix
from quantize.rounding import spread
from quantize.variants import Scheme


def restored(blocks: Blocks) -> np.ndarray:
    numbers = np.stack([blocks.packed & 15, blocks.packed >> 4], axis=-1).reshape(*blocks.packed.shape[:2], -1)
    return ((numbers.astype(np.float32) - 8) * blocks.scales[..., None]).reshape(len(numbers), -1).T


def stock(matrix: np.ndarray, block: int) -> Blocks:
    config = DefaultWeightOnlyQuantConfig(block_size=block, is_symmetric=True, bits=4)
    packed, scales, _ = DefaultWeightOnlyQuantizer(config).qbits_block_quant(matrix)
    return Blocks(packed, scales.reshape(packed.shape[:2]), None)


@pytest.mark.parametrize("block", [16, 32])
def test_searched_scales_lose_less_than_the_range_of_each_block(block: int) -> None:
    matrix = np.random.default_rng(1).standard_normal((96, 40)).astype(np.float32)
    ours, theirs = quantize_matrix(matrix, Scheme(bits=4, block=block)), stock(matrix, block)
    assert (ours.packed.shape, ours.scales.shape) == (theirs.packed.shape, theirs.scales.shape)
    loss, stock_loss = (np.square(restored(blocks) - matrix).sum() for blocks in (ours, theirs))
    assert loss < 0.97 * stock_loss


@pytest.mark.parametrize("block", [32, 64])
def test_a_searched_range_loses_less_than_the_range_of_each_block(block: int) -> None:
    scheme = Scheme(bits=4, block=block, symmetric=False)
    matrix = np.random.default_rng(1).standard_normal((192, 40)).astype(np.float32) + 0.3
    config = DefaultWeightOnlyQuantConfig(block_size=block, is_symmetric=False, bits=4)
    stock_blocks = Blocks(*DefaultWeightOnlyQuantizer(config).qbits_block_quant(matrix))
    ours = quantize_matrix(matrix, scheme)
    assert ours.zero_points is not None
    assert ours.zero_points.size == stock_blocks.zero_points.size
    theirs = Blocks(stock_blocks.packed, stock_blocks.scales.reshape(ours.scales.shape), stock_blocks.zero_points)
    loss, stock_loss = (np.square(spread(blocks, scheme) - matrix).sum() for blocks in (ours, theirs))
    assert loss < 0.97 * stock_loss


def test_points_of_the_grid_are_kept_and_zeros_stay_zeros() -> None:
    matrix = (np.arange(64, dtype=np.float32).reshape(64, 1) % 16 - 8) * 0.5
    matrix[32:] = 0
    assert np.array_equal(restored(quantize_matrix(matrix, Scheme(bits=4))), matrix)


@given(st.integers(0, 2**32), st.sampled_from([1e-6, 1.0, 1e4]))
def test_no_weight_moves_further_than_the_range_of_its_block(seed: int, size: float) -> None:
    matrix = (np.random.default_rng(seed).standard_normal((32, 3)) * size).astype(np.float32)
    moved = np.abs(restored(quantize_matrix(matrix, Scheme(bits=4))) - matrix).max(axis=0)
    assert (moved <= 0.36 * np.abs(matrix).max(axis=0)).all()  # cut to .65 of the range, less the shorter end
