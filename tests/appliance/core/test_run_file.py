"""The TOML that New run writes: read back as it was meant, whatever a column is called."""

import tomllib
from importlib.resources import files
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance import service
from appliance.core.errors import SettingsError
from appliance.core.run_file import EMBEDDED_SHA256, EMBEDDED_SOURCE, Answers, ColumnAnswer, missing, run_toml
from appliance.core.tasks import TaskKind

COLUMNS = {
    "作業内容": ColumnAnswer("input"),
    "answer": ColumnAnswer("output"),
    "担当": ColumnAnswer("identifier", "PERSON"),
}
ANSWERS = Answers(name="orders", file="/data/作業.csv", columns=COLUMNS)


def test_what_was_answered_is_what_the_run_is_started_with(tmp_path: Path) -> None:
    file = service.write_run_file(tmp_path / "orders.toml", ANSWERS)
    settings = service.load_settings(file)
    assert settings == service.settings_of(ANSWERS)
    assert (settings.prepare.input, settings.prepare.output) == ("作業内容", "answer")
    assert settings.ingest.columns["担当"].kind == "PERSON"
    assert settings.review.policy == "person"


@pytest.mark.parametrize("task", get_args(TaskKind))
def test_the_kind_of_task_reaches_the_step_that_prepares(tmp_path: Path, task: TaskKind) -> None:
    file = service.write_run_file(tmp_path / "orders.toml", ANSWERS.answered("task", task))
    assert service.load_settings(file).prepare.kind == task


@given(st.text(min_size=1), st.text())
def test_any_text_stands_in_the_file_as_it_is(column: str, instruction: str) -> None:
    answers = Answers(file="x", instruction=instruction, columns={column: ColumnAnswer("label")})
    read = tomllib.loads(run_toml(answers))
    assert read["prepare"]["instruction"] == instruction
    assert list(read["ingest"]["columns"]) == [column]


def test_the_embedded_model_has_the_origin_that_the_demo_states() -> None:
    demo = tomllib.loads(files("appliance.demo").joinpath("demo.toml").read_text(encoding="utf-8"))["intake"]
    assert (demo["source"], demo["sha256"]) == (EMBEDDED_SOURCE, EMBEDDED_SHA256)


def test_input_and_output_are_one_column_each_and_what_is_missing_is_told() -> None:
    changed = ANSWERS.with_column("answer", ColumnAnswer("input"))
    assert changed.columns["作業内容"].use == "text"
    assert missing(changed) == ("output",)
    assert missing(Answers(columns={"a": ColumnAnswer("drop")})) == ("file", "input", "output", "kind")


def test_nothing_is_overwritten_and_nothing_refused_is_left(tmp_path: Path) -> None:
    target = tmp_path / "orders.toml"
    with pytest.raises(SettingsError, match=r"run\.name"):
        service.write_run_file(target, Answers(name="Name!", file="x", columns=COLUMNS))
    assert not target.exists()
    assert service.write_run_file(target, ANSWERS) == service.write_run_file(target, ANSWERS)
    with pytest.raises(SettingsError, match="there already"):
        service.write_run_file(target, ANSWERS.answered("epochs", 3.0))
