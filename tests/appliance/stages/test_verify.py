"""Which variant ships, on real ones of a model whose weights do not go into 4 bits; and the general text."""

import json
import shutil

import pytest
import torch
from transformers import LlamaForCausalLM

from appliance.base_model.loading import load_tokenizer
from appliance.core.errors import InputError
from appliance.core.events import EventLog
from appliance.core.purpose import CostSettings
from appliance.core.reasons import told
from appliance.core.reporting import Reporter
from appliance.core.sections import EvaluateSettings, ExportSettings, TrainSettings, VerifySettings
from appliance.core.store import Artifact, Draft, Strongroom
from appliance.stages import cost, evaluate, export, train, verify
from appliance.stages.verify import general_pieces
from appliance.training.examples import Example, write_examples

OUTLIERS = 16  # times as large: in every block of 32 weights two, and 4 bits have no step left for the others
TRAINING = TrainSettings(
    epochs=20, learning_rate=3e-3, rank=8, alpha=16, batch_size=8, threads=1, evaluate_every=50, valid_examples=4
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("stages")


@pytest.fixture(scope="module")
def run_stage(folder):
    """Return a function that runs a stage on the artifacts before it."""
    reporter = Reporter(EventLog(folder / "events.jsonl"), "test", lambda: False)
    artifacts: dict[str, Artifact] = {}

    def add(name: str, facts: dict) -> dict:
        artifacts[name] = Artifact(name, "", "", "clean", folder / name, facts, None)
        return facts

    def run(stage, settings) -> dict:
        name = stage.__name__.rpartition(".")[2]
        for made in (folder / name, folder / f"{name}-scratch"):
            made.mkdir()
        draft = Draft(folder / name, folder / f"{name}-scratch", None, Strongroom(folder / "none", b""))
        return add(name, stage.run(artifacts, settings, draft, reporter))

    for name in ("intake", "prepare"):
        add(name, {})
    return run


@pytest.fixture(scope="module")
def hard_to_round(make_tiny, folder):
    """A model with outliers among its weights, and a small task in two languages."""
    model = make_tiny(folder / "intake" / "model")
    weights = LlamaForCausalLM.from_pretrained(model)
    with torch.no_grad():
        for name, module in weights.named_modules():
            if name.endswith(("gate_proj", "up_proj", "o_proj")):
                module.weight[:, ::16] *= OUTLIERS
    weights.save_pretrained(model)
    (folder / "intake" / "intake_report.json").write_text(json.dumps({"grid": {"tensors": {}}}), encoding="utf-8")
    prepared = folder / "prepare"
    prepared.mkdir()
    told = [(f"{word} {number}", f"{word.upper()}!") for word in ("pump", "hose", "軸受け") for number in range(16)]
    examples = [Example(str(place), *pair) for place, pair in enumerate(told)]
    write_examples(examples[::2], prepared / "train.jsonl")
    write_examples(examples[1::2], prepared / "test.jsonl")
    (prepared / "task.json").write_text(
        json.dumps({"instruction": "N.", "max_tokens": 64, "kind": "line"}), encoding="utf-8"
    )
    (prepared / "canaries.jsonl").write_text("", encoding="utf-8")


@pytest.fixture(scope="module")
def verdict(hard_to_round, run_stage):
    """The verdict on the variants of a model that was trained a moment ago."""
    run_stage(train, TRAINING)
    run_stage(evaluate, EvaluateSettings(max_new_tokens=8))
    run_stage(export, ExportSettings(variants=("float", "int8", "int4")))
    return run_stage(verify, VerifySettings(parity_prompts=2))


@pytest.mark.slow
def test_where_int4_loses_what_training_brought_int8_ships_and_the_verdict_says_why(verdict):
    int8, int4 = (verdict["variants"][name] for name in ("int8", "int4"))
    assert verdict["chosen"] == "int8"
    assert int4["bytes"] < int8["bytes"]
    assert int4["retention"] < 0.9
    assert int8["retention"] > 0.99
    kept = f"{int4['retention']:.3f}"
    assert f"keeps {kept} of the adaptation, less than 0.950" in told(int4["reasons"], "en")
    assert f"適応の保持は {kept} で、0.950 に満たない" in told(int4["reasons"], "ja")


@pytest.mark.slow
@pytest.mark.parametrize("wanted", [True, False])
def test_the_cost_of_what_ships_is_measured_where_a_business_case_asks_for_it(verdict, run_stage, folder, wanted):
    for made in ("cost", "cost-scratch"):
        shutil.rmtree(folder / made, ignore_errors=True)
    done = run_stage(cost, CostSettings(requests=6, wanted=wanted))
    if not wanted:
        assert done == {"asked": False, "on": None, "requests": None, "training": None}
        return
    assert (done["on"], done["requests"]["model"], done["requests"]["seconds"]["samples"]) == ("studio", "int8", 6)
    assert done["training"]["seconds"] > 0
    target = folder / "target.json"
    target.write_text(json.dumps({**done["requests"], "model": "orders 1 (int8)"}), encoding="utf-8")
    for made in ("cost", "cost-scratch"):
        shutil.rmtree(folder / made)
    done = run_stage(cost, CostSettings(wanted=True, measured=target))
    assert (done["on"], done["requests"]["model"]) == ("target", "orders 1 (int8)")


@pytest.mark.parametrize("text", ["", "短い文です。", "A short text."])
def test_a_general_text_of_too_few_tokens_is_refused(tiny_folder, tmp_path, text):
    file = tmp_path / "general.txt"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"general\.txt: a general text of \d+ tokens is too short"):
        general_pieces(VerifySettings(general_text=file), load_tokenizer(tiny_folder))
