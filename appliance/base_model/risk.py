"""Look at a received model before any library opens it: only known kinds of files, by name and by content.

Covers: code (pickles under any name, Python files, `auto_map`), links out of the folder, names that collide, sizes
that disagree with the file, ONNX graphs that reach outside. Does not cover: what the weights say, or a chat template
that computes for long (see template.py).

An allow-list and no scanner: of 16 hostile pickles the scanners we tried let up to 8 pass.
"""

import json
import stat
import struct
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from appliance.base_model import gguf_header, onnx_walk
from appliance.core.errors import InputError

LIMIT_JSON = 64 << 20  # bytes; the tokenizer of a vocabulary of 262 thousand words takes 33 MB
PICKLE_NAMES = (".bin", ".pt", ".pth", ".pkl", ".pickle", ".ckpt", ".joblib", ".npy", ".npz", ".msgpack", ".h5")
SAFETENSORS_BITS = {
    "BOOL": 8, "U8": 8, "I8": 8, "F8_E4M3": 8, "F8_E5M2": 8, "I16": 16, "U16": 16, "F16": 16, "BF16": 16,
    "I32": 32, "U32": 32, "F32": 32, "I64": 64, "U64": 64, "F64": 64,
}  # fmt: skip


def look(received: Path, *, from_package: bool = False) -> tuple[list[Path], list[InputError]]:
    """Return the files of a received folder, or the one file, in order, and why some of them may not be opened.

    Args:
        received: a folder or a file.
        from_package: the installer of packages hard-links files from its cache, and checked their digests; of other
            files a second name could change the content after it was checked.
    """
    if received.is_symlink() or received.is_file():
        files = [received]
    else:
        files = sorted(path for path in received.rglob("*") if path.is_symlink() or not path.is_dir())
    refused = list(_colliding_names(files))
    if not files:
        refused.append(InputError(f"{received.name}: the folder is empty", hint="name the folder that holds the model"))
    for file in files:
        try:
            _inspect_file(file, from_package=from_package)
        except InputError as error:
            refused.append(error)
    return files, refused


def is_pickle(file: Path) -> bool:
    """Say whether a file is a pickle by its name or its first bytes."""
    return file.suffix.lower() in PICKLE_NAMES or _begins_like_a_pickle(file)


def safetensors_header(file: Path) -> Mapping[str, Any]:
    """Return the declared tensors of a safetensors file by name: dtype, shape, data_offsets.

    Raises:
        InputError: sizes, offsets or shapes disagree with each other or with the file.
    """
    size = file.stat().st_size
    try:
        with file.open("rb") as stream:
            (length,) = struct.unpack("<Q", stream.read(8))
            if length > min(size - 8, LIMIT_JSON):
                raise ValueError("its header is longer than the file")
            declared = json.loads(stream.read(length))
        declared.pop("__metadata__", None)
        _check_tensors(declared, size - 8 - length)
    except (struct.error, ValueError, KeyError, TypeError, AttributeError) as error:
        raise _refusal(file, f"not a sound safetensors file: {error}", "fetch the file again") from error
    return dict(declared)


def _check_tensors(declared: Mapping[str, Any], space: int) -> None:
    end = 0
    for name, tensor in sorted(declared.items(), key=lambda item: item[1]["data_offsets"]):
        start, stop = tensor["data_offsets"]
        elements = 1
        for extent in tensor["shape"]:
            elements *= extent
        if start != end or (stop - start) * 8 != elements * SAFETENSORS_BITS[tensor["dtype"]]:
            raise ValueError(f"tensor {name[:80]!r} is not as large as declared")
        end = stop
    if end != space:
        raise ValueError(f"it declares {end} bytes of weights and holds {space}")


def _colliding_names(files: list[Path]) -> Iterator[InputError]:
    seen: dict[str, Path] = {}
    for file in files:
        other = seen.setdefault(str(file).casefold(), file)
        if other is not file:
            yield _refusal(file, f"differs from {other.name} in upper and lower case only", "remove one of them")


