"""Every kind of task goes from clean records to a judged variant, on a tiny model that really learns."""

import json

import pytest

from anonymize.proof.keyed_watchlist import KeyedWatchlist
from anonymize.replacing.keys import Key
from anonymize.replacing.originals import Original
from appliance.core.events import EventLog
from appliance.core.reporting import Reporter
from appliance.core.sections import (
    CompareSettings,
    EvaluateSettings,
    ExportSettings,
    PrepareSettings,
    ProbeSettings,
    TrainSettings,
    VerifySettings,
)
from appliance.core.store import Artifact, Draft, Strongroom
from appliance.core.tasks import JUDGED
from appliance.release.publishing import REPORT
from appliance.stages import compare, evaluate, export, prepare, probe, train, verify
from appliance.stages.anonymize import CLEAN, WATCHED

pytestmark = pytest.mark.slow

MACHINES = ("pump", "motor", "fan", "ポンプ", "モーター", "弁")
FAULTS = {"leaks": "high", "油漏れ": "high", "noisy": "low", "異音": "low"}
ANSWERS = {
    "label": lambda machine, fault: FAULTS[fault],
    "json": lambda machine, fault: json.dumps({"machine": machine, "fault": fault}, ensure_ascii=False),
    "text": lambda machine, fault: f"{machine}: {fault}",
}
KEY = b"k" * 64


def _records(kind):
    for number in range(3):
        for machine in MACHINES:
            for fault in FAULTS:
                columns = {"text": f"{machine} {number} {fault}", "answer": ANSWERS[kind](machine, fault)}
                yield {"id": f"{machine}-{number}-{fault}", "columns": columns}


@pytest.fixture(scope="module", params=ANSWERS)
def finished(request, make_tiny, tmp_path_factory):
    """The kind, and the sealed results of every step from clean records to judged variants."""
    kind, folder = request.param, tmp_path_factory.mktemp(request.param)
    found = {}

    def made(step, write):
        (folder / step).mkdir()
        write(folder / step)
        found[step] = Artifact(step, "", step, "clean", folder / step, {}, None)

    def run(step, stage, settings):
        draft = Draft(folder / step, folder / f"{step}-scratch", None, Strongroom(folder / "none", b""))
        draft.scratch.mkdir()
        reporter = Reporter(EventLog(folder / "events.jsonl"), step, lambda: False)
        made(step, lambda _: stage.run(found, settings, draft, reporter))

    made("intake", lambda at: _write_intake(at, make_tiny))
    made("anonymize", lambda at: _write_clean(at, kind))
    (folder / "key").write_bytes(KEY)
    (folder / "key").chmod(0o600)
    (folder / "general.txt").write_text("The pump runs. ポンプは動く。" * 300, encoding="utf-8")
    run("prepare", prepare, PrepareSettings(input="text", output="answer", kind=kind, canary_repeats=(1,), canaries=6))
    run("train", train, TrainSettings(epochs=16, learning_rate=1e-2, rank=8, batch_size=8, valid_examples=4))
    run("evaluate", evaluate, EvaluateSettings(max_new_tokens=70))
    run("compare", compare, CompareSettings())
    run("probe", probe, ProbeSettings(rows=20, prefixes=5, key=folder / "key"))
    run("export", export, ExportSettings(variants=("int8",)))
    run("verify", verify, VerifySettings(general_text=folder / "general.txt", parity_prompts=2))
    return kind, found


def _write_intake(folder, make_tiny):
    make_tiny(folder / "model", tied=False)  # tied to a row of zeros, the end token could not be learnt
    (folder / REPORT).write_text(json.dumps({"grid": {"tensors": {}}}), encoding="utf-8")


def _write_clean(folder, kind):
    lines = (json.dumps(record, ensure_ascii=False) + "\n" for record in _records(kind))
    (folder / CLEAN).write_text("".join(lines), encoding="utf-8")
    watched = KeyedWatchlist.of(Key(KEY), [Original("<X>", "PERSON", "田中太郎")]).to_json()
    (folder / WATCHED).write_text(json.dumps(watched), encoding="utf-8")


def test_the_adapted_model_learns_the_form_of_the_answers_that_its_base_does_not_know(finished):
    kind, found = finished
    scores = found["evaluate"].read_json(evaluate.SCORES)
    primary = JUDGED[kind].primary
    assert scores["kind"] == kind
    assert scores["scores"].keys() == set(JUDGED[kind].contenders)
    gain = scores["gains"][0]
    assert (gain["against"], gain["slice"]) == ("base", "all")
    assert gain["value"] > 0.2
    assert scores["scores"]["adapted"][primary]["value"] > 0.3
    assert scores["scores"]["adapted"][primary]["samples"] == gain["samples"] > 5
    assert scores["gate"]["passed"] == (gain["low"] > 0)  # of so few lines the interval may hold zero


def test_every_variant_is_held_against_the_trained_model_by_the_primary_score(finished):
    kind, found = finished
    verdict = found["verify"].read_json(verify.VERDICT)
    trained = found["evaluate"].read_json(evaluate.SCORES)["scores"]["adapted"]
    assert verdict["variants"].keys() == {"float", "int8"}
    for name in JUDGED[kind].measures:
        assert verdict["variants"]["float"][name] == trained[name]
    (reason,) = next(g["reasons"] for g in verdict["variants"]["float"]["gates"] if g["name"] == "score_loss")
    assert (reason["code"], reason["values"]["score"]) == ("score-change", JUDGED[kind].primary)
    assert reason["values"]["value"] == 0


def test_pairs_are_drawn_against_the_baseline_of_the_kind(finished):
    kind, found = finished
    assert found["compare"].read_json(compare.COMPARISON)["against"] == JUDGED[kind].baseline


def test_canaries_are_ranked_whatever_the_kind(finished):
    _, found = finished
    levels = found["probe"].read_json(probe.SAFETY)["canaries"]["levels"]
    assert [level["exposure"]["samples"] for level in levels] == [6, 6]
