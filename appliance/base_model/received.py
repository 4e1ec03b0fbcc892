"""What the operator hands over, looked at from outside: files, digests, legal texts, weights; nothing is
opened by a library.
"""

import json
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from appliance.base_model import gguf_header, pickles, risk
from appliance.base_model.gguf_header import GgufHeader
from appliance.base_model.locating import PACKAGE, locate
from appliance.core.errors import InputError
from appliance.core.hashing import file_digest
from appliance.core.sections import IntakeSettings

GGUF_TYPES = {0: "F32", 1: "F16", 2: "Q4_0", 3: "Q4_1", 6: "Q5_0", 7: "Q5_1", 8: "Q8_0", 10: "Q2_K", 11: "Q3_K",
              12: "Q4_K", 13: "Q5_K", 14: "Q6_K", 30: "BF16"}  # fmt: skip
LEGAL = ("LICENSE", "LICENCE", "LICENSE.txt", "LICENSE.md", "COPYING", "NOTICE", "NOTICE.txt")
TEMPLATE_KEY = "tokenizer.chat_template"  # in a GGUF file's metadata


@dataclass(frozen=True, slots=True)
class Received:
    """What the operator hands over, digested."""

    path: str  # as in the settings
    place: Path
    files: tuple[Path, ...]
    digests: Mapping[str, str]
    legal: Mapping[str, str]  # text by name: licence and notice, of the folder or of the package
    weights: Path | None
    header: GgufHeader | None


@contextmanager
def place_of(settings: IntakeSettings) -> Iterator[Path]:
    """Yield the received folder or file; with its pickles converted, in a copy, where the settings ask for that."""
    received = locate(settings.path)
    unsafe = [file for file in received.rglob("*") if file.suffix in pickles.SUFFIXES] if received.is_dir() else []
    if not (settings.convert_pickles and unsafe):
        yield received
        return
    with tempfile.TemporaryDirectory(prefix="intake-") as scratch:
        copy = Path(scratch) / received.name
        shutil.copytree(received, copy, symlinks=True)
        for file in unsafe:
            source = copy / file.relative_to(received)
            if source.is_symlink():
                continue  # refused with the other links
            pickles.convert(source, source.with_name("model.safetensors"))
            source.unlink()
        yield copy


def digested(settings: IntakeSettings, place: Path, files: list[Path]) -> Received:
    """Digest every plain file and find weights, header and legal texts."""
    readable = [file for file in files if file.is_file() and not file.is_symlink()]
    digests = {str(file.relative_to(place)) if place.is_dir() else file.name: file_digest(file) for file in readable}
    weights = _weights(readable)
    header = None
    if weights is not None and weights.suffix == ".gguf":
        try:
            header = gguf_header.read_header(weights)
        except InputError:
            header = None  # told among the risks
    legal = {file.name: text_of(file) for file in readable if file.name in LEGAL} or _package_texts(settings.path)
    return Received(settings.path, place, tuple(readable), digests, legal, weights, header)


def _weights(files: list[Path]) -> Path | None:
    """Return the file that holds the weights; of several parts in safetensors the first stands for all."""
    gguf = [file for file in files if file.suffix == ".gguf"]
    found = gguf or [file for file in files if file.suffix == ".safetensors"]
    return found[0] if found and len(gguf) <= 1 else None


def grid(received: Received) -> dict[str, Any]:
    """Say on which grid the weights were received: what a coarse grid has rounded away does not come back."""
    if received.header is None:
        return {"tensors": _safetensors_types(received.weights), "note": "as received"}
    types = Counter(GGUF_TYPES.get(kind, f"type {kind}") for kind in received.header.tensor_types.values())
    return {"tensors": dict(sorted(types.items())), "note": _grid_told(types)}


def _grid_told(types: Counter[str]) -> str:
    """Norms stay in floats and are many; the matrices, which hold the weights, decide."""
    coarse = next((name for name, _ in types.most_common() if name.startswith("Q")), "")
    bits = coarse[1:2]
    return f"{coarse}: carries {bits}-bit error" if coarse else "as received"


def _safetensors_types(weights: Path | None) -> dict[str, int]:
    try:
        declared = risk.safetensors_header(weights) if weights is not None else {}
    except InputError:
        return {}  # told among the risks
    return dict(sorted(Counter(str(tensor["dtype"]) for tensor in declared.values()).items()))


def template_text(received: Received) -> str:
    """Return the chat template as it was received, or ""."""
    if received.header is not None:
        return str(received.header.metadata.get(TEMPLATE_KEY, ""))
    by_name = {file.name: file for file in received.files}
    if "chat_template.jinja" in by_name:
        return text_of(by_name["chat_template.jinja"])
    if "tokenizer_config.json" in by_name:
        content = json.loads(text_of(by_name["tokenizer_config.json"])).get("chat_template") or ""
        return content if isinstance(content, str) else str(content[0].get("template", ""))
    return ""


def text_of(file: Path) -> str:
    """Return a text file; bytes that are no UTF-8 are shown as such."""
    return file.read_text(encoding="utf-8", errors="replace")


def _package_texts(path: str) -> dict[str, str]:
    """Return the licence and notice of weights that were installed as a package."""
    if not path.startswith(PACKAGE):
        return {}
    try:
        files = distribution(path.removeprefix(PACKAGE)).files or []
    except PackageNotFoundError:
        return {}
    return {file.name: file.read_text(encoding="utf-8") for file in files if file.name in LEGAL}
