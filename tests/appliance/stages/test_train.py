"""What the training refuses and tells before its first step."""

import re

import pytest
from transformers import LlamaConfig, LlamaForCausalLM

from appliance.base_model.chat import TokenRow
from appliance.base_model.loading import load_dequantised
from appliance.core.errors import InputError
from appliance.core.events import EventLog, read_events
from appliance.core.reporting import Reporter
from appliance.core.sections import TrainSettings
from appliance.stages import train
from appliance.stages.train import loaded
from appliance.training.plan import TrainPlan


def test_a_base_whose_rows_do_not_divide_into_blocks_is_refused_with_another_grid(tmp_path):
    config = LlamaConfig(
        vocab_size=64, hidden_size=48, intermediate_size=64, num_hidden_layers=1, num_attention_heads=2
    )
    LlamaForCausalLM(config).save_pretrained(tmp_path)
    with pytest.raises(InputError, match="rows of 48 weights do not divide into blocks of 32") as caught:
        loaded(tmp_path, TrainSettings(grid="int4"), "cpu")
    assert 'grid = "nf4"' in caught.value.hint


def test_what_a_run_needs_is_told_by_the_clock_with_its_range_and_kept_in_work_too(tiny_folder, tmp_path):
    rows = tuple(TokenRow(str(number), (1, *range(5, 15 + number % 3), 2), 8) for number in range(8))
    plan = TrainPlan(rows[:6], rows[6:], TrainSettings(epochs=2, batch_size=2, rank=4), 7, "base")
    log = EventLog(tmp_path / "events.jsonl")
    facts = train._planned(load_dequantised(tiny_folder), plan, tmp_path, Reporter(log, "train", lambda: False))
    log.close()
    (note,) = read_events(tmp_path / "events.jsonl").events
    told = re.search(
        r"GB memory, (\d+) s \((\d+) to (\d+) at the load of now\), \d\.\d\d GB of disk", note.fields["message"]
    )
    seconds, low, high = map(int, told.groups())
    assert low <= seconds <= high
    assert set(facts) == {"memory_bytes", "seconds", "processor_seconds", "disk_bytes"}
