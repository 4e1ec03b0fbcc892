"""The operator's secret key, and what is drawn from it.

Covers: equal key and value give equal draws in every run, process and machine; without the key nothing can be undone
or confirmed by guessing, for every draw begins with HMAC-SHA256 (RFC 2104).
Does not cover: where the key is kept.
"""

import hashlib
import hmac

from anonymize.errors import KeyTooShort

MIN_KEY_BYTES = 32  # as many as SHA-256 gives: NIST SP 800-107, 5.3.4
_POOL_BITS = 256
_SPARE_BITS = 64  # a draw below n from a pool of n * 2**64 values is even to 2**-64


class Key:
    """A secret of at least 32 bytes; it shows itself to nobody."""

    def __init__(self, secret: bytes) -> None:
        """Raises KeyTooShort."""
        if len(secret) < MIN_KEY_BYTES:
            raise KeyTooShort(f"the key has {len(secret)} bytes, {MIN_KEY_BYTES} are needed", "draw one at random")
        self._secret = bytes(secret)

    def __repr__(self) -> str:
        """Return the public fingerprint, never the secret."""
        return f"Key({self.id})"

    @property
    def id(self) -> str:
        """A public fingerprint of the key, 16 hexadecimal digits; the key does not follow from it."""
        return self.digest("key id").hex()[:16]

    def digest(self, *parts: str) -> bytes:
        """Return the HMAC of the parts, joined by NUL; a kind is in capitals, another purpose is not."""
        return self.of_bytes("\0".join(parts).encode("utf-8", "surrogatepass"))

    def of_bytes(self, message: bytes) -> bytes:
        """Return the HMAC of a message."""
        return hmac.digest(self._secret, message, "sha256")


class Draw:
    """Even draws from one secret seed, as many as are asked for."""

    def __init__(self, seed: bytes) -> None:
        self._seed = seed
        self._blocks = 0
        self._pool = int.from_bytes(seed, "big")
        self._left = 1 << _POOL_BITS

    def below(self, limit: int) -> int:
        """Return a number of 0 to limit - 1; limit is at most 2**192."""
        if self._left < limit << _SPARE_BITS:
            self._blocks += 1
            block = hashlib.sha256(self._seed + self._blocks.to_bytes(4, "big")).digest()
            self._pool, self._left = int.from_bytes(block, "big"), 1 << _POOL_BITS
        self._pool, drawn = divmod(self._pool, limit)
        self._left //= limit
        return drawn

    def of(self, choices: "tuple[str, ...] | str") -> str:
        """Return one of the choices."""
        return choices[self.below(len(choices))]

    def digits(self, count: int) -> str:
        """Return so many decimal digits."""
        return "".join(str(self.below(10)) for _ in range(count))
