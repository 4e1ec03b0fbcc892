"""Find the base model that the settings name: a folder, a GGUF file, or weights installed as a package.

And where an intake keeps it, once it is canonical.
"""

import importlib.util
from pathlib import Path

from appliance.core.errors import InputError
from appliance.core.store import Artifact

PACKAGE = "package:"
WEIGHTS = (".gguf", ".safetensors")
MODEL = "model"  # folder of an intake


def model_folder(intake: Artifact) -> Path:
    """Return the canonical model of an intake."""
    return intake.folder / MODEL


def locate(path: str) -> Path:
    """Return the folder or file; of `package:NAME` its one weights file or else its folder, without importing it.

    Raises:
        InputError: there is nothing there, or a package holds several weights files.
    """
    if path.startswith(PACKAGE):
        return _in_package(path.removeprefix(PACKAGE))
    place = Path(path)
    if place.is_dir() or (place.is_file() and place.suffix == ".gguf"):
        return place
    reason = "is not a .gguf file" if place.is_file() else "no such folder or file"
    raise InputError(f"{path}: {reason}", hint="set path in [intake] to a model folder, a .gguf file or package:NAME")


def _in_package(name: str) -> Path:
    module = name.replace("-", "_")
    spec = importlib.util.find_spec(module) if module.isidentifier() else None
    if spec is None or spec.origin is None:
        raise InputError(f"{PACKAGE}{name}: no such package is installed", hint="install it, or name a folder or file")
    place = Path(spec.origin).parent
    found = sorted(file for file in place.rglob("*") if file.suffix in WEIGHTS)
    if len(found) > 1:
        raise InputError(f"{PACKAGE}{name}: holds {len(found)} weights files", hint="name the file itself")
    return found[0] if found else place  # a folder without weights is looked at like any other, and refused
