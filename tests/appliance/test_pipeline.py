"""What is refused before a worker is started."""

from pathlib import Path

import pytest

from appliance.core.errors import InputError
from appliance.core.settings import parse_settings
from appliance.pipeline import check_sources

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