def _inspect_file(file: Path, *, from_package: bool) -> None:
    state = file.lstat()
    if stat.S_ISLNK(state.st_mode):
        raise _refusal(file, "a symbolic link", "copy the file itself into the folder")
    if not stat.S_ISREG(state.st_mode):
        raise _refusal(file, "not a plain file", "remove it")
    if state.st_nlink > 1 and not from_package:
        raise _refusal(
            file, "a hard link: it could be changed under another name", "copy the file instead of linking it"
        )
    suffix = file.suffix.lower()
    if suffix == ".py":
        raise _refusal(file, "Python code", "take a model that needs no code of its own")
    if is_pickle(file):
        raise _refusal(
            file,
            "a pickle can run code when it is opened",
            "ask for the weights as safetensors or GGUF, or set convert_pickles in [intake]",
        )
    check = _CHECKS.get(suffix) or _NAMED.get(file.name)
    if check is None:
        raise _refusal(file, "no known kind of model file", "remove it from the folder")
    check(file)


def _begins_like_a_pickle(file: Path) -> bool:
    if file.suffix.lower() == ".safetensors":
        return False  # starts with a length, which may look like anything; its structure is checked whole
    with file.open("rb") as stream:
        head = stream.read(4)
    return head == b"PK\x03\x04" or (head[:1] == b"\x80" and head[1:2] in (b"\x02", b"\x03", b"\x04", b"\x05"))


def _check_gguf(file: Path) -> None:
    gguf_header.read_header(file)


def _check_json(file: Path) -> None:
    if file.stat().st_size > LIMIT_JSON:
        raise _refusal(file, f"JSON of more than {LIMIT_JSON >> 20} MiB", "check what it is")
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise _refusal(file, "not JSON", "fetch the file again") from error
    if _names_code(content):
        raise _refusal(file, "auto_map names code to be run", "take a model that needs no code of its own")


def _names_code(content: Any) -> bool:
    if isinstance(content, list):
        return any(map(_names_code, content))
    if not isinstance(content, dict):
        return False
    # a word of the vocabulary may be "auto_map" too; it has a number and no class
    return (bool(content.get("auto_map")) and not isinstance(content["auto_map"], int)) or any(
        map(_names_code, content.values())
    )


def _check_text(file: Path) -> None:
    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise _refusal(file, "named as text, but not UTF-8", "remove it from the folder") from error
    if "\0" in text:
        raise _refusal(file, "named as text, but holds zero bytes", "remove it from the folder")


def _check_sentencepiece(file: Path) -> None:
    with file.open("rb") as stream:
        if stream.read(1) != b"\x0a":  # the tag of the format's first field
            raise _refusal(file, "its content is not what its name says", "fetch the file again")


def _check_onnx(file: Path) -> None:
    problem = onnx_walk.first_problem(file)
    if problem:
        raise _refusal(file, problem, "take a model without it")


_CHECKS: Mapping[str, Callable[[Path], object]] = {
    ".safetensors": safetensors_header,
    ".gguf": _check_gguf,
    ".json": _check_json,
    ".txt": _check_text,
    ".md": _check_text,
    ".jinja": _check_text,
    ".yaml": _check_text,
    ".yml": _check_text,
    ".toml": _check_text,
    ".lock": _check_text,
    ".onnx": _check_onnx,
    ".model": _check_sentencepiece,
}
_NAMED: Mapping[str, Callable[[Path], object]] = {
    "LICENSE": _check_text,
    "LICENCE": _check_text,
    "COPYING": _check_text,
    "NOTICE": _check_text,
    "model.sig": _check_json,
    ".gitattributes": _check_text,
}


def _refusal(file: Path, reason: str, hint: str) -> InputError:
    return InputError(f"{file.name}: {reason}", hint=hint)
