"""Encryption at rest of everything raw: lines of JSON in AES-256-SIV frames (RFC 5297).

Covers: a stolen disk or backup of the vault without its key; a frame that was moved, cut off or changed (each frame
is bound to its file's name, its number, and whether it is the last).
Does not cover: somebody who holds the key, or the memory of a running worker.

SIV is deterministic: the same text under the same key gives the same bytes, so that sealed digests stay reproducible.
"""

import hmac
import json
import os
import struct
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from appliance.core.errors import CustodyError, IntegrityError
from appliance.core.hashing import write_whole

KEY_BYTES = 64  # AES-256-SIV takes two 256-bit halves
FRAME_LINES = 512
LENGTH = struct.Struct(">I")


class Cipher:
    """Writes and reads encrypted JSON lines with one key."""

    def __init__(self, key: bytes) -> None:
        self._siv = AESSIV(key)

    def write_lines(self, file: Path, values: Iterable[Any]) -> int:
        """Encrypt values, one JSON line each; return how many there were."""
        count = 0
        lines = (json.dumps(value, ensure_ascii=False) for value in values)
        with file.open("wb") as stream:
            frame = list(islice(lines, FRAME_LINES))
            number = 0
            while True:
                following = list(islice(lines, FRAME_LINES))
                sealed = self._siv.encrypt("\n".join(frame).encode(), _bound(file.name, number, last=not following))
                stream.write(LENGTH.pack(len(sealed)) + sealed)
                count += len(frame)
                if not following:
                    return count
                frame, number = following, number + 1

    def read_lines(self, file: Path) -> Iterator[Any]:
        """Yield the values of a file that `write_lines` wrote.

        Raises:
            IntegrityError: the file was changed, cut off, or written with another key.
        """
        with file.open("rb") as stream:
            number = 0
            sealed = _frame(stream, file)
            while sealed is not None:
                following = _frame(stream, file)
                yield from self._open(sealed, file, number, last=following is None)
                sealed, number = following, number + 1

    def lines_at(self, file: Path) -> "SealedLines":
        """Return the values of a file for reading any of them; only the heads of its frames are read now.

        Raises:
            IntegrityError: the file was cut off.
        """
        return SealedLines(self, file)

    def frame(self, sealed: bytes, file: Path, number: int, *, is_last: bool) -> list[Any]:
        """Return the values of one frame.

        Raises:
            IntegrityError: it was changed or moved, or the key is another.
        """
        return list(self._open(sealed, file, number, last=is_last))

    def _open(self, sealed: bytes, file: Path, number: int, *, last: bool) -> Iterator[Any]:
        try:
            text = self._siv.decrypt(sealed, _bound(file.name, number, last=last)).decode()
        except InvalidTag:
            raise IntegrityError(
                f"{file}: frame {number} does not open", hint="the file was changed, or the vault has another key"
            ) from None
        return (json.loads(line) for line in text.split("\n") if line)


class SealedLines:
    """Any line of an encrypted file by its number: a person looks at one record, not at a million."""

    KEPT_FRAMES = 16  # some 8,000 records

    def __init__(self, cipher: Cipher, file: Path) -> None:
        self._cipher, self._file = cipher, file
        self._places: list[tuple[int, int]] = []  # of each frame: where its bytes begin, how many there are
        size = file.stat().st_size
        with file.open("rb") as stream:
            while head := stream.read(LENGTH.size):
                length = LENGTH.unpack(head)[0] if len(head) == LENGTH.size else -1
                if length <= 0 or stream.tell() + length > size:
                    raise IntegrityError(f"{file}: the last frame is cut off", hint="restore it, or run the step again")
                self._places.append((stream.tell(), length))
                stream.seek(length, os.SEEK_CUR)
        self._kept: dict[int, list[Any]] = {}

    def __getitem__(self, number: int) -> Any:
        """Return one value."""
        frame = number // FRAME_LINES
        if frame not in self._kept:
            if len(self._kept) >= self.KEPT_FRAMES:
                self._kept.pop(next(iter(self._kept)))
            self._kept[frame] = self._read(frame)
        return self._kept[frame][number % FRAME_LINES]

    def _read(self, number: int) -> list[Any]:
        begin, length = self._places[number]
        with self._file.open("rb") as stream:
            stream.seek(begin)
            sealed = stream.read(length)
        return self._cipher.frame(sealed, self._file, number, is_last=number == len(self._places) - 1)


def _bound(name: str, number: int, *, last: bool) -> list[bytes]:
    return [name.encode(), str(number).encode(), b"last" if last else b"more"]


def _frame(stream: BinaryIO, file: Path) -> bytes | None:
    head = stream.read(LENGTH.size)
    if not head:
        return None
    length = LENGTH.unpack(head)[0] if len(head) == LENGTH.size else -1
    sealed = stream.read(length) if length > 0 else b""
    if length <= 0 or len(sealed) != length:
        raise IntegrityError(f"{file}: the last frame is cut off", hint="restore the file, or run the step again")
    return sealed


def load_key(file: Path) -> bytes:
    """Return a key of the workspace; make one with the system's random source where there is none yet.

    Raises:
        CustodyError: the key can be read by others, or is not a key.
    """
    if not file.exists():
        write_whole(file, os.urandom(KEY_BYTES), mode=0o600)
    return read_key(file)


def read_key(file: Path) -> bytes:
    """Return a key that is there.

    Raises:
        CustodyError: there is none, it can be read by others, or it is not a key.
    """
    if not file.is_file():
        raise CustodyError(f"{file}: no key is there", hint="restore the key from its backup")
    if file.stat().st_mode & 0o077:
        raise CustodyError(f"{file}: other users can read the key", hint=f"chmod 600 {file}")
    key = file.read_bytes()
    if len(key) != KEY_BYTES:
        raise CustodyError(f"{file}: not a key of {KEY_BYTES} bytes", hint="restore the key from its backup")
    return key


def fingerprint(file: Path) -> str:
    """Return 16 digits that name a key and do not betray it."""
    return hmac.digest(read_key(file), b"fingerprint", "sha256").hex()[:16]
