"""What is refused before a worker is started."""

import ast
import shutil
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

import pytest

from appliance import pipeline
from appliance.core.cipher import load_key
from appliance.core.errors import InputError, SettingsError
from appliance.core.extras import MARKERS
from appliance.core.language import spoken
from appliance.core.settings import parse_settings
from appliance.core.workspace import Workspace
from appliance.pipeline import PATH, STEPS, check_sources, works, works_of

RAW = {
    "run": {"name": "orders"},
    "ingest": {"file": "orders.csv", "columns": {"text": {"role": "text"}, "answer": {"role": "text"}}},
    "prepare": {"input": "text", "output": "answer"},
}
MODEL = {"path": "名前", "sha256": "", "labels": {"PER": "PERSON"}}


@pytest.mark.parametrize(
    ("section", "values", "missing"),
    [
        ("ingest", RAW["ingest"], "ingest.file"),
        ("verify", {"general_text": "一般.txt"}, "verify.general_text"),
        ("detect", {"vocabulary_file": "words.txt"}, "detect.vocabulary_file"),
        ("detect", {"local_models": [MODEL]}, "detect.local_models.path"),
    ],
)
def test_a_run_that_names_a_missing_file_is_refused(tmp_path: Path, section, values, missing) -> None:
    if section != "ingest":
        (tmp_path / "orders.csv").touch()
    settings = parse_settings({**RAW, section: values}, where="test", folder=tmp_path)
    with pytest.raises(InputError, match="no such file") as caught:
        check_sources(settings)
    assert caught.value.hint == f"correct {missing} in the settings"


def test_what_people_write_later_may_be_missing(tmp_path: Path) -> None:
    (tmp_path / "orders.csv").touch()
    later = {"review": {"decisions": "d"}, "residual": {"audit": "a"}, "compare": {"choices": "c"}}
    check_sources(parse_settings({**RAW, **later}, where="test", folder=tmp_path))


@pytest.mark.parametrize(
    ("columns", "asked", "shown"),
    [([], {}, 0), (["text"], {}, 0), (["answer", "text"], {}, 10), ([], {"examples": 3}, 3)],
)
def test_the_report_shows_text_of_records_only_where_it_leaves_anyway_or_is_asked_for(tmp_path, columns, asked, shown):
    raw = {**RAW, "bundle": {"index_columns": columns}, "explain": asked}
    settings = parse_settings(raw, where="test", folder=tmp_path)
    steps = {work.step.name: work.settings for work in works(settings, Path("key"), Path("key"))}
    assert steps["explain"].examples == shown


def test_the_training_is_told_to_the_step_that_repeats_it_and_only_where_it_is_on(tmp_path):
    for shares in ([], [0.25, 0.5]):
        settings = parse_settings({**RAW, "samples": {"shares": shares}}, where="test", folder=tmp_path)
        steps = {work.step.name: work.settings for work in works(settings, Path("key"), Path("key"))}
        assert steps["samples"].training == (settings.train if shares else None)
        assert steps["samples"].evaluating == (settings.evaluate if shares else None)


def test_a_student_is_a_step_of_those_runs_alone_that_ask_for_it(tmp_path):
    plain, asked = (
        {work.step.name: work for work in works(parse_settings(raw, where="", folder=tmp_path), Path("k"), Path("k"))}
        for raw in (RAW, {**RAW, "distil": {"layers": 24}})
    )
    assert tuple(plain) == STEPS
    assert asked.keys() - plain.keys() == {"distil"}
    assert not [name for name, work in plain.items() if "distil" in work.step.inputs]
    reading = {name for name, work in asked.items() if "distil" in work.step.inputs}
    assert reading == {"probe", "export", "gates", "report", "bundle"}
    assert asked["distil"].settings.training == asked["train"].settings
    same = [name for name, work in plain.items() if name not in reading]
    assert all(plain[name].step == asked[name].step for name in same)


@pytest.mark.parametrize("shares", [[0.5], [0.5, 0.25], [0.5, 0.5], [0.5, 1.0]])
def test_shares_that_make_no_curve_are_refused(tmp_path, shares):
    with pytest.raises(SettingsError, match=r"samples"):
        parse_settings({**RAW, "samples": {"shares": shares}}, where="test", folder=tmp_path)


@pytest.mark.parametrize(("named", "file"), [({}, "choices.jsonl"), ({"choices": "ours.jsonl"}, "ours.jsonl")])
def test_choices_lie_in_the_run_s_folder_or_where_the_settings_say_and_change_the_step(
    tmp_path: Path, named: dict, file: str
) -> None:
    settings = parse_settings({**RAW, "compare": named}, where="test", folder=tmp_path)
    workspace = Workspace(tmp_path)
    run = workspace.run("orders-1")
    run.folder.mkdir(parents=True)
    work = next(work for work in works_of(settings, workspace, run) if work.step.name == "compare")
    choices = (run.folder if not named else tmp_path) / file
    assert work.settings.choices == choices
    before = work.keyed()
    choices.write_text('{"pair": "p0", "by": "mk", "choice": "A"}\n', encoding="utf-8")
    assert work.keyed() != before


