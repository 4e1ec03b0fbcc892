"""The table of the factory task: a run that ended early and a training that gained nothing are told, not a crash."""

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts"))

from bench_maintnorm import SHARES, Recipe, evenly, sealed, variant_rows, write_run

from appliance.core.settings import load_settings
from appliance.core.workspace import Workspace
from appliance.service import run_of

LINE = {"id": "1", "company": "A", "input": "repl brg", "target": "replace bearing", "pairs": []}
SCORE = {"value": 0.5, "low": 0.4, "high": 0.6, "samples": 100}


def test_a_run_that_a_gate_ended_in_its_training_is_told(tmp_path):
    (tmp_path / "maintnorm").mkdir()
    for part in ("train", "val"):
        (tmp_path / "maintnorm" / f"{part}.jsonl").write_text(json.dumps(LINE), encoding="utf-8")
    config = write_run(tmp_path, tmp_path / "source", Recipe(1.0, 1e9, 0, SHARES))
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


def test_a_cut_down_run_learns_lines_of_the_whole_and_its_settings_are_those_of_the_full_one(tmp_path):
    assert list(evenly(list(range(20)), 4)) == [0, 5, 10, 15]
    assert list(evenly(list(range(3)), 0)) == [0, 1, 2]
    (tmp_path / "maintnorm").mkdir()
    for part in ("train", "val"):
        lines = "\n".join(json.dumps(LINE | {"id": str(number)}) for number in range(64))
        (tmp_path / "maintnorm" / f"{part}.jsonl").write_text(lines, encoding="utf-8")
    whole, cut = (write_run(tmp_path, tmp_path / str(lines), Recipe(3.0, 1e-3, lines, SHARES)) for lines in (0, 32))
    assert whole.read_text(encoding="utf-8") == cut.read_text(encoding="utf-8")
    counts = [len((file.parent / "maintnorm.csv").read_text(encoding="utf-8").splitlines()) for file in (whole, cut)]
    assert counts == [1 + 128, 1 + 32 + 4]
