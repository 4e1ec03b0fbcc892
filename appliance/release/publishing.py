"""A finished bundle takes its place beside the workspace, ready to be copied to a factory; and the workspace's key."""

import hashlib
import shutil
from pathlib import Path

from appliance.core.errors import IntegrityError, SettingsError
from appliance.core.hashing import file_digest, folder_digests, remove_tree, sync_folder, sync_tree, write_whole
from appliance.release.manifest import MANIFEST_FILE, parse_manifest
from appliance.release.signing import (
    PRIVATE_KEY_FILE,
    PUBLIC_KEY_FILE,
    generate_key,
    load_private_key,
    public_pem,
    sign,
)
from appliance.release.statement import SIGNATURE_FILE, Statement

DIGEST_DIGITS = 8  # of an intake, in the name of its report's folder
REPORT = "intake_report.json"  # what an intake found; signed on its own, and part of every bundle


def own_keys(folder: Path) -> tuple[Path, Path]:
    """Return the private and the public key file of a workspace.

    A pair is made where there is no private key yet. The public file follows from the private one: where a power cut
    came between the two, it is written again.

    Raises:
        SettingsError: the private file is not a key.
    """
    private, public = folder / PRIVATE_KEY_FILE, folder / PUBLIC_KEY_FILE
    if not private.exists():
        generate_key(folder)
    pem = public_pem(load_private_key(private).public_key()).encode()
    if not public.exists() or public.read_bytes() != pem:
        write_whole(public, pem)
    return private, public


def publish(source: Path, target: Path) -> None:
    """Put a copy of a bundle in a place that people find; a copy that is the same already is left alone.

    Raises:
        SettingsError: another bundle has this name and version; what was given to a factory is never replaced.
    """
    if target.exists():
        _check_same(source, target)
        return
    draft = target.with_name(f".draft-{target.name}")
    target.parent.mkdir(parents=True, exist_ok=True)
    remove_tree(draft)
    shutil.copytree(source, draft)
    sync_tree(draft)
    draft.rename(target)
    sync_folder(target.parent)


def published_digest(folder: Path) -> str:
    """Return the digest of a published bundle as its manifest tells it, "" where there is none; no file is hashed."""
    try:
        manifest = parse_manifest((folder / MANIFEST_FILE).read_bytes())
    except (OSError, IntegrityError):
        return ""
    digests = {name: facts.sha256 for name, facts in manifest.files.items()}
    return Statement(manifest.name, digests | {MANIFEST_FILE: file_digest(folder / MANIFEST_FILE)}).root_digest


def name_taken(target: Path) -> SettingsError:
    """Return the error that tells of another bundle in the place of one."""
    return SettingsError(
        f"{target}: a bundle of this name and version with another content is there already",
        hint="raise bundle.version, or remove the folder if nobody has it",
    )


def publish_pages(report: Path, folder: Path) -> None:
    """Put a copy of what people read of a run's report where they find it, in place of an earlier one."""
    folder.mkdir(exist_ok=True)
    for file in sorted((*report.glob("*.html"), *report.glob("*.md"))):
        write_whole(folder / file.name, file.read_bytes())


def publish_report(report: Path, folder: Path, signing_key: Path) -> None:
    """Put a copy of an intake's report and its signature where people find it; the same report is left alone."""
    if (folder / SIGNATURE_FILE).exists():
        return
    content = report.read_bytes()
    statement = Statement(folder.name, {REPORT: hashlib.sha256(content).hexdigest()})
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / REPORT, content)
    write_whole(folder / SIGNATURE_FILE, sign(statement, load_private_key(signing_key)))


def _check_same(source: Path, target: Path) -> None:
    if folder_digests(target) != folder_digests(source):
        raise name_taken(target)