def imported(module: str) -> Iterator[str]:
    """Yield the modules of this project that a module imports; the core is in no key."""
    spec = find_spec(module)
    assert spec is not None and spec.origin is not None
    for node in ast.walk(ast.parse(Path(spec.origin).read_text(encoding="utf-8"))):
        if not isinstance(node, ast.ImportFrom) or node.module is None:
            continue
        if node.module.split(".")[0] in ("appliance", "anonymize", "quantize") and "appliance.core" not in node.module:
            is_package = bool((found := find_spec(node.module)) and found.submodule_search_locations)
            inner = [f"{node.module}.{name.name}" for name in node.names] if is_package else []
            yield from (name if find_spec(name) else node.module for name in inner or [node.module])


@pytest.mark.parametrize("step", PATH, ids=lambda step: step.name)
def test_the_key_of_a_step_covers_the_code_that_its_stage_takes_in(step) -> None:
    own = f"appliance.stages.{step.name}"
    left, reached = {own}, {own}
    while left:  # among stages, what a stage takes in takes in, too
        found = {name for name in imported(left.pop()) if name.startswith("appliance.stages.")}
        left |= found - reached
        reached |= found
    needed = {*imported(own), *reached}
    assert not {name for name in needed if not any(f"{name}.".startswith(f"{code}.") for code in (*step.code, own))}


PRIVATE = {**RAW, "train": {"privacy": {"epsilon": 8}}}


def test_a_private_run_is_refused_before_it_starts_where_the_accountant_is_missing(tmp_path, monkeypatch) -> None:
    (tmp_path / "orders.csv").touch()
    settings = parse_settings(PRIVATE, where="test", folder=tmp_path)
    check_sources(settings)
    monkeypatch.setitem(MARKERS, "dp", ("no_such_package",))
    with pytest.raises(SettingsError, match="no_such_package") as caught:
        check_sources(settings)
    assert caught.value.hint == "install adaptation-appliance[dp]"


def test_a_private_training_depends_on_the_secret_key_and_not_on_its_place(tmp_path) -> None:
    settings = parse_settings(PRIVATE, where="test", folder=tmp_path)
    keys = [tmp_path / name for name in ("one", "copy", "other")]
    load_key(keys[0])
    shutil.copy2(keys[0], keys[1])
    load_key(keys[2])
    told = []
    for key in keys:
        work = next(work for work in works(settings, tmp_path / "signing", key) if work.step.name == "train")
        assert work.settings.privacy.key == key
        told.append(work.keyed())
    assert told[0] == told[1] != told[2]
    assert str(tmp_path) not in str(told[0])


def test_a_private_training_depends_on_what_counts_its_budget(tmp_path, monkeypatch) -> None:
    settings = parse_settings(PRIVATE, where="test", folder=tmp_path)
    load_key(tmp_path / "key")
    train = next(work for work in works(settings, tmp_path / "s", tmp_path / "key") if work.step.name == "train")
    told = []
    for release in ("1.5.0", "1.6.0", "1.6.0"):
        monkeypatch.setattr(pipeline, "version", lambda _, release=release: release)
        told.append(train.keyed())
    assert told[0] != told[1] == told[2]
    monkeypatch.undo()
    assert train.keyed()["privacy"]["counted_by"] == [version("opacus"), version("scipy")]
    monkeypatch.setattr(pipeline, "version", _none_installed)
    assert train.keyed()["privacy"]["counted_by"] == ["", ""]


def _none_installed(package: str) -> str:
    raise PackageNotFoundError(package)


def test_a_training_without_privacy_depends_on_no_key(tmp_path) -> None:
    settings = parse_settings(RAW, where="test", folder=tmp_path)
    work = next(work for work in works(settings, tmp_path / "s", tmp_path / "none") if work.step.name == "train")
    assert work.keyed()["privacy"] is None


@pytest.mark.parametrize(("key", "value"), [("packing", True), ("sweep", [1e-3, 2e-3]), ("dropout", 0.1)])
def test_what_would_show_more_than_the_budget_counts_is_refused(tmp_path, key, value) -> None:
    with pytest.raises(SettingsError, match=key):
        parse_settings({**RAW, "train": {key: value, "privacy": {"epsilon": 8}}}, where="test", folder=tmp_path)


@pytest.mark.parametrize(("section", "asked"), [("bundle", {"index_columns": ["text"]}), ("explain", {"examples": 3})])
def test_text_of_records_does_not_leave_beside_a_model_that_was_trained_privately(tmp_path, section, asked) -> None:
    private = {**RAW, "train": {"privacy": {"epsilon": 8}}}
    with pytest.raises(SettingsError, match=f"{section}.{next(iter(asked))} lets records leave as text") as refused:
        parse_settings({**private, section: asked}, where="test", folder=tmp_path)
    assert "explain.examples = 0" in refused.value.message
    assert "文章のまま外へ出ます" in spoken("ja").say(refused.value.message)
    silent = parse_settings({**private, "bundle": {"index_columns": []}}, where="test", folder=tmp_path)
    explained = next(work for work in works(silent, tmp_path / "s", tmp_path / "n") if work.step.name == "explain")
    assert explained.settings.examples == 0
