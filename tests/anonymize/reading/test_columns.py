"""The names of the columns that a table in text offers."""

from pathlib import Path

import pytest

from anonymize.errors import SourceError
from anonymize.reading.columns import columns_of
from anonymize.reading.source import Source, read


@pytest.mark.parametrize(
    ("header", "columns", "delimiter"),
    [
        ('id,"本文\n(内容)",label', ("id", "本文\n(内容)", "label"), ""),
        ('id;"a, b, c, d";label', ("id", "a, b, c, d", "label"), ";"),
        ('id,"say ""x;y;z""\n;;;",label', ("id", 'say "x;y;z"\n;;;', "label"), ""),
        ("id\ttext", ("id", "text"), "\t"),
        ("番号,備考", ("番号", "備考"), ""),
    ],
)
def test_the_header_is_read_as_the_rows_are(
    tmp_path: Path, header: str, columns: tuple[str, ...], delimiter: str
) -> None:
    file = tmp_path / "a.csv"
    row = (delimiter or ",").join(str(number) for number in range(len(columns)))
    file.write_bytes(f"{header}\n{row}\n".encode())
    assert columns_of(file) == ("csv", columns, delimiter)
    (record,) = read(Source(file, columns, delimiter=delimiter))
    assert list(record.columns.values()) == row.split(delimiter or ",")  # type: ignore[union-attr]


def test_a_header_whose_quote_is_never_closed_is_a_source_error_without_its_text(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text('id,"佐藤\n' + "1,田中\n" * 2_000, encoding="utf-8")
    with pytest.raises(SourceError, match="cannot be read") as caught:
        columns_of(file)
    assert "佐藤" not in str(caught.value) + caught.value.hint


def test_an_empty_table_has_no_columns(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("")
    assert columns_of(file) == ("csv", (), "")
