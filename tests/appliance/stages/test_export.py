import json
import shutil
from pathlib import Path
from typing import get_args

from appliance.core.events import EventLog
from appliance.core.reporting import Reporter
from appliance.core.sections import ExportSettings, TrainSettings
from appliance.core.store import Artifact
from appliance.stages.export import beside, came_from, quantised
from appliance.training.adapter import add_adapter, save_adapter
from appliance.training.frozen_base import load_frozen
from quantize.export import export_float
from quantize.schemes import SCHEMES, SchemeName
from quantize.variants import NF4, Q4_0


def test_the_settings_name_every_scheme():
    assert ExportSettings().variants == ("float", *SCHEMES)
    assert get_args(SchemeName) == tuple(SCHEMES)


def test_a_scheme_on_the_grid_of_the_base_is_left_out_and_told(tiny_folder: Path, tmp_path: Path):
    whole = export_float(tiny_folder, tmp_path / "float")
    log, folders = EventLog(tmp_path / "events.jsonl"), {name: tmp_path / name for name in SCHEMES}
    made = list(quantised(whole, folders, (NF4, Q4_0), Reporter(log, "export", lambda: False)))
    assert [(variant.name, variant.kind) for variant in made] == [
        ("int8", "int8"),
        ("int8-64", "int8"),
        ("int4-64", "int4"),
    ]
    assert not (tmp_path / "int4").exists()
    assert "int4 is not made: the weights came from" in (tmp_path / "events.jsonl").read_text(encoding="utf-8")


def test_an_adapter_goes_beside_a_base_that_was_received_on_the_same_grid(tiny_folder: Path, tmp_path: Path):
    shutil.copytree(tiny_folder, tmp_path / "intake" / "model")
    report = json.dumps({"grid": {"tensors": {"Q4_0": 14}}})
    (tmp_path / "intake" / "intake_report.json").write_text(report, encoding="utf-8")
    settings = TrainSettings(grid="int4", rank=4)
    save_adapter(add_adapter(load_frozen(tiny_folder, "int4"), settings, 7), tmp_path / "train" / "adapter")
    inputs = {step: Artifact(step, "", "", "clean", tmp_path / step, {}, None) for step in ("intake", "train")}
    made = beside(inputs, tmp_path / "scratch", tmp_path / "int4", SCHEMES["int4"])
    assert (made.kind, made.folder) == ("int4", tmp_path / "int4")
    assert Q4_0 in came_from(inputs["intake"], "nf4")  # what is merged still keeps off that grid
