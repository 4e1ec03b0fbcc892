"""Taking a bundle into service: check, copy, check the copy, and switch in one step.

    home/
      versions/<name>-<version>-<digest>/   the bundle in service and the one before it
      current                               which one is in service, and the key that it was checked with

Covers: a power cut or a full disk at any moment leaves the old version in service; a stick that changes between check
and copy; bit rot, by hashing every file again before each load.
"""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec

from appliance.core.errors import IntegrityError, ResourceError, SettingsError
from appliance.core.hashing import remove_tree, sync_folder, sync_tree, write_whole
from appliance.core.locking import locked
from appliance.release.demanding import Demand, check_demand
from appliance.release.signing import load_public_key, public_pem, read_public_pem
from appliance.release.statement import is_plain_name
from appliance.release.verifying import Verified, verify

HOME_VARIABLE = "APPLIANCE_HOME"
POINTER_FILE = "current"
DIGEST_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Entry:
    """One installed version: its folder's name and the trusted key, as PEM."""

    folder: str
    trusted_key: str


@dataclass(frozen=True, slots=True)
class Pointer:
    """The content of `current`."""

    current: Entry
    previous: Entry | None  # None before the first update


@dataclass(frozen=True, slots=True)
class Installed:
    """The version in service, checked whole a moment ago."""

    verified: Verified
    previous: str | None  # the folder of the version to roll back to; None where there is none

    @property
    def folder(self) -> Path:
        """Where its files are."""
        return self.verified.folder


def default_home() -> Path:
    """Return $APPLIANCE_HOME, or the user's data folder."""
    data = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(os.environ.get(HOME_VARIABLE) or Path(data) / "appliance")


def install(bundle: Path, trusted_key: Path, home: Path, demand: Demand | None = None) -> Installed:
    """Put a bundle into service; installing it again changes nothing.

    Raises:
        GateRefused: it has not come to the stage that is demanded.
        IntegrityError: the bundle, or its copy, is not what the holder of the key signed.
        ResourceError: the disk is full or not writable; what was in service stays.
        SettingsError: the bundle or the key is not there.
        Busy: another installation is going on.
    """
    key = load_public_key(trusted_key)
    verified = verify(bundle, key)
    check_demand(verified, demand)
    manifest = verified.manifest
    name = f"{manifest.name}-{manifest.version}-{verified.digest[:DIGEST_DIGITS]}"
    with _disk_errors(home):
        (home / "versions").mkdir(parents=True, exist_ok=True)
        with locked(home / "lock", str(home)):
            _remove_drafts(home)
            target = home / "versions" / name
            if target.exists():
                check_demand(verify(target, key), demand)
            else:
                _copy(bundle, target, key, demand)
            _switch(home, Entry(name, public_pem(key)))
            _prune(home)
    return installed(home)


def installed(home: Path) -> Installed:
    """Hash every file of the version in service and return it.

    Raises:
        IntegrityError: it is not what was installed.
        SettingsError: nothing is installed.
    """
    pointer = _pointer(home)
    if pointer is None:
        raise SettingsError(f"{home}: nothing is installed", hint="install a bundle first")
    folder = home / "versions" / pointer.current.folder
    if not folder.is_dir():
        raise IntegrityError(f"{folder} is missing", hint="install the bundle again, or roll back")
    verified = verify(folder, _key(pointer.current, home))
    return Installed(verified, pointer.previous.folder if pointer.previous else None)


def roll_back(home: Path, demand: Demand | None = None) -> Installed:
    """Put the version before this one back into service.

    Raises:
        GateRefused: it has not come to the stage that is demanded; the version in service stays.
        SettingsError: there is none.
        IntegrityError: it is not what was installed; the version in service stays.
    """
    pointer = _pointer(home)
    if pointer is None or pointer.previous is None:
        raise SettingsError(f"{home}: there is no version before this one", hint="install a bundle")
    with _disk_errors(home), locked(home / "lock", str(home)):
        check_demand(verify(home / "versions" / pointer.previous.folder, _key(pointer.previous, home)), demand)
        _write_pointer(home, Pointer(pointer.previous, pointer.current))
    return installed(home)


def _key(entry: Entry, home: Path) -> ec.EllipticCurvePublicKey:
    return read_public_pem(entry.trusted_key.encode(), home / POINTER_FILE)


def _copy(bundle: Path, target: Path, key: ec.EllipticCurvePublicKey, demand: Demand | None) -> None:
    draft = target.with_name(f".draft-{target.name}")
    try:
        shutil.copytree(bundle, draft, symlinks=True, copy_function=shutil.copyfile)
        sync_tree(draft)
        check_demand(verify(draft, key), demand)  # what lies on our disk, not what lay on the stick
        draft.rename(target)
        sync_folder(target.parent)
    except BaseException:
        remove_tree(draft)
        raise


def _switch(home: Path, entry: Entry) -> None:
    before = _pointer(home)
    if before and before.current == entry:
        return
    _write_pointer(home, Pointer(entry, before.current if before else None))


def _write_pointer(home: Path, pointer: Pointer) -> None:
    write_whole(home / POINTER_FILE, json.dumps(asdict(pointer), indent=1, sort_keys=True).encode() + b"\n")


def _pointer(home: Path) -> Pointer | None:
    file = home / POINTER_FILE
    if not file.exists():
        return None
    try:
        content = json.loads(file.read_bytes())
        previous = content["previous"]
        pointer = Pointer(_entry(content["current"]), _entry(previous) if previous else None)
    except (ValueError, KeyError, TypeError, RecursionError):
        raise IntegrityError(f"{file} cannot be read", hint="install the bundle again") from None
    return pointer


def _entry(content: dict[str, str]) -> Entry:
    entry = Entry(**content)
    if not is_plain_name(entry.folder) or "/" in entry.folder:
        raise ValueError("a version's folder lies in versions/")
    return entry


def _prune(home: Path) -> None:
    pointer = _pointer(home)
    assert pointer is not None
    kept = {entry.folder for entry in (pointer.current, pointer.previous) if entry}
    for folder in (home / "versions").iterdir():
        if folder.name not in kept:
            remove_tree(folder)


def _remove_drafts(home: Path) -> None:
    for draft in (home / "versions").glob(".draft-*"):
        remove_tree(draft)


@contextmanager
def _disk_errors(home: Path) -> Iterator[None]:
    """Turn a full or read-only disk, or a stick that was pulled, into an error that says what to do."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or "a file could not be copied"
        raise ResourceError(
            f"{home}: {reason}; what was in service stays in service",
            hint="check the free space and the owner of the folder, and install again",
        ) from error
