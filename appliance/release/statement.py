"""The signed statement: every file of a bundle with its SHA-256, as the OpenSSF Model Signing specification 1.0 has it.

    {"_type": "https://in-toto.io/Statement/v1",
     "subject": [{"name": "work-orders", "digest": {"sha256": "<over all digests, in the order of the names>"}}],
     "predicateType": "https://model_signing/signature/v1.0",
     "predicate": {"serialization": {"method": "files", "hash_type": "sha256", "allow_symlinks": false,
                                     "ignore_paths": ["model.sig"]},
                   "resources": [{"name": "model.onnx", "algorithm": "sha256", "digest": "..."}, ...]}}

Pure code: bytes in, values out.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from appliance.core.errors import IntegrityError

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "https://model_signing/signature/v1.0"
SIGNATURE_FILE = "model.sig"
SERIALIZATION = {
    "method": "files",
    "hash_type": "sha256",
    "allow_symlinks": False,
    "ignore_paths": [SIGNATURE_FILE],
}
DIGEST = re.compile(r"[0-9a-f]{64}")
HINT = "do not use this bundle: ask its maker for a new copy"


@dataclass(frozen=True, slots=True)
class Statement:
    """What was signed: the bundle's name and the digest of each of its files."""

    name: str
    digests: Mapping[str, str]  # file -> SHA-256 in hexadecimal

    @property
    def root_digest(self) -> str:
        """The SHA-256 over all digests: it names this content, and no other."""
        return _root(self.digests)


def write_statement(statement: Statement) -> bytes:
    """Return the statement as canonical JSON."""
    resources = [
        {"name": name, "algorithm": "sha256", "digest": statement.digests[name]} for name in _ordered(statement.digests)
    ]
    content = {
        "_type": STATEMENT_TYPE,
        "subject": [{"name": statement.name, "digest": {"sha256": statement.root_digest}}],
        "predicateType": PREDICATE_TYPE,
        "predicate": {"serialization": SERIALIZATION, "resources": resources},
    }
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def read_statement(payload: bytes) -> Statement:
    """Parse a statement whose signature has been checked.

    Raises:
        IntegrityError: it is not a statement of this kind, or its names or digests contradict each other.
    """
    try:
        content = json.loads(payload)
        predicate, subject = content["predicate"], content["subject"]
        kinds = (content["_type"], content["predicateType"], predicate["serialization"]["method"])
        resources = [(item["name"], item["algorithm"], item["digest"]) for item in predicate["resources"]]
        name, root = subject[0]["name"], subject[0]["digest"]["sha256"]
    except (ValueError, KeyError, TypeError, IndexError, RecursionError):
        raise _refused("is not a statement about the files of a model") from None
    if kinds != (STATEMENT_TYPE, PREDICATE_TYPE, "files") or len(subject) != 1:
        raise _refused("is a statement of another kind")
    statement = Statement(name, _digests(resources))
    if statement.root_digest != root:
        raise _refused("holds digests that contradict each other")
    return statement


def _digests(resources: list[tuple[Any, Any, Any]]) -> dict[str, str]:
    digests: dict[str, str] = {}
    folded: set[str] = set()
    for name, algorithm, digest in resources:
        if not (
            isinstance(name, str) and isinstance(digest, str) and algorithm == "sha256" and DIGEST.fullmatch(digest)
        ):
            raise _refused("holds a digest that is no SHA-256")
        if not isinstance(name, str) or not is_plain_name(name):
            raise _refused(f"names {name!r}, which is no plain file name")
        if name.casefold() in folded:  # two names, one file, on a disk that ignores case
            raise _refused(f"names {name!r} twice")
        folded.add(name.casefold())
        digests[name] = digest
    return digests


def is_plain_name(name: str) -> bool:
    """Say whether a name is a relative POSIX path that stays inside its folder on every system."""
    path = PurePosixPath(name)
    return (
        bool(path.parts)
        and str(path) == name
        and not path.is_absolute()
        and not any(part.startswith(".") or part.endswith((" ", ".")) for part in path.parts)
        and name.isprintable()
        and not set(name) & set('\\:*?"<>|')
        and name != SIGNATURE_FILE
    )


def _ordered(digests: Mapping[str, str]) -> list[str]:
    return sorted(digests, key=lambda name: PurePosixPath(name).parts)


def _root(digests: Mapping[str, str]) -> str:
    return hashlib.sha256(b"".join(bytes.fromhex(digests[name]) for name in _ordered(digests))).hexdigest()


def _refused(reason: str) -> IntegrityError:
    return IntegrityError(f"{SIGNATURE_FILE} {reason}", hint=HINT)
