import mmap
import re
from pathlib import Path

import numpy as np
import pytest

from quantize import file_pages as module
from quantize.file_pages import FilePages, watch_mapping
from quantize.onnx_session import PIECE, OnnxSession
from quantize.variants import WEIGHTS_FILE, Variant

SIZE = 2**20


def resident(file: Path) -> int:
    """Return the bytes of a file that lie in this process's memory, as the kernel counts them."""
    total, inside = 0, False
    for line in Path("/proc/self/smaps").read_text(encoding="utf-8").splitlines():
        if re.match(r"[0-9a-f]+-[0-9a-f]+ ", line):
            inside = line.endswith(str(file))
        elif inside and line.startswith("Rss:"):
            total += int(line.split()[1]) * 1024
    return total


@pytest.fixture(params=["weights.data", "重み データ.data"])
def file(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / request.param
    path.write_bytes(bytes(range(256)) * (SIZE // 256))
    return path


def read_whole(file: Path) -> mmap.mmap:
    with file.open("rb") as stream:
        memory = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_COPY)
    assert sum(memory[::4096]) >= 0
    return memory


def test_pages_that_were_read_are_given_back_and_read_the_same_again(file: Path) -> None:
    memory, pages = watch_mapping(file, lambda: read_whole(file))
    assert resident(file) == SIZE
    pages.release()
    assert resident(file) == 0
    assert memory[:] == file.read_bytes()


def test_pages_that_were_written_to_are_kept(file: Path) -> None:
    def written() -> mmap.mmap:
        memory = read_whole(file)
        memory[5000] = 7
        return memory

    memory, pages = watch_mapping(file, written)
    pages.release()
    assert memory[5000] == 7
    assert resident(file) == SIZE


def test_what_others_have_mapped_keeps_its_pages(file: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.data"
    other.write_bytes(b"x")
    earlier = read_whole(file)
    for watched in (file, other):
        _, pages = watch_mapping(watched, lambda: None)
        assert pages == FilePages(())
        pages.release()
    assert resident(file) == len(earlier)


def test_small_regions_can_be_left_out(file: Path) -> None:
    memory, pages = watch_mapping(file, lambda: read_whole(file))
    assert [size for _, size in pages.regions] == [len(memory)]
    assert pages.at_least(SIZE) == pages
    assert pages.at_least(SIZE + 1) == FilePages(())


def test_a_system_without_the_list_of_its_memory_keeps_the_pages(
    file: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(module, "SMAPS", tmp_path / "missing")
    memory, pages = watch_mapping(file, lambda: read_whole(file))
    pages.release()
    assert resident(file) == len(memory)


def test_a_variant_leaves_no_page_of_its_file_behind_a_load_or_a_prompt_and_answers_the_same(
    int8_variant: Variant, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights = int8_variant.folder / WEIGHTS_FILE
    monkeypatch.setattr("quantize.onnx_session.TABLE", 1)  # the tiny model's embedding is one, too
    session = OnnxSession(int8_variant.folder, threads=1)
    assert resident(weights) == 0
    prompt = [index % 250 + 3 for index in range(PIECE + 9)]
    first = session.start([prompt]).read().copy()
    assert resident(weights) == 0
    assert np.array_equal(session.start([prompt]).read(), first)
