"""Whether a folder is exactly the bundle that the holder of a key signed.

Covers, in this order of trust: the signature with a key that came by another way; the statement's schema; names (each
regular, none missing, none added, dotfiles and links included); digests; only then is `manifest.json` parsed and its
sizes and digests compared.
Does not cover: an old bundle that is offered again; somebody who can write to the folder while it is read (an
installation therefore checks its own copy).
"""

import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from cryptography.hazmat.primitives.asymmetric import ec

from appliance.core.errors import IntegrityError, SettingsError
from appliance.core.hashing import file_digest
from appliance.release.manifest import MANIFEST_FILE, BundleManifest, parse_manifest
from appliance.release.signing import key_id, open_signature
from appliance.release.statement import HINT, SIGNATURE_FILE, Statement

SIGNATURE_LIMIT = 1 << 20  # bytes; 4,000 files need as much
MANIFEST_LIMIT = 1 << 20  # bytes


@dataclass(frozen=True, slots=True)
class Verified:
    """A bundle that was checked whole."""

    folder: Path
    manifest: BundleManifest
    digest: str  # over all files; what an approval or a journal refers to
    key_id: str


def verify(folder: Path, trusted_key: ec.EllipticCurvePublicKey) -> Verified:
    """Check every file of a bundle.

    Raises:
        IntegrityError: something does not match; the message names the file.
        SettingsError: there is no such folder.
    """
    if not folder.is_dir():
        raise SettingsError(f"{folder}: no such folder", hint="give the folder of a bundle")
    found = dict(_regular_files(folder))
    statement = open_signature(_signature(folder, found), trusted_key)
    check_names(statement, found)
    for name, digest in statement.digests.items():
        if file_digest(folder / name) != digest:
            raise _refused(name, "was changed since it was signed")
    manifest = _manifest(folder, found)
    check_manifest(manifest, statement, found)
    return Verified(folder, manifest, statement.root_digest, key_id(trusted_key))


def check_names(statement: Statement, found: Mapping[str, int]) -> None:
    """Compare the signed names with those that are there.

    Raises:
        IntegrityError: a file is missing, or one was added.
    """
    expected = {*statement.digests, SIGNATURE_FILE}
    for name in sorted(expected - found.keys()):
        raise _refused(name, "is missing")
    for name in sorted(found.keys() - expected):
        raise _refused(name, "was not signed")
    if MANIFEST_FILE not in statement.digests:
        raise _refused(MANIFEST_FILE, "was not signed")


def check_manifest(manifest: BundleManifest, statement: Statement, sizes: Mapping[str, int]) -> None:
    """Compare what the manifest says of its files with what was signed and found.

    Raises:
        IntegrityError: they contradict each other.
    """
    said = {name: (facts.sha256, facts.bytes) for name, facts in manifest.files.items()}
    signed = {name: (digest, sizes.get(name)) for name, digest in statement.digests.items() if name != MANIFEST_FILE}
    for name in sorted(said.keys() | signed.keys()):
        if said.get(name) != signed.get(name):
            raise _refused(name, f"is not as {MANIFEST_FILE} describes it")
    if manifest.name != statement.name:
        raise _refused(MANIFEST_FILE, f"names another bundle than {SIGNATURE_FILE}")


def _regular_files(folder: Path) -> Iterator[tuple[str, int]]:
    """Yield names and sizes; a link, a device, an empty folder is no part of a bundle."""
    entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    if not entries:
        raise _refused(folder.name, "is empty")
    for entry in entries:
        status = entry.stat(follow_symlinks=False)
        if stat.S_ISDIR(status.st_mode):
            for name, size in _regular_files(folder / entry.name):
                yield str(PurePosixPath(entry.name, name)), size
        elif stat.S_ISREG(status.st_mode):
            yield entry.name, status.st_size
        else:
            raise _refused(entry.name, "is a link or a device, not a file")


def _signature(folder: Path, found: Mapping[str, int]) -> bytes:
    if SIGNATURE_FILE not in found:
        raise _refused(SIGNATURE_FILE, "is missing")
    if found[SIGNATURE_FILE] > SIGNATURE_LIMIT:
        raise _refused(SIGNATURE_FILE, "is too large for a signature")
    return (folder / SIGNATURE_FILE).read_bytes()


def _manifest(folder: Path, found: Mapping[str, int]) -> BundleManifest:
    if found[MANIFEST_FILE] > MANIFEST_LIMIT:
        raise _refused(MANIFEST_FILE, "is too large for a manifest")
    return parse_manifest((folder / MANIFEST_FILE).read_bytes())


def _refused(name: str, reason: str) -> IntegrityError:
    return IntegrityError(f"{name} {reason}", hint=HINT)
