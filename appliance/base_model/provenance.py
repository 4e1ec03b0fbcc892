"""Where a received model comes from: a signature against the owner's key, or digests that the operator brought.

Covers: OpenSSF model-signing signatures (`model.sig`) of every file of a folder; a list as `sha256sum` writes it; which
models it says it was made from.
Does not cover: whether the maker is to be trusted, and whether what is said of earlier models is true.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from appliance.base_model.checks import Check, failed, passed, told
from appliance.base_model.makers_signature import Trust, open_makers_signature
from appliance.core.errors import InputError, IntegrityError
from appliance.release.statement import SIGNATURE_FILE

ORIGIN = "provenance.origin"
LONGEST_ANCESTRY = 8  # models
_LIST_LINE = re.compile(r"(?P<digest>[0-9a-fA-F]{64})[ \t][ *]?(?P<name>\S.*)")


def origin(digests: Mapping[str, str], signature: bytes | None, *, trust: Trust, listed: Mapping[str, str]) -> Check:
    """Compare the received files with a signature, or with the operator's list.

    Args:
        digests: SHA-256 by the name of each received file, without the signature.
        signature: content of the received `model.sig`.
        trust: the maker's key, or certificates, which came by another way.
        listed: SHA-256 by file name, from the operator.
    """
    if signature is not None and (trust.key or trust.certificates):
        return _signed(digests, signature, trust)
    if listed:
        return _listed(digests, listed)
    if signature is not None:
        return failed(
            ORIGIN,
            f"{SIGNATURE_FILE} is there, and nothing to check it with",
            "set trusted_key or trusted_certificates in [intake]",
        )
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


def ancestry(card: Mapping[str, str], metadata: Mapping[str, Any]) -> Check:
    """Tell the models that this one was made from, as its card and its metadata name them; their files are not here."""
    count = metadata.get("general.base_model.count", 0)
    numbers = range(min(count, LONGEST_ANCESTRY) if isinstance(count, int) else 0)
    keys = [
        [f"general.base_model.{number}.{part}" for part in ("organization", "name", "repo_url")] for number in numbers
    ]
    named = [" ".join(str(metadata[key]) for key in each if metadata.get(key)) for each in keys]
    said = [name for name in (card.get("base_model", ""), *named) if name]
    known = "; ".join(dict.fromkeys(said))
    return told("provenance.base_model", f"made from {known}" if known else "nothing is said of what it was made from")


def _signed(digests: Mapping[str, str], signature: bytes, trust: Trust) -> Check:
    try:
        signed = open_makers_signature(signature, trust)
    except IntegrityError as error:
        return failed(ORIGIN, error.message, error.hint)
    problem = _first_difference(digests, signed.statement.digests)
    if problem:
        return failed(ORIGIN, f"signed by {signed.signer}, but {problem}", "fetch the model again")
    return passed(ORIGIN, f"every file is signed by {signed.signer}")


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
