"""What is written as GGUF is read back by transformers, which undoes the order of the rotary pairs by its own rules."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM

SCRIPTS = Path(__file__).parents[2] / "scripts"


@pytest.fixture
def write_gguf(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path, Path], Path]:
    monkeypatch.syspath_prepend(SCRIPTS)
    from gguf_weights import write_gguf  # noqa: PLC0415 scripts are no package

    return write_gguf


@pytest.mark.parametrize("tied", [True, False])
def test_every_weight_comes_back_as_it_was(
    make_tiny: Callable[..., Path], write_gguf: Callable[[Path, Path], Path], tmp_path: Path, tied: bool
) -> None:
    folder = make_tiny(tmp_path / "model", tied=tied)
    write_gguf(folder, tmp_path / "gguf" / "model.gguf")
    expected = AutoModelForCausalLM.from_pretrained(folder).state_dict()
    found = AutoModelForCausalLM.from_pretrained(tmp_path / "gguf", gguf_file="model.gguf").state_dict()
    assert expected.keys() == found.keys()
    assert [name for name, tensor in expected.items() if not torch.equal(tensor, found[name])] == []
