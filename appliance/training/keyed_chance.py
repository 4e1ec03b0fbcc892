"""Random numbers that nobody can foretell without a key, and that the key gives again: a resumed run repeats them.

Differential privacy rests on draws that the reader of a model cannot know: from a published seed the noise could be
subtracted again, and so could the choice of the examples. The numbers are AES-256 in counter mode, under a key that
HMAC-SHA256 derives from the workspace's secret key, the fingerprint of the training, what is drawn and the step.

Covers: someone who has the model, the code, the settings and the public seed.
Does not cover: someone who has the key of the workspace; the rounding of floats, in which a single noisy number can
betray a little of what it hides (Mironov 2012): what leaves is a model after many steps, no such number.
"""

import hmac
import math

import numpy
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from numpy.typing import NDArray

MANTISSA = 53  # bits of a float64
Floats = NDArray[numpy.float64]


class KeyedChance:
    """A stream of random numbers for one purpose."""

    def __init__(self, key: bytes, purpose: str) -> None:
        own = hmac.digest(key, f"chance:{purpose}".encode(), "sha256")
        self._stream = Cipher(algorithms.AES(own), modes.CTR(bytes(16))).encryptor()  # the key is used for this alone

    def uniform(self, count: int) -> Floats:
        """Return numbers from 0 to below 1, multiples of 2^-53."""
        bits = numpy.frombuffer(self._stream.update(bytes(8 * count)), dtype="<u8")
        return (bits >> numpy.uint64(64 - MANTISSA)).astype(numpy.float64) * 2.0**-MANTISSA

    def normal(self, count: int) -> Floats:
        """Return standard normal numbers (Box and Muller 1958); none is beyond 8.6, where 1e-17 of them are."""
        half = (count + 1) // 2
        radius = numpy.sqrt(-2.0 * numpy.log1p(-self.uniform(half)))
        angle = (2.0 * math.pi) * self.uniform(half)
        return numpy.concatenate([radius * numpy.cos(angle), radius * numpy.sin(angle)])[:count]
