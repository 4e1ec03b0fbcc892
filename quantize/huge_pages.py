"""Weights in pages of 2 MB instead of 4 KB: a processor that reads all of them for every token waits less.

For each page the processor looks an address up, and what it fetches in advance ends at the page's end. On an EPYC a
model of 114 MB wrote 87 to 106 tokens a CPU second in small pages and 130 to 137 in large ones (docs/benchmarks.md).

Covers: Linux since 6.1 (MADV_COLLAPSE), whatever /sys/kernel/mm/transparent_hugepage/enabled says. Elsewhere, and where
no large page is free, nothing changes: what is computed is the same, bit for bit.
"""

import contextlib
import ctypes
from collections.abc import Iterator
from pathlib import Path

HUGE_PAGE = 2**21  # bytes
MADV_COLLAPSE = 25
MAPS = Path("/proc/self/maps")

Region = tuple[int, int]  # first address, and the one behind the last


@contextlib.contextmanager
def in_huge_pages() -> Iterator[None]:
    """Move into large pages what is allocated within: of the heap all, since a loader fills its gaps, too."""
    before = set(_regions())
    yield
    for first, end in set(_regions()) - before:
        # one by one: where the kernel finds no free page for one, it would leave all the others as they are
        for page in range(-(-first // HUGE_PAGE), end // HUGE_PAGE):
            _collapse(page * HUGE_PAGE)


def _regions() -> Iterator[Region]:
    """Yield this process's own writable memory, neither of a file nor of a stack, where it can hold a large page."""
    with contextlib.suppress(OSError):  # no Linux, or /proc is hidden
        for line in MAPS.read_text(encoding="utf-8").splitlines():
            addresses, rights, _, _, _, *name = line.split(maxsplit=5)
            first, end = (int(address, 16) for address in addresses.split("-"))
            if rights == "rw-p" and name in ([], ["[heap]"]) and end - first >= HUGE_PAGE:
                yield first, end


def _collapse(address: int) -> None:
    """Ask the kernel; what it cannot do it leaves as it is, so that its answer is not needed."""
    ctypes.CDLL(None).madvise(ctypes.c_void_p(address), ctypes.c_size_t(HUGE_PAGE), MADV_COLLAPSE)
