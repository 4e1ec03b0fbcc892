"""A finished bundle takes its place beside the workspace, ready to be copied to a factory; and the workspace's key."""

import shutil
from pathlib import Path

from appliance.core.hashing import folder_digests, remove_tree, sync_folder, sync_tree
from appliance.release.signing import PRIVATE_KEY_FILE, PUBLIC_KEY_FILE, generate_key


def own_keys(folder: Path) -> tuple[Path, Path]:
    """Return the private and the public key file of a workspace; make them where there are none yet."""
    if not (folder / PRIVATE_KEY_FILE).exists():
        generate_key(folder)
    return folder / PRIVATE_KEY_FILE, folder / PUBLIC_KEY_FILE


def publish(source: Path, target: Path) -> None:
    """Put a copy of a bundle in a place that people find; a copy that is the same already is left alone."""
    if target.exists() and folder_digests(target) == folder_digests(source):
        return
    draft = target.with_name(f".draft-{target.name}")
    target.parent.mkdir(parents=True, exist_ok=True)
    remove_tree(draft)
    shutil.copytree(source, draft)
    sync_tree(draft)
    remove_tree(target)
    draft.rename(target)
    sync_folder(target.parent)
