import pytest
import torch

from appliance.training.checkpoints import Checkpoint, keep_only, newest_checkpoint, save_checkpoint


def _save(folder, step):
    return save_checkpoint(folder, Checkpoint(step, {"a": torch.full((3,), float(step))}, {"steps": step}))


def test_a_checkpoint_is_read_as_it_was_written(tmp_path):
    _save(tmp_path, 4)
    found = newest_checkpoint(tmp_path)
    assert (found.step, found.facts, found.tensors["a"].tolist()) == (4, {"steps": 4}, [4.0, 4.0, 4.0])


def test_the_last_two_are_kept(tmp_path):
    for step in (5, 10, 15):
        _save(tmp_path, step)
    assert sorted(folder.name for folder in tmp_path.iterdir()) == ["step-00000010", "step-00000015"]


@pytest.mark.parametrize("name", ["state.safetensors", "facts.json", "manifest.json"])
@pytest.mark.parametrize("harm", ["cut", "changed", "missing"])
def test_a_damaged_checkpoint_gives_way_to_the_one_before(tmp_path, name, harm):
    _save(tmp_path, 5)
    file = _save(tmp_path, 10) / name
    content = file.read_bytes()
    if harm == "missing":
        file.unlink()
    else:
        file.write_bytes(content[:-3] if harm == "cut" else content[:-1] + bytes([content[-1] ^ 1]))
    assert newest_checkpoint(tmp_path).step == 5


def test_a_draft_is_no_checkpoint(tmp_path):
    _save(tmp_path, 5).rename(tmp_path / "draft-00000005")
    assert newest_checkpoint(tmp_path) is None
    _save(tmp_path, 5)
    assert newest_checkpoint(tmp_path).step == 5


def test_an_empty_folder_holds_none(tmp_path):
    assert newest_checkpoint(tmp_path / "nowhere") is None


def test_checkpoints_that_turned_out_to_be_bad_are_removed(tmp_path):
    for step in (5, 10):
        _save(tmp_path, step)
    keep_only(tmp_path, {3, 4, 5, 6})
    assert [folder.name for folder in tmp_path.iterdir()] == ["step-00000005"]
    keep_only(tmp_path / "nowhere", {5})
