"""The vault: an encrypted file of its own that says what stands for what; it never goes into a bundle.

AES-256-GCM in blocks; the key of a file is HKDF-SHA256 of the operator's key and the file's own salt (RFC 5869), so
that no nonce meets another file's. Each block is bound to its number and to whether it is the last: blocks cannot be
cut off, exchanged or repeated unseen.
Covers: `write_vault` streams, needs one block of memory beyond its input, and renames a finished draft into place.
Does not cover: who holds the key; `Vault.reveal` keeps an index of 8 bytes a value in memory.
"""

import json
import os
import struct
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from itertools import islice
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from anonymize.errors import KeyTooShort, VaultError, WrongKey
from anonymize.replacing.originals import Original
from anonymize.replacing.spelling import comparable

MAGIC = b"anonymize-vault-1\n"
SALT_BYTES = 16
BLOCK_VALUES = 1_000
MAX_BLOCK_BYTES = 64 << 20  # a length that a damaged file claims is not believed beyond this
MIN_KEY_BYTES = 32
_TAG_BITS = 40  # of the index: a tag that two values share only costs a second block to read
_BLOCK_BITS = 24


def write_vault(file: Path, key: bytes, originals: Iterable[Original]) -> int:
    """Write what can be given back into a new file, readable by its owner alone, and return the number of values.

    Raises:
        VaultError: the file cannot be written.
        KeyTooShort: the key has fewer than 32 bytes.
    """
    salt = os.urandom(SALT_BYTES)
    cipher = _cipher(key, salt)
    reversible = (original for original in originals if original.is_reversible)
    draft = file.with_name(file.name + ".draft")
    try:
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:  # noqa: PTH123 - by descriptor
            out.write(MAGIC + salt)
            count = 0
            block, number = list(islice(reversible, BLOCK_VALUES)), 0
            while True:
                following = list(islice(reversible, BLOCK_VALUES))
                sealed = cipher.encrypt(_nonce(number), _to_bytes(block), _bound_to(number, is_last=not following))
                out.write(struct.pack(">I", len(sealed)) + sealed)
                count += len(block)
                if not following:
                    break
                block, number = following, number + 1
            out.flush()
            os.fsync(out.fileno())
        draft.replace(file)
    except OSError as error:
        raise VaultError(f"{file}: the vault cannot be written") from error
    finally:
        draft.unlink(missing_ok=True)
    return count


class Vault:
    """A vault that is open for reading."""

    def __init__(self, file: Path, key: bytes) -> None:
        """Open the file and check its first block.

        Raises:
            WrongKey: another key sealed it, or it was changed.
            VaultError: the file cannot be read or is no vault.
        """
        self._file = file
        try:
            with file.open("rb") as source:
                head = source.read(len(MAGIC) + SALT_BYTES)
        except OSError as error:
            raise VaultError(f"{file}: the vault cannot be read") from error
        if len(head) != len(MAGIC) + SALT_BYTES or not head.startswith(MAGIC):
            raise VaultError(f"{file} is no vault", "give the file that the anonymization wrote")
        self._cipher = _cipher(key, head[len(MAGIC) :])
        self._index: array[int] | None = None
        self._offsets: array[int] = array("Q")
        next(self._blocks(), None)

    def __iter__(self) -> Iterator[Original]:
        """Yield every value, block by block; raises WrongKey where the file was changed."""
        for _, block in self._blocks():
            yield from block

    def reveal(self, replacement: str) -> Original | None:
        """Return what a replacement stands for, in whatever case, width or grouping it is written; None if unknown."""
        form = comparable(replacement)
        if self._index is None:
            self._index = self._indexed()
        tag = _tag(form) << _BLOCK_BITS
        at = bisect_left(self._index, tag)
        while at < len(self._index) and self._index[at] >> _BLOCK_BITS == tag >> _BLOCK_BITS:
            block = self._index[at] & ((1 << _BLOCK_BITS) - 1)
            for original in self._block_at(block):
                if comparable(original.placeholder) == form:
                    return original
            at += 1
        return None

    def _indexed(self) -> "array[int]":
        self._offsets = array("Q")
        entries: array[int] = array("Q")
        for number, (offset, block) in enumerate(self._blocks()):
            self._offsets.append(offset)
            entries.extend(_tag(comparable(each.placeholder)) << _BLOCK_BITS | number for each in block)
        return array("Q", sorted(entries))

    def _block_at(self, number: int) -> list[Original]:
        with self._file.open("rb") as source:
            source.seek(self._offsets[number])
            (length,) = struct.unpack(">I", source.read(4))
            return self._opened(source.read(length), number, is_last=number == len(self._offsets) - 1)

    def _blocks(self) -> Iterator[tuple[int, list[Original]]]:
        size = self._file.stat().st_size
        with self._file.open("rb") as source:
            source.seek(len(MAGIC) + SALT_BYTES)
            number = 0
            while True:
                offset = source.tell()
                head = source.read(4)
                length = struct.unpack(">I", head)[0] if len(head) == 4 else 0
                if not 0 < length <= MAX_BLOCK_BYTES:
                    raise WrongKey(f"{self._file}: block {number} is cut off")
                sealed = source.read(length)
                is_last = source.tell() >= size
                yield offset, self._opened(sealed, number, is_last=is_last)
                if is_last:
                    return
                number += 1

    def _opened(self, sealed: bytes, number: int, *, is_last: bool) -> list[Original]:
        try:
            plain = self._cipher.decrypt(_nonce(number), sealed, _bound_to(number, is_last=is_last))
        except InvalidTag:
            hint = "give the key that the anonymization was run with"
            raise WrongKey(f"{self._file}: block {number} was sealed with another key, or was changed", hint) from None
        return [Original(*row) for row in json.loads(plain)]


def _cipher(key: bytes, salt: bytes) -> AESGCM:
    if len(key) < MIN_KEY_BYTES:
        raise KeyTooShort(f"the vault's key has {len(key)} bytes, {MIN_KEY_BYTES} are needed")
    return AESGCM(HKDF(SHA256(), 32, salt, b"anonymize vault").derive(key))


def _nonce(number: int) -> bytes:
    return number.to_bytes(12, "big")


def _bound_to(number: int, *, is_last: bool) -> bytes:
    return MAGIC + struct.pack(">Q?", number, is_last)


def _to_bytes(block: list[Original]) -> bytes:
    rows = [[each.placeholder, each.kind, each.value, each.technique, each.count] for each in block]
    return json.dumps(rows, ensure_ascii=True).encode("ascii")  # a lone surrogate code point survives as an escape


def _tag(form: str) -> int:
    digest = blake2b(form.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> (64 - _TAG_BITS)
