"""A bundle on its way to a factory: copied to a stick, flushed, and read back from it before it is called written.

Covers: a bundle that was changed before, a full or pulled stick, bits that the stick lost while it wrote: the copy is
verified from the medium, not from the memory of the kernel. Until then it has a name that nobody takes for a bundle.
Does not cover: what happens to the stick on its way; the factory verifies again with a key that came by another way.
"""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from appliance.core.errors import ResourceError, SettingsError
from appliance.core.hashing import remove_tree, sync_folder, sync_tree
from appliance.release.signing import load_public_key
from appliance.release.verifying import Verified, verify

SPARE_BYTES = 1 << 20  # for the medium's own tables
Progress = Callable[[int, int], None]  # bytes written, bytes in all


def hand_over(bundle: Path, trusted_key: Path, target: Path, progress: Progress = lambda *_: None) -> Verified:
    """Write a bundle into a folder, under its own name, and verify what lies there.

    Raises:
        IntegrityError: the bundle, or what was read back, is not what the holder of the key signed.
        ResourceError: the medium is too small, full, read-only or was pulled.
        SettingsError: the target is no folder, or another bundle of this name is there.
    """
    key = load_public_key(trusted_key)
    verified = verify(bundle, key)
    if not target.is_dir():
        raise SettingsError(f"{target}: no such folder", hint="plug the stick in and mount it")
    final = target / bundle.name
    if final.exists():
        return _same(final, verified, verify(final, key))
    try:
        _check_space(bundle, target)
        _write(bundle, draft := target / f".draft-{bundle.name}", progress)
        try:
            verify(draft, key)
            draft.rename(final)
            sync_folder(target)
        finally:
            remove_tree(draft)
    except OSError as error:
        reason = error.strerror or "a file could not be written"
        raise ResourceError(
            f"{target}: {reason}; nothing was handed over", hint="check the stick, try again"
        ) from error
    return verify(final, key)


def _same(final: Path, wanted: Verified, found: Verified) -> Verified:
    if found.digest != wanted.digest:
        raise SettingsError(
            f"{final}: another bundle of this name is there", hint="raise bundle.version, or take another folder"
        )
    return found


def _check_space(bundle: Path, target: Path) -> None:
    needed = sum(file.stat().st_size for file in bundle.rglob("*") if file.is_file()) + SPARE_BYTES
    free = shutil.disk_usage(target).free
    if needed > free:
        raise ResourceError(
            f"{target}: {needed / 1e6:.0f} MB are needed, {free / 1e6:.0f} MB are free", hint="free some space on it"
        )


def _write(bundle: Path, draft: Path, progress: Progress) -> None:
    files = [file for file in sorted(bundle.rglob("*")) if file.is_file()]
    total, done = sum(file.stat().st_size for file in files), 0
    remove_tree(draft)
    try:
        for file in files:
            place = draft / file.relative_to(bundle)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, place)
            done += file.stat().st_size
            progress(done, total)
        sync_tree(draft)
        for file in files:
            _forget(draft / file.relative_to(bundle))
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise


def _forget(file: Path) -> None:
    """Drop what the kernel still holds of a file, so that it is read from the medium (posix_fadvise(2))."""
    descriptor = os.open(file, os.O_RDONLY)
    try:
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(descriptor)
