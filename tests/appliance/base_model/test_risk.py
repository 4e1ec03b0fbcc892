import json
import os
import pickle
import shutil
import struct
import zipfile

import pytest

from appliance.base_model import risk
from appliance.core.errors import InputError


def inspect(received, **options):
    """Return the files, or raise the first reason why they may not be opened."""
    files, refused = risk.look(received, **options)
    if refused:
        raise refused[0]
    return files


@pytest.fixture
def received(tiny_folder, tmp_path):
    return shutil.copytree(tiny_folder, tmp_path / "model")


def test_a_folder_of_known_files_is_accepted_in_order(received):
    assert [file.name for file in inspect(received)] == sorted(file.name for file in received.iterdir())


@pytest.mark.parametrize(
    "name", ["pytorch_model.bin", "weights.pt", "notes.txt", "config2.json", "model.onnx", "x.model"]
)
def test_a_pickle_is_refused_under_every_name(received, name):
    (received / name).write_bytes(pickle.dumps({"a": 1}))
    with pytest.raises(InputError, match=f"{name}: a pickle"):
        inspect(received)


def test_a_pickle_in_a_zip_is_refused(received):
    with zipfile.ZipFile(received / "weights.txt", "w") as archive:
        archive.writestr("data.pkl", pickle.dumps(1))
    with pytest.raises(InputError, match="a pickle"):
        inspect(received)


def test_a_pickle_named_safetensors_is_refused(received):
    (received / "model.safetensors").write_bytes(pickle.dumps(list(range(1000))))
    with pytest.raises(InputError, match="not a sound safetensors file"):
        inspect(received)


def test_python_code_is_refused(received):
    (received / "modeling_x.py").write_text("x = 1", encoding="utf-8")
    with pytest.raises(InputError, match="Python code"):
        inspect(received)


@pytest.mark.parametrize("place", ["top", "nested"])
def test_auto_map_is_refused(received, place):
    entry = {"auto_map": {"AutoModel": "x--y.Z"}}
    (received / "config.json").write_text(
        json.dumps(entry if place == "top" else {"text_config": [entry]}), encoding="utf-8"
    )
    with pytest.raises(InputError, match="auto_map"):
        inspect(received)


def test_a_word_of_the_vocabulary_that_reads_auto_map_is_no_code(received):
    (received / "vocab.json").write_text(json.dumps({"auto_map": 17}), encoding="utf-8")
    assert inspect(received)


def test_a_symbolic_link_is_refused(received, tmp_path):
    (tmp_path / "secret.txt").write_text("x", encoding="utf-8")
    (received / "notes.txt").symlink_to(tmp_path / "secret.txt")
    with pytest.raises(InputError, match="symbolic link"):
        inspect(received)


def test_a_hard_link_is_refused_unless_an_installer_made_it(received):
    os.link(received / "config.json", received.parent / "other.json")
    assert inspect(received, from_package=True)
    with pytest.raises(InputError, match="hard link"):
        inspect(received)


def test_names_that_differ_in_case_only_are_refused(received):
    (received / "Config.json").write_text("{}", encoding="utf-8")
    with pytest.raises(InputError, match="upper and lower case"):
        inspect(received)


def test_an_unknown_kind_of_file_is_refused(received):
    (received / "モデル.dat").write_bytes(b"\0\1")
    with pytest.raises(InputError, match="no known kind"):
        inspect(received)


def test_binary_content_named_as_text_is_refused(received):
    (received / "notes.txt").write_bytes("記録".encode("cp932"))
    with pytest.raises(InputError, match="not UTF-8"):
        inspect(received)


def test_japanese_text_is_accepted(received):
    (received / "NOTICE.md").write_text("ライセンス", encoding="utf-8")
    assert inspect(received)


def test_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(InputError, match="empty"):
        inspect(tmp_path)


def _safetensors(file, header, space):
    text = json.dumps(header).encode()
    file.write_bytes(struct.pack("<Q", len(text)) + text + b"\0" * space)
    return file


def test_sound_declared_sizes_are_accepted(tmp_path):
    header = {"a": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}}
    assert risk.safetensors_header(_safetensors(tmp_path / "m.safetensors", header, 24)) == header


@pytest.mark.parametrize(
    ("shape", "offsets", "space"),
    [
        ([2, 3], [0, 24], 23),
        ([2, 3], [0, 24], 25),
        ([2, 4], [0, 24], 24),
        ([2, 3], [4, 28], 28),
        ([-2, -3], [0, 20], 20),
    ],
)
def test_declared_sizes_that_disagree_with_the_file_are_refused(tmp_path, shape, offsets, space):
    header = {"a": {"dtype": "F32", "shape": shape, "data_offsets": offsets}}
    with pytest.raises(InputError, match="not a sound safetensors file"):
        risk.safetensors_header(_safetensors(tmp_path / "m.safetensors", header, space))
