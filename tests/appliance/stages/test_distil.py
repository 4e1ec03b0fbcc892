"""A student of a small adapted model, really taught, exported and judged."""

import json

import pytest

from anonymize.proof.keyed_watchlist import KeyedWatchlist
from anonymize.replacing.keys import Key
from anonymize.replacing.originals import Original
from appliance.base_model.loading import load_tokenizer
from appliance.core.distil_section import DistilSettings
from appliance.core.errors import InputError, Interrupted
from appliance.core.hashing import folder_digests
from appliance.core.reasons import told
from appliance.core.sections import ExportSettings, ProbeSettings, VerifySettings
from appliance.stages import distil, export, probe, verify
from appliance.stages.anonymize import WATCHED
from appliance.stages.distil import DISTILLATION, TEACHING, student_of
from appliance.stages.probe import ATTACKS, SAFETY, STUDENT_SAFETY
from appliance.training.examples import tokenize_all
from appliance.training.task import read_task
from appliance.training.teaching import LESSONS, TOLD, row_digest

pytestmark = pytest.mark.slow

KEY = b"k" * 64
LIMITLESS = {"min_retention_int8": -1e9, "max_score_loss": 1, "max_general_perplexity": 1e9}


def _settings(run, **changes) -> DistilSettings:
    given = {"layers": 2, "epochs": 3, "rank": 16, "alpha": 32, "learning_rate": 3e-3, "teacher_share": 1.0}
    return DistilSettings(**{**given, "training": run.training, **changes})


@pytest.fixture(scope="module")
def taught(deep_run):
    """A run with a student of two of its four layers, which hears its teacher alone."""
    draft = deep_run.draft("distil")
    facts = distil.run(deep_run.inputs(), _settings(deep_run), draft, deep_run.reporter())
    return draft, deep_run.artifact("distil", facts)


def test_the_student_comes_nearer_to_its_teacher_and_beats_the_same_layers_untaught(taught):
    _, artifact = taught
    told = artifact.read_json(DISTILLATION)
    assert (len(told["kept"]), told["layers"]) == (2, 4)
    assert told["after"]["divergence"] < told["before"]["divergence"]
    assert told["after"]["loss"] < told["before"]["loss"]
    losses = [point["loss"] for point in told["curve"]]
    assert sum(losses[-4:]) < sum(losses[:4])
    assert told["parameters"]["student"] < told["parameters"]["teacher"]
    assert artifact.facts["planned"]["lessons_bytes"] > 0


def test_the_teacher_was_asked_about_the_prepared_examples_and_nothing_else(taught, deep_run):
    draft, _ = taught
    task = read_task(deep_run.artifact("prepare"))
    tokenizer = load_tokenizer(deep_run.folder / "intake" / "model")
    clean = {
        row.id: row_digest(row)
        for row in tokenize_all(task.train, tokenizer, task.instruction, task.max_tokens).rows
    }  # fmt: skip
    asked = json.loads((draft.folder / TEACHING / TOLD).read_text(encoding="utf-8"))["rows"]
    assert {row["id"]: row["sha256"] for row in asked} == clean


def test_a_student_that_was_stopped_is_the_same_and_its_teacher_is_not_asked_again(taught, deep_run):
    draft, _ = taught
    again, asked = deep_run.draft("distil-again"), iter([*[False] * 9, True])
    with pytest.raises(Interrupted, match="stopped after step"):
        distil.run(
            deep_run.inputs(), _settings(deep_run), again, deep_run.reporter(lambda: next(asked, True))
        )  # fmt: skip
    lessons = (again.scratch / TEACHING / LESSONS).stat()
    facts = distil.run(deep_run.inputs(), _settings(deep_run), again, deep_run.reporter())
    assert facts["resumed_from"] > 0
    assert (again.scratch / TEACHING / LESSONS).stat().st_mtime_ns == lessons.st_mtime_ns
    assert folder_digests(again.folder) == folder_digests(draft.folder)


