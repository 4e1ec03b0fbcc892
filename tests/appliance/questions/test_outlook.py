"""What a run will need, told before it is started."""

import json
from pathlib import Path

import pytest

from appliance.core.cipher import load_key
from appliance.core.runner import recipe_of
from appliance.core.sections import ExportSettings, TrainSettings
from appliance.core.settings import Settings, parse_settings
from appliance.core.store import Store
from appliance.core.workspace import Workspace
from appliance.pipeline import STEPS, works_of
from appliance.questions.outlook import VARIANT_BYTES, disk_needed, outlook
from appliance.release.publishing import own_keys


@pytest.fixture
def settings(tmp_path: Path, tiny_folder: Path) -> Settings:
    """A run on a tiny model."""
    (tmp_path / "orders.jsonl").write_text(json.dumps({"text": "軸受け", "answer": "bearing"}), encoding="utf-8")
    raw = {
        "run": {"name": "orders"},
        "intake": {"path": str(tiny_folder)},
        "ingest": {"file": "orders.jsonl", "columns": {"text": {"role": "text"}, "answer": {"role": "text"}}},
        "prepare": {"input": "text", "output": "answer"},
    }
    return parse_settings(raw, where="test", folder=tmp_path)


def test_of_a_finished_run_every_step_is_reused(settings: Settings, tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "w")
    run = workspace.run("orders-12345678")
    store = Store(workspace.root)
    own_keys(workspace.keys)
    load_key(workspace.pseudonym_key)
    digests: dict[str, str] = {}
    for work in works_of(settings, workspace, run):
        recipe = recipe_of(work, digests)
        draft = store.draft(recipe)
        draft.write_json("result.json", work.step.name)
        digests[work.step.name] = store.seal(recipe, draft, {}).digest
    told = outlook(settings, workspace, run, [])
    assert told.reused == STEPS
    assert (told.disk_needed, told.memory_needed, told.seconds) == (0, 0, 0.0)


def test_the_disk_is_what_the_demo_was_measured_to_take(settings: Settings) -> None:
    parameters, intake, export, merged = 134_515_008, 541_641_947, 1_096_499_023, 540_000_000
    assert disk_needed(settings, parameters, STEPS) == pytest.approx(intake + export + merged, rel=0.02)
    assert disk_needed(settings, parameters, ["export"]) == pytest.approx(export + merged, rel=0.02)


@pytest.mark.parametrize("grid", ["nf4", "int4"])
def test_every_variant_that_is_made_takes_disk(settings: Settings, grid) -> None:
    settings = settings.model_copy(update={"train": TrainSettings(grid=grid)})
    needs = [
        disk_needed(settings.model_copy(update={"export": ExportSettings(variants=variants)}), 10**9, STEPS)
        for variants in (("int4",), ("int4", "int8", "int4-64"), ("int4", "int8", "int4-64", "int8-64"))
    ]
    assert needs == sorted(needs)
    assert needs[0] < needs[2]
    assert set(VARIANT_BYTES) == set(ExportSettings().variants)


def test_a_fresh_workspace_reuses_nothing_and_is_not_made(settings: Settings, tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "w")
    assert outlook(settings, workspace, workspace.run("orders-12345678"), []).reused == ()
    assert not workspace.root.exists()
