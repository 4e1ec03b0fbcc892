"""The table of the factory task: a run that ended early and a training that gained nothing are told, not a crash."""

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts"))

from bench_maintnorm import sealed, variant_rows, write_run

from appliance.core.settings import load_settings
from appliance.core.workspace import Workspace
from appliance.service import run_of

LINE = {"id": "1", "company": "A", "input": "repl brg", "target": "replace bearing", "pairs": []}
SCORE = {"value": 0.5, "low": 0.4, "high": 0.6, "samples": 100}


def test_a_run_that_a_gate_ended_in_its_training_is_told(tmp_path):
    (tmp_path / "maintnorm").mkdir()
    for part in ("train", "val"):
        (tmp_path / "maintnorm" / f"{part}.jsonl").write_text(json.dumps(LINE), encoding="utf-8")
    config = write_run(tmp_path, tmp_path / "source", 1.0, 1e9)
    workspace = Workspace(tmp_path / "w")
    run = run_of(load_settings(config), workspace)
    run.folder.mkdir(parents=True)
    run.events.write_text(json.dumps({"kind": "failed", "code": "gate"}) + "\n", encoding="utf-8")
    with pytest.raises(SystemExit, match="the run ended before prepare"):
        sealed(config, workspace.root)


def test_a_variant_of_a_training_that_gained_nothing_has_no_retention(capsys):
    told = {"int8": {"exact_match": SCORE, "retention": None}, "int4": {"exact_match": SCORE, "retention": 0.97}}
    measures = [row.measure for row in variant_rows(told)]
    assert measures == ["int8: exact match", "int4: exact match", "int4: retention"]
    assert "int8: no retention" in capsys.readouterr().err
