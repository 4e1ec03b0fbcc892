import numpy as np
import pytest

from quantize.parity import parity

GENERATOR = np.random.default_rng(5)
LOGITS = [GENERATOR.standard_normal((4, 11)).astype(np.float32), GENERATOR.standard_normal((2, 11)).astype(np.float32)]


def test_a_model_is_at_parity_with_itself() -> None:
    found = parity(LOGITS, LOGITS)
    assert (found.positions, found.same_top_token, found.max_difference) == (6, 1.0, 0.0)
    assert found.mean_divergence == pytest.approx(0, abs=1e-12)


def test_a_constant_shift_of_logits_changes_no_probability() -> None:
    found = parity(LOGITS, [logits + 3 for logits in LOGITS])
    assert found.max_difference == pytest.approx(3)
    assert found.mean_divergence == pytest.approx(0, abs=1e-6)


def test_the_divergence_is_that_of_the_textbook() -> None:
    reference, variant = np.log(np.array([[0.5, 0.5]], np.float32)), np.log(np.array([[0.9, 0.1]], np.float32))
    expected = 0.5 * np.log(0.5 / 0.9) + 0.5 * np.log(0.5 / 0.1)
    assert parity([reference], [variant]).mean_divergence == pytest.approx(expected, rel=1e-6)


def test_logits_of_other_sequences_are_refused() -> None:
    with pytest.raises(ValueError, match="same sequences"):
        parity(LOGITS, LOGITS[:1])
    with pytest.raises(ValueError, match="same sequences"):
        parity([], [])
