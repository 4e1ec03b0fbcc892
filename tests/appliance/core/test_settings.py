"""What a run's TOML file may hold."""

import json
from pathlib import Path
from typing import get_args

import pytest

from anonymize.kinds import KNOWN_KINDS
from appliance.core.errors import SettingsError
from appliance.core.section import Section
from appliance.core.sections import Kind
from appliance.core.settings import Settings, load_settings, thaw

GOOD = """
[run]
name = "orders"
[ingest]
file = "orders.csv"
[ingest.columns]
raw = { role = "text" }
line = { role = "text" }
reporter = { role = "identifier", kind = "PERSON" }
[prepare]
input = "raw"
output = "line"
"""


def load(tmp_path: Path, text: str) -> Settings:
    (tmp_path / "run.toml").write_text(text, encoding="utf-8")
    return load_settings(tmp_path / "run.toml")


def test_a_relative_path_starts_at_the_settings_file(tmp_path: Path) -> None:
    assert load(tmp_path, GOOD).ingest.file == tmp_path / "orders.csv"


def test_every_path_of_every_section_starts_at_the_settings_file(tmp_path: Path) -> None:
    detect = '[detect]\nlocal_models = [{ path = "m", sha256 = "", labels = { PER = "PERSON" } }]\n'
    sections: dict[str, list[str]] = {}
    for name, field in Settings.model_fields.items():
        kinds = (field.annotation, *get_args(field.annotation))  # of a section that may be left out, several
        section = next(kind for kind in kinds if isinstance(kind, type) and issubclass(kind, Section))
        keys = [
            key for key, part in section.model_fields.items() if Path in (part.annotation, *get_args(part.annotation))
        ]
        if keys and name not in ("ingest", "detect"):
            sections[name] = keys
    text = (
        GOOD
        + detect
        + "".join(f"[{name}]\n" + "".join(f'{key} = "x"\n' for key in keys) for name, keys in sections.items())
    )
    settings = load(tmp_path, text)
    assert "verify" in sections
    for name, keys in sections.items():
        assert {getattr(settings.section(name), key) for key in keys} == {tmp_path / "x"}, name
    assert settings.detect.local_models[0].path == tmp_path / "m"


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (GOOD + "outptu = 'line'\n", "prepare.outptu is not a known key; did you mean 'output'"),
        (GOOD + "[trian]\nepochs = 1\n", "trian is not a known key; did you mean 'train'"),
        (GOOD.replace('"text" }', '"text", knd = "PERSON" }', 1), "did you mean 'kind'"),
        (GOOD + "max_tokens = 'many'\n", "prepare.max_tokens"),
        (GOOD.replace('input = "raw"', 'input = "rwa"'), "prepare.input = 'rwa' is not a text or label column"),
        (GOOD.replace('input = "raw"', 'input = "reporter"'), "prepare.input"),
        (GOOD.replace("PERSON", "PERSN"), "ingest.columns.reporter.kind"),
        (GOOD.replace("[ingest.columns]", 'id_column = "reporter"\n[ingest.columns]'), "identifies a person"),
        (GOOD + '[detect]\nvocabulary_column = "reporter"\n', "detect.vocabulary_column"),
        (GOOD + 'test_column = "prat"\n', "prepare.test_column = 'prat' is not a label column"),
        (GOOD + 'test_column = "line"\n', "prepare.test_column = 'line' is not a label column"),
        (
            GOOD + '[bundle]\nindex_columns = ["raw", "lnie"]\n',
            "bundle.index_columns = 'lnie' is not a text or label or identifier column",
        ),
        (GOOD.replace("identifier", "drop") + '[bundle]\nindex_columns = ["reporter"]\n', "bundle.index_columns"),
        (GOOD + 'kind = "lable"\n', "prepare.kind"),
        (
            GOOD + 'kind = "label"\n[purpose.kpi]\nmeasure = "exact_match"\ntarget = 0.8\n',
            "purpose.kpi.measure = 'exact_match' is not measured; of a task of the kind 'label' are known: accuracy",
        ),
        (GOOD + "[distil]\nlayer = 20\n", "distil.layer is not a known key; did you mean 'layers'"),
        (GOOD + '[distil]\n[export]\nvariants = ["float"]\n', "would not ship it"),
        (GOOD + "[run", "cannot be read as TOML"),
    ],
)
def test_a_wrong_setting_is_refused_with_its_place(tmp_path: Path, wrong: str, says: str) -> None:
    with pytest.raises(SettingsError, match=says.replace("[", r"\[")) as caught:
        load(tmp_path, wrong)
    assert caught.value.exit_status == 2


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"none\.toml"):
        load_settings(tmp_path / "none.toml")


def test_frozen_settings_do_not_depend_on_the_order_of_the_file(tmp_path: Path) -> None:
    head, tail = GOOD.split("[prepare]")
    assert load(tmp_path, "[prepare]" + tail + head).digest() == load(tmp_path, GOOD).digest()


def test_the_kinds_of_the_settings_are_those_that_are_looked_for() -> None:
    assert {*get_args(Kind)} == {*KNOWN_KINDS}


def test_a_private_training_is_not_repeated(tmp_path: Path) -> None:
    private = GOOD + "[train.privacy]\nepsilon = 8.0\n[samples]\nshares = [0.25, 0.5]\n"
    with pytest.raises(SettingsError, match="take one of them"):
        load(tmp_path, private)


def test_no_student_is_taught_what_was_learnt_privately(tmp_path: Path) -> None:
    load(tmp_path, GOOD + "[distil]\n")
    with pytest.raises(SettingsError, match=r"\[distil\] teaches a student the same examples without noise") as caught:
        load(tmp_path, GOOD + "[train.privacy]\nepsilon = 8.0\n[distil]\n")
    assert "take one of them" in caught.value.message


def test_a_run_without_a_student_is_the_run_that_it_was(tmp_path: Path) -> None:
    settings = load(tmp_path, GOOD)
    assert settings.distil is None
    assert "distil" not in json.loads(settings.frozen())
    assert thaw(settings.frozen()) == settings
    taught = load(tmp_path, GOOD + "[distil]\nlayers = 24\n")
    assert thaw(taught.frozen()) == taught != settings
