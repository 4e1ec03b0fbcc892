"""Give the pages of a mapped weights file back once the runtime has its own copy of what lies in them.

The runtime maps every tensor of the file. It repacks the matrices for its kernels and unmaps them, but keeps the scales
that are in the packed ones already, and the embedding, whose pages were all read while the head's copy was made. Of
SmolLM2-135M in 8 bits that is 38 of 251 MB. A token's row comes back from the file by itself, and 64 KB around it:
after a few hundred different tokens all of the embedding would be there again (docs/experiments.md, 2026-11-24).

Covers: Linux. Does not cover: pages that somebody has written to; those are left as they are.
"""

import ctypes
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

MADV_DONTNEED = 4
_LOADING = threading.Lock()
Loaded = TypeVar("Loaded")
SMAPS = Path("/proc/self/smaps")
_REGION = re.compile(r"([0-9a-f]+)-([0-9a-f]+) \S+ \S+ \S+ \S+ *(.*)")


@dataclass(frozen=True, slots=True)
class FilePages:
    """Where somebody has mapped a file in this process; holds for as long as the mapping does."""

    regions: tuple[tuple[int, int], ...]  # address, bytes

    def release(self) -> None:
        """Give back what was read of the file: whoever reads it again gets it from the file again."""
        for address, size in self.regions:
            ctypes.CDLL(None).madvise(ctypes.c_void_p(address), ctypes.c_size_t(size), MADV_DONTNEED)

    def at_least(self, size: int) -> "FilePages":
        """Return the regions of so many bytes or more."""
        return FilePages(tuple(region for region in self.regions if region[1] >= size))


def watch_mapping(file: Path, load: Callable[[], Loaded]) -> tuple[Loaded, FilePages]:
    """Return what is loaded, and where loading it has mapped a file; nowhere where there is no /proc.

    One load at a time: the regions of another one would be given back after their owner has unmapped them, when
    something else may lie there.
    """
    with _LOADING:
        before = set(_regions(file))
        loaded = load()
        return loaded, FilePages(tuple(region for region in _regions(file) if region not in before))


def _regions(file: Path) -> Iterator[tuple[int, int]]:
    """Yield address and size of every region in which a file is mapped, without those that hold pages of their own."""
    try:
        lines = SMAPS.read_text(encoding="utf-8").splitlines()
    except OSError:
        return
    name = str(file.resolve())
    yield from ((start, end - start) for start, end, mapped in _unwritten(lines) if mapped == name)


def _unwritten(lines: list[str]) -> Iterator[tuple[int, int, str]]:
    """Yield first and last address, and the file, of all mapped regions without pages of their own."""
    region = (0, 0, "")
    for line in lines:
        if found := _REGION.match(line):
            region = (int(found[1], 16), int(found[2], 16), found[3])
        elif line.startswith("Anonymous:") and line.split()[1] == "0":
            yield region
