import json
from pathlib import Path

import pytest

from appliance.core.errors import InputError, IntegrityError
from appliance.core.events import EventLog
from appliance.core.reporting import Reporter
from appliance.core.sections import PrepareSettings, ProbeSettings
from appliance.core.store import Artifact, Draft, Strongroom
from appliance.stages import prepare, probe
from appliance.stages.anonymize import CLEAN
from appliance.stages.train import ROWS
from appliance.training.canaries import read_canaries

FITS = 160  # bytes are the tokens of the tests' tokenizer


def _artifact(step: str, folder: Path) -> Artifact:
    return Artifact(step, "", "", "clean", folder, {}, None)


def _prepare(tiny_folder: Path, folder: Path, max_tokens: int) -> Artifact:
    for name in ("intake", "anonymize", "prepare"):
        (folder / name).mkdir()
    (folder / "intake" / "model").symlink_to(tiny_folder)
    columns = ({"text": text, "fix": "ok"} for text in ("pump", "belt", "軸受", "hose", "弁", "fan"))
    lines = (json.dumps({"id": str(number), "columns": each}) for number, each in enumerate(columns))
    (folder / "anonymize" / CLEAN).write_text("\n".join(lines) + "\n", encoding="utf-8")
    inputs = {name: _artifact(name, folder / name) for name in ("intake", "anonymize")}
    settings = PrepareSettings(
        input="text", output="fix", max_tokens=max_tokens, test_share=0.5, canary_repeats=(1, 3), canaries=6
    )
    draft = Draft(folder / "prepare", folder, None, Strongroom(folder / "none", b""))
    prepare.run(inputs, settings, draft, Reporter(EventLog(folder / "events.jsonl"), "prepare", lambda: False))
    return _artifact("prepare", folder / "prepare")


def test_canaries_that_fit_are_planted(tiny_folder: Path, tmp_path: Path):
    planted = _prepare(tiny_folder, tmp_path, FITS)
    assert len(read_canaries(planted.folder / prepare.CANARIES)) == 18


def test_canaries_that_training_would_leave_out_are_refused_with_the_length_that_they_need(tiny_folder, tmp_path):
    with pytest.raises(InputError, match=r"of 18 canaries are longer than max_tokens = 60, the longest has") as caught:
        _prepare(tiny_folder, tmp_path, 60)
    assert "in [prepare]" in caught.value.hint


def test_nothing_is_probed_where_a_copy_of_a_canary_was_not_trained_on(tiny_folder: Path, tmp_path: Path):
    prepared = _prepare(tiny_folder, tmp_path, FITS)
    planted = read_canaries(prepared.folder / prepare.CANARIES)
    copies = [copy.id for canary in planted for copy in canary.copies()]
    (tmp_path / ROWS).write_text(json.dumps({"trained": ["0", "1", *copies[:-1]], "held_out": []}), encoding="utf-8")
    inputs = {"prepare": prepared, "train": _artifact("train", tmp_path)}
    draft = Draft(tmp_path, tmp_path, None, Strongroom(tmp_path / "none", b""))
    reporter = Reporter(EventLog(tmp_path / "events.jsonl"), "probe", lambda: False)
    with pytest.raises(IntegrityError, match=f"1 of {len(copies)} copies of canaries were not trained on"):
        probe.run(inputs, ProbeSettings(), draft, reporter)
