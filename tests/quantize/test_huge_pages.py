import mmap
import re
from pathlib import Path

import numpy as np
import pytest

from quantize import huge_pages
from quantize.huge_pages import HUGE_PAGE, in_huge_pages
from quantize.onnx_session import OnnxSession
from quantize.variants import Variant


def resident_in_huge_pages(address: int) -> int:
    """Return the bytes of the region around an address that lie in large pages, as the kernel counts them."""
    inside = False
    for line in Path("/proc/self/smaps").read_text(encoding="utf-8").splitlines():
        if found := re.match(r"([0-9a-f]+)-([0-9a-f]+) ", line):
            inside = int(found[1], 16) <= address < int(found[2], 16)
        if inside and line.startswith("AnonHugePages:"):
            return int(line.split()[1]) * 1024
    return 0


def small_pages(size: int) -> tuple[mmap.mmap, np.ndarray]:
    memory = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    values = np.frombuffer(memory, np.uint8)
    memory.madvise(mmap.MADV_NOHUGEPAGE)
    values[:] = np.arange(size, dtype=np.uint32) % 251
    memory.madvise(mmap.MADV_HUGEPAGE)
    return memory, values


def test_what_is_allocated_within_moves_to_large_pages_and_holds_the_same() -> None:
    with in_huge_pages():
        _memory, values = small_pages(2 * HUGE_PAGE)
        assert resident_in_huge_pages(values.ctypes.data) == 0
    if not resident_in_huge_pages(values.ctypes.data):
        pytest.skip("this kernel has no large page to give")
    assert (values == np.arange(values.size, dtype=np.uint32) % 251).all()


def test_what_was_there_before_is_left_as_it_is() -> None:
    _memory, values = small_pages(2 * HUGE_PAGE)
    with in_huge_pages():
        pass
    assert resident_in_huge_pages(values.ctypes.data) == 0


def test_a_system_without_the_list_of_its_memory_works_as_before(
    int4_variant: Variant, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def logits() -> np.ndarray:
        return OnnxSession(int4_variant.folder, threads=1).start([[1, 2, 3]]).read().copy()

    usual = logits()
    monkeypatch.setattr(huge_pages, "MAPS", tmp_path / "missing")
    assert np.array_equal(logits(), usual)
