"""Sealed, content-addressed artifacts in two rooms: `store/` for clean ones, `vault/` for raw ones.

A stage works in a private draft folder. The seal (`artifact.json`, digests of every file) is written last, everything
is flushed, and the folder is renamed once: no seal, it never happened.

    {"format": 1, "step": "train", "code": "...", "key": "...", "custody": "clean", "inputs": {"prepare": "..."},
     "settings": {...}, "tools": {"torch": "2.13.0"}, "files": {"adapter.safetensors": "..."}, "digest": "...",
     "facts": {...}}

`digest` covers the files alone. `facts` hold what differs from one attempt to the next: seconds, speeds, memory.
"""

import errno
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from appliance.core.cipher import Cipher, load_key
from appliance.core.errors import ApplianceError, CustodyError, IntegrityError, ResourceError
from appliance.core.hashing import (
    canonical_json,
    content_digest,
    folder_digests,
    remove_tree,
    sync_folder,
    sync_tree,
    write_whole,
)

Custody = Literal["raw", "clean"]
SEAL = "artifact.json"
SEAL_FORMAT = 1
SPOOLS = (".decisions", ".unproven")  # what the step that declassifies leaves there when it is killed
PSEUDONYMS = "pseudonyms"  # folder of the vault: what stands for what
KEY_DIGITS = 16  # of the key, in a folder's name
NO_SPACE = (errno.ENOSPC, errno.EDQUOT)


