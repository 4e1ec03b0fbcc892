"""Pickled checkpoints are converted by a reader that runs nothing."""

import os
import pickle
from pathlib import Path

import pytest

from appliance.base_model.pickles import convert
from appliance.core.errors import InputError


class Hostile:
    """Touches a file when it is unpickled."""

    def __init__(self, canary: Path) -> None:
        self.canary = canary

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, (f"touch {self.canary}",)


@pytest.mark.slow
def test_the_tensors_of_a_checkpoint_come_through_unchanged(tmp_path: Path) -> None:
    import torch  # noqa: PLC0415
    from safetensors.torch import load_file  # noqa: PLC0415

    torch.save({"weight": torch.arange(6.0).reshape(2, 3)}, tmp_path / "model.bin")
    convert(tmp_path / "model.bin", tmp_path / "model.safetensors")
    assert load_file(tmp_path / "model.safetensors")["weight"].tolist() == [[0, 1, 2], [3, 4, 5]]


@pytest.mark.slow
@pytest.mark.parametrize("container", ["legacy", "torch"])
def test_a_hostile_pickle_is_refused_and_runs_nothing(tmp_path: Path, container: str) -> None:
    canary = tmp_path / "canary"
    if container == "torch":
        import torch  # noqa: PLC0415

        torch.save({"weight": Hostile(canary)}, tmp_path / "model.bin")
    else:
        (tmp_path / "model.bin").write_bytes(pickle.dumps(Hostile(canary)))
    with pytest.raises(InputError, match=r"model\.bin"):
        convert(tmp_path / "model.bin", tmp_path / "model.safetensors")
    assert not canary.exists()
