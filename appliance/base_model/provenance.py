"""Where a received model comes from: a signature against the owner's key, or digests that the operator brought.

Covers: OpenSSF model-signing signatures (`model.sig`) of every file of a folder; a list as `sha256sum` writes it.
Does not cover: whether the maker is to be trusted; a signature by certificate or transparency log (keys only).
"""

import re
from collections.abc import Mapping
from pathlib import Path

from appliance.base_model.checks import Check, failed, passed
from appliance.core.errors import InputError, IntegrityError
from appliance.release.signing import key_id, load_public_key, open_signature
from appliance.release.statement import SIGNATURE_FILE

ORIGIN = "provenance.origin"
SIGNATURE_LIMIT = 1 << 20  # bytes
_LIST_LINE = re.compile(r"(?P<digest>[0-9a-fA-F]{64})[ \t][ *]?(?P<name>\S.*)")


def origin(
    digests: Mapping[str, str], signature: bytes | None, *, trusted_key: Path | None, listed: Mapping[str, str]
) -> Check:
    """Compare the received files with a signature, or with the operator's list.

    Args:
        digests: SHA-256 by the name of each received file, without the signature.
        signature: content of the received `model.sig`.
        trusted_key: the maker's public key (PEM), which came by another way.
        listed: SHA-256 by file name, from the operator.
    """
    if signature is not None and trusted_key is not None:
        return _signed(digests, signature, trusted_key)
    if listed:
        return _listed(digests, listed)
    if signature is not None:
        return failed(ORIGIN, f"{SIGNATURE_FILE} is there, and no key to check it with", "set trusted_key in [intake]")
    return failed(
        ORIGIN,
        "nobody vouches for these files: no signature, no list of digests",
        "set sha256 (of the weights) or sha256_list in [intake] from the maker's page",
    )


def read_list(file: Path | None) -> dict[str, str]:
    """Return the SHA-256 by name of a list as `sha256sum` writes it.

    Raises:
        InputError: the file is missing, or a line is no digest and name.
    """
    if file is None:
        return {}
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{file}: cannot be read", hint="correct sha256_list in [intake]") from error
    found: dict[str, str] = {}
    for number, line in enumerate(lines, start=1):
        if line.strip():
            match = _LIST_LINE.fullmatch(line.strip())
            if match is None:
                raise InputError(f"{file}: line {number} is not a SHA-256 and a name", hint="write it with sha256sum")
            found[match["name"].removeprefix("./")] = match["digest"].lower()
    return found


def _signed(digests: Mapping[str, str], signature: bytes, trusted_key: Path) -> Check:
    key = load_public_key(trusted_key)
    try:
        statement = open_signature(signature[:SIGNATURE_LIMIT], key)
    except IntegrityError as error:
        return failed(ORIGIN, error.message, error.hint)
    problem = _first_difference(digests, statement.digests)
    if problem:
        return failed(ORIGIN, f"signed by {key_id(key)[:16]}, but {problem}", "fetch the model again")
    return passed(ORIGIN, f"every file is signed by the key {key_id(key)[:16]}")


def _listed(digests: Mapping[str, str], listed: Mapping[str, str]) -> Check:
    problem = _first_difference(digests, listed)
    if problem:
        return failed(ORIGIN, problem, "fetch the model again, or correct the list")
    return passed(ORIGIN, f"the SHA-256 of {len(listed)} files are those that the operator brought")


def _first_difference(digests: Mapping[str, str], expected: Mapping[str, str]) -> str:
    for name in sorted(expected.keys() - digests.keys()):
        return f"{name} is missing"
    for name in sorted(digests.keys() - expected.keys()):
        return f"{name} is not in the list"
    for name in sorted(expected):
        if digests[name] != expected[name]:
            return f"{name} is another file"
    return ""
