import gguf
import numpy
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from appliance.base_model.gguf_header import Listing, read_header, without_vocabulary
from appliance.core.errors import InputError


@pytest.fixture
def small_gguf(tmp_path):
    writer = gguf.GGUFWriter(str(tmp_path / "small.gguf"), "llama")
    writer.add_name("小さなモデル")
    writer.add_vocab_size(4)
    writer.add_token_list(["a", "b", "ポンプ", "d"])
    writer.add_tensor("one.weight", numpy.arange(6, dtype=numpy.float32).reshape(2, 3))
    writer.add_tensor("two.weight", numpy.ones(5, dtype=numpy.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return tmp_path / "small.gguf"


def test_metadata_and_tensors_are_read(small_gguf):
    header = read_header(small_gguf)
    assert header.metadata["general.name"] == "小さなモデル"
    assert header.metadata["tokenizer.ggml.tokens"] == Listing(4)
    assert header.tensor_types == {"one.weight": 0, "two.weight": 0}
    assert header.parameters == 11


def test_without_its_vocabulary_the_file_holds_the_same_weights(small_gguf, tmp_path):
    without_vocabulary(small_gguf, read_header(small_gguf), tmp_path / "less.gguf")
    less = gguf.GGUFReader(tmp_path / "less.gguf")
    assert "tokenizer.ggml.tokens" not in less.fields
    assert less.fields["general.name"].contents() == "小さなモデル"
    assert [(tensor.name, tensor.data.tolist()) for tensor in less.tensors] == [
        ("one.weight", [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]),
        ("two.weight", [1.0] * 5),
    ]


@given(cut=some.integers(0, 300))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_header_that_is_cut_short_is_refused(small_gguf, cut):
    end = read_header(small_gguf).table[1]
    torn = small_gguf.with_name("torn.gguf")
    torn.write_bytes(small_gguf.read_bytes()[: min(cut, end - 1)])
    with pytest.raises(InputError, match=r"torn\.gguf: not a sound GGUF file"):
        read_header(torn)


@given(place=some.integers(0, 300), byte=some.integers(0, 255))
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_changed_byte_is_read_or_refused_and_never_crashes(small_gguf, place, byte):
    content = bytearray(small_gguf.read_bytes())
    content[place % len(content)] = byte
    changed = small_gguf.with_name("changed.gguf")
    changed.write_bytes(content)
    try:
        read_header(changed)
    except InputError as refusal:
        assert refusal.exit_status == 3
