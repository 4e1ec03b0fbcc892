"""A first look at sources: encodings, columns, counts, kinds."""

import pytest

from anonymize.errors import SourceError
from anonymize.reading.columns import columns_of
from appliance.children.previewing import look

ROWS = "作業;担当;連絡先\n軸受け交換;佐藤 健一;090-1234-5678\n清掃;鈴木 花子;080-1111-2222\n"


@pytest.mark.slow
def test_a_japanese_export_is_told_with_its_delimiter_counts_and_kinds(tmp_path) -> None:
    file = tmp_path / "作業.csv"
    file.write_bytes(ROWS.encode("cp932"))
    first, counted, kinds = look(file)
    assert (first["encoding"], first["delimiter"], first["columns"]) == ("cp932", ";", ["作業", "担当", "連絡先"])
    assert (counted["records"], counted["filled"]["担当"], counted["samples"]["作業"]) == (2, 2, ["軸受け交換", "清掃"])
    assert kinds["whole"]["連絡先"] == "PHONE_NUMBER"
    assert kinds["kinds"]["担当"]["PERSON"] >= 1


@pytest.mark.parametrize(
    ("name", "text", "columns"),
    [
        ("a.tsv", "id\ttext\n1\tx\n", ("id", "text")),
        ("a.jsonl", '{"id": 1}\n{"text": "x"}\n', ("id", "text")),
        ("a.json", '[{"id": 1, "text": "x"}]', ("id", "text")),
        ("a.txt", "x", ("text", "file_name")),
    ],
)
def test_each_format_names_its_columns(tmp_path, name: str, text: str, columns: tuple[str, ...]) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert columns_of(tmp_path / name)[1] == columns


def test_the_columns_of_parquet_are_read_in_the_limited_process(tmp_path) -> None:
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    pq.write_table(pa.table({"id": [1], "作業": ["x"]}), tmp_path / "a.parquet")
    assert columns_of(tmp_path / "a.parquet")[1] == ("id", "作業")


@pytest.mark.parametrize(
    ("name", "content"), [("a.parquet", b"no"), ("a.json", b"{"), ("a.exe", b""), ("a.xlsx", b"no")]
)
def test_what_cannot_be_read_is_told_by_its_name(tmp_path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SourceError, match=name):
        columns_of(tmp_path / name)