@dataclass(frozen=True, slots=True)
class Artifact:
    """One sealed result of a step."""

    step: str
    key: str
    digest: str
    custody: Custody
    folder: Path
    facts: Mapping[str, Any]
    cipher: Cipher | None  # None for clean artifacts, which are not encrypted

    def read_lines(self, name: str) -> Iterator[Any]:
        """Yield the JSON values of a file that `Draft.write_lines` wrote."""
        yield from _lines(self.folder / name, self.cipher)

    def read_json(self, name: str) -> Any:
        """Return the JSON value of a file that `Draft.write_json` wrote."""
        return json.loads((self.folder / name).read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class Strongroom:
    """Where the one step that declassifies keeps what it took out: beside the raw artifacts, never in a clean one."""

    file: Path  # its name follows from the artifact's key
    key: bytes


@dataclass(frozen=True, slots=True)
class Draft:
    """The private folder of a stage at work; `scratch` outlives a killed worker and is gone when the step is sealed."""

    folder: Path
    scratch: Path
    cipher: Cipher | None  # None for clean artifacts
    strongroom: Strongroom

    def write_lines(self, name: str, values: Iterable[Any]) -> int:
        """Write JSON lines, encrypted where the artifact is raw; return how many."""
        if self.cipher:
            return self.cipher.write_lines(self.folder / name, values)
        count = 0
        with (self.folder / name).open("w", encoding="utf-8") as stream:
            for value in values:
                stream.write(json.dumps(value, ensure_ascii=False) + "\n")
                count += 1
        return count

    def read_lines(self, name: str) -> Iterator[Any]:
        """Yield the values of a file that this draft has written."""
        yield from _lines(self.folder / name, self.cipher)

    def write_json(self, name: str, value: Any) -> None:
        """Write a report that holds no text of a record; it is readable in both rooms."""
        text = json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True)
        (self.folder / name).write_text(text + "\n", encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that decides what a step's result will be."""

    step: str
    custody: Custody
    inputs: Mapping[str, str]  # step -> content digest
    settings: Mapping[str, Any]
    tools: Mapping[str, str]  # distribution -> version
    code: str  # digest of our own source that makes the result

    @property
    def key(self) -> str:
        """The SHA-256 that the artifact is found by."""
        return content_digest(
            {
                "step": self.step,
                "code": self.code,
                "inputs": canonical_json(dict(self.inputs)),
                "settings": canonical_json(dict(self.settings)),
                "tools": canonical_json(dict(self.tools)),
            }
        )


class Store:
    """The artifacts of one workspace."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._rooms: dict[Custody, Path] = {"clean": root / "store", "raw": root / "vault" / "store"}
        root.mkdir(parents=True, exist_ok=True)
        (root / "vault").mkdir(mode=0o700, exist_ok=True)
        if (root / "vault").stat().st_mode & 0o077:
            raise CustodyError(f"{root / 'vault'}: other users can enter the vault", hint=f"chmod 700 {root / 'vault'}")
        for room in self._rooms.values():
            room.mkdir(mode=0o700, exist_ok=True)
        (root / "vault" / PSEUDONYMS).mkdir(mode=0o700, exist_ok=True)
        self._key = load_key(root / "vault" / "key")
        self._cipher = Cipher(self._key)

    def find(self, recipe: Recipe) -> Artifact | None:
        """Return the sealed artifact of a recipe, or None where the step has not been done.

        Raises:
            IntegrityError: it is there, and a file differs from its seal.
        """
        folder = self._folder(recipe)
        if not (folder / SEAL).exists():
            return None
        seal = _read_seal(folder)
        found = {name: digest for name, digest in folder_digests(folder).items() if name != SEAL}
        if found != seal["files"] or content_digest(found) != seal["digest"] or seal["key"] != recipe.key:
            changed = sorted(
                name for name in found.keys() | seal["files"].keys() if found.get(name) != seal["files"].get(name)
            )
            raise IntegrityError(
                f"{folder}: {', '.join(changed[:3]) or SEAL} differs from the seal",
                hint=f"check the disk; then remove {folder} and start the run again",
            )
        return self._artifact(recipe, seal, folder)

    def draft(self, recipe: Recipe) -> Draft:
        """Return an empty draft folder for a recipe, beside the place where it will be sealed."""
        folder = self._folder(recipe)
        draft = folder.with_name(f".draft-{folder.name}")
        scratch = scratch_of(folder.parent, recipe)
        remove_tree(draft)
        draft.mkdir(mode=0o700)
        scratch.mkdir(mode=0o700, exist_ok=True)
        strongroom = Strongroom(self.root / "vault" / PSEUDONYMS / f"{folder.name}.vault", self._key)
        return Draft(draft, scratch, self._cipher if recipe.custody == "raw" else None, strongroom)

    def seal(self, recipe: Recipe, draft: Draft, facts: Mapping[str, Any]) -> Artifact:
        """Flush the draft, write its seal last and rename it into its place."""
        files = folder_digests(draft.folder)
        seal = {
            "format": SEAL_FORMAT,
            "step": recipe.step,
            "code": recipe.code,
            "key": recipe.key,
            "custody": recipe.custody,
            "inputs": dict(recipe.inputs),
            "settings": dict(recipe.settings),
            "tools": dict(recipe.tools),
            "files": files,
            "digest": content_digest(files),
            "facts": dict(facts),
        }
        sync_tree(draft.folder)
        write_whole(draft.folder / SEAL, json.dumps(seal, ensure_ascii=False, indent=1, sort_keys=True).encode())
        folder = self._folder(recipe)
        draft.folder.rename(folder)
        sync_folder(folder.parent)
        remove_tree(draft.scratch)
        return self._artifact(recipe, seal, folder)

    def sweep(self) -> None:
        """Remove what killed workers left; the scratch of a step that is not sealed yet stays for its next attempt."""
        for room in self._rooms.values():
            for draft in room.glob(".draft-*"):
                remove_tree(draft)
            for scratch in room.glob(".scratch-*"):
                if (room / scratch.name.removeprefix(".scratch-")).exists():
                    remove_tree(scratch)
        for left in (self.root / "vault" / PSEUDONYMS).iterdir():
            if left.suffix in (*SPOOLS, ".draft"):
                left.unlink()

    def discard(self, draft: Draft) -> None:
        """Remove a draft that failed; its scratch stays for the next attempt."""
        remove_tree(draft.folder)

    def _folder(self, recipe: Recipe) -> Path:
        return self._rooms[recipe.custody] / _name(recipe)

    def _artifact(self, recipe: Recipe, seal: Mapping[str, Any], folder: Path) -> Artifact:
        cipher = self._cipher if recipe.custody == "raw" else None
        return Artifact(recipe.step, recipe.key, seal["digest"], recipe.custody, folder, seal["facts"], cipher)


def _name(recipe: Recipe) -> str:
    return f"{recipe.step}-{recipe.key[:KEY_DIGITS]}"


def scratch_of(room: Path, recipe: Recipe) -> Path:
    """Return the folder that outlives a killed worker of a step, made or not."""
    return room / f".scratch-{_name(recipe)}"


def sealed_folder(room: Path, step: str, digest: str) -> Path:
    """Return the folder of an artifact by its content digest, for those who only read; nothing is hashed.

    Raises:
        IntegrityError: it is not there any more.
    """
    for folder in room.glob(f"{step}-*"):
        if _read_seal(folder)["digest"] == digest:
            return folder
    raise IntegrityError(f"{room}: the result of {step} is not there", hint="start the run again")


def _lines(file: Path, cipher: Cipher | None) -> Iterator[Any]:
    if cipher:
        yield from cipher.read_lines(file)
        return
    with file.open(encoding="utf-8") as stream:
        for line in stream:
            yield json.loads(line)


def _read_seal(folder: Path) -> dict[str, Any]:
    try:
        seal = json.loads((folder / SEAL).read_text(encoding="utf-8"))
        return {key: seal[key] for key in ("files", "digest", "key", "facts")}
    except (ValueError, KeyError, TypeError):
        hint = f"check the disk; then remove {folder} and start the run again"
        raise IntegrityError(f"{folder / SEAL} cannot be read", hint=hint) from None


@contextmanager
def disk_errors(root: Path) -> Iterator[None]:
    """Turn "no space left on device" into an error that says where and what to do."""
    try:
        yield
    except Exception as error:
        if not _is_no_space(error):
            raise
        raise ResourceError(
            f"{root}: the disk is full; nothing that was sealed is lost",
            hint="free some space and start the run again: it goes on where it stopped",
        ) from error


def _is_no_space(error: Exception) -> bool:
    """Some libraries report a full disk with an error of their own, and the system's words in its text."""
    if isinstance(error, OSError) and error.errno in NO_SPACE:
        return True
    return not isinstance(error, ApplianceError) and "No space left on device" in str(error)
