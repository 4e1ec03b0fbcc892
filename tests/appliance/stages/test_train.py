"""What the training refuses before its first step."""

import pytest
from transformers import LlamaConfig, LlamaForCausalLM

from appliance.core.errors import InputError
from appliance.core.sections import TrainSettings
from appliance.stages.train import loaded


def test_a_base_whose_rows_do_not_divide_into_blocks_is_refused_with_another_grid(tmp_path):
    config = LlamaConfig(
        vocab_size=64, hidden_size=48, intermediate_size=64, num_hidden_layers=1, num_attention_heads=2
    )
    LlamaForCausalLM(config).save_pretrained(tmp_path)
    with pytest.raises(InputError, match="rows of 48 weights do not divide into blocks of 32") as caught:
        loaded(tmp_path, TrainSettings(grid="int4"), "cpu")
    assert 'grid = "nf4"' in caught.value.hint