def test_a_student_as_deep_as_its_teacher_is_refused(deep_run):
    with pytest.raises(InputError, match="not smaller than its teacher of 4") as caught:
        distil.run(deep_run.inputs(), _settings(deep_run, layers=4), deep_run.draft("deep"), deep_run.reporter())
    assert "[distil]" in caught.value.hint


@pytest.fixture(scope="module")
def judged(taught, deep_run):
    """Return a function that judges the variants of the run by limits."""
    inputs = {**deep_run.inputs(), "distil": taught[1]}
    report = {"grid": {"tensors": {}}}
    (deep_run.folder / "intake" / "intake_report.json").write_text(json.dumps(report), encoding="utf-8")
    exported = export.run(
        inputs, ExportSettings(variants=("int8",)), deep_run.draft("export"), deep_run.reporter()
    )  # fmt: skip
    assert list(exported["bytes"]) == ["float", "int8", "student-int8"]
    inputs["export"] = deep_run.artifact("export", exported)

    def judge(**limits):
        draft = deep_run.draft("verify")
        return verify.run(inputs, VerifySettings(parity_prompts=2, **limits), draft, deep_run.reporter())

    return judge


def test_the_smaller_student_ships_where_it_keeps_the_limits_and_else_is_refused_with_what_it_lost(judged):
    loose = judged(**LIMITLESS)
    assert loose["chosen"] == "student-int8"
    student, whole = (loose["variants"][name] for name in ("student-int8", "int8"))
    assert student["bytes"] < whole["bytes"]
    assert student["retention"] < whole["retention"]
    between = (student["retention"] + whole["retention"]) / 2
    strict = judged(**{**LIMITLESS, "min_retention_int8": between})
    refused = strict["variants"]["student-int8"]
    assert strict["chosen"] == "int8"
    assert not refused["passed"]
    kept = f"{refused['retention']:.3f}"
    assert told(refused["reasons"], "en") == f"keeps {kept} of the adaptation, less than {between:.3f}"
    assert told(refused["reasons"], "ja") == f"適応の保持は {kept} で、{between:.3f} に満たない"


def test_the_student_is_attacked_as_the_adapted_model_is(taught, deep_run):
    watched = KeyedWatchlist.of(Key(KEY), [Original("<X>", "PERSON", "田中太郎")]).to_json()
    (deep_run.folder / "anonymize" / WATCHED).write_text(json.dumps(watched), encoding="utf-8")
    key = deep_run.folder / "key"
    key.write_bytes(KEY)
    key.chmod(0o600)
    inputs = {**deep_run.inputs(), "anonymize": deep_run.artifact("anonymize")}
    found = []
    for name, more in (("probe-alone", {}), ("probe", {"distil": taught[1]})):
        draft = deep_run.draft(name)
        settings = ProbeSettings(rows=8, prefixes=2, key=key)
        found.append((draft.folder, probe.run({**inputs, **more}, settings, draft, deep_run.reporter())))
    (alone, without), (both, facts) = found
    assert not (alone / STUDENT_SAFETY).exists()
    assert (alone / SAFETY).read_bytes() == (both / SAFETY).read_bytes()
    assert facts == {**without, "student": facts["student"]}
    student = json.loads((both / STUDENT_SAFETY).read_text(encoding="utf-8"))
    adapted = json.loads((both / ATTACKS).read_text(encoding="utf-8"))
    assert student.keys() == {*without, "attacks"}
    assert len(student["attacks"]["loss"]["members"]) == len(adapted["loss"]["members"]) == 8
    assert student["attacks"]["loss"] != adapted["loss"]


def test_what_is_exported_is_what_was_taught(judged, taught, deep_run):
    student = student_of({**deep_run.inputs(), "distil": taught[1]})
    rows = json.loads((taught[0].folder / DISTILLATION).read_text(encoding="utf-8"))
    assert student.num_parameters() == rows["parameters"]["student"]
