"""Making a bundle: files are copied, described in `manifest.json` and signed."""

import shutil
from collections.abc import Mapping
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec

from appliance.core.errors import SettingsError
from appliance.core.hashing import file_digest
from appliance.release.manifest import MANIFEST_FILE, BundleFacts, BundleManifest, FileFacts
from appliance.release.signing import sign
from appliance.release.statement import SIGNATURE_FILE, Statement, is_plain_name
from appliance.release.verifying import Verified, verify


def build(
    draft: Path, parts: Mapping[str, Path], facts: BundleFacts, private_key: ec.EllipticCurvePrivateKey
) -> Verified:
    """Fill an empty folder with a signed bundle and check it as a factory would; equal inputs give equal bytes.

    Raises:
        SettingsError: a name cannot be carried to every system, or is taken.
        IntegrityError: a file changed while it was copied.
    """
    _check_names(parts)
    for name, source in parts.items():
        target = draft / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    files = {name: FileFacts(bytes=(draft / name).stat().st_size, sha256=file_digest(draft / name)) for name in parts}
    manifest = BundleManifest(**dict(facts), files=files)
    (draft / MANIFEST_FILE).write_bytes(manifest.canonical())
    digests = {name: described.sha256 for name, described in files.items()}
    digests[MANIFEST_FILE] = file_digest(draft / MANIFEST_FILE)
    (draft / SIGNATURE_FILE).write_bytes(sign(Statement(facts.name, digests), private_key))
    return verify(draft, private_key.public_key())


def _check_names(parts: Mapping[str, Path]) -> None:
    folded = {MANIFEST_FILE}
    for name in parts:
        if not is_plain_name(name) or name.casefold() in folded:
            raise SettingsError(f"{name!r} cannot be the name of a file in a bundle", hint="choose another name")
        folded.add(name.casefold())
