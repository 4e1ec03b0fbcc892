import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anonymize.errors import SourceError
from anonymize.reading.tables import LONG_ROW, ROW_CHARS, CsvSource, csv_rows
from anonymize.records import Quarantined, Record


def source(file: Path, content: bytes, **changes: object) -> CsvSource:
    file.write_bytes(content)
    values = {"encoding": "utf-8", "delimiter": ",", "id_column": "id", "columns": ("id", "text")} | changes
    return CsvSource(file, **values)  # type: ignore[arg-type]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "orders.csv"


def test_only_the_named_columns_are_kept(file: Path) -> None:
    rows = list(csv_rows(source(file, "id,salary,text\nA1,900,ポンプ停止\n".encode())))
    assert rows == [Record("A1", "orders.csv row 2", {"id": "A1", "text": "ポンプ停止"})]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "euc-jp"])
def test_japanese_encodings_are_read(file: Path, encoding: str) -> None:
    (row,) = csv_rows(source(file, "id,text\n1,軸受の摩耗\n".encode(encoding), encoding=encoding))
    assert isinstance(row, Record)
    assert row.columns["text"] == "軸受の摩耗"


def test_a_quoted_field_may_hold_delimiters_and_line_breaks(file: Path) -> None:
    rows = list(csv_rows(source(file, b'id,text\n1,"a, b\nc"\n2,d\n')))
    assert [row.columns["text"] for row in rows if isinstance(row, Record)] == ["a, b\nc", "d"]


def test_rows_are_numbered_where_no_id_column_is_named(file: Path) -> None:
    rows = list(csv_rows(source(file, b"id,text\n1,a\n1,b\n", id_column="")))
    assert [row.id for row in rows] == ["row-2", "row-3"]


@pytest.mark.parametrize(
    ("encoding", "row", "reason"),
    [
        ("utf-8", b"2,caf\xe9", "bytes that are not in the declared encoding"),
        ("cp932", b"2,pump\x81", "bytes that are not in the declared encoding"),
        ("utf-8", b"2,\xed\xa0\x80", "bytes that are not in the declared encoding"),
        ("utf-8", b"2,a,b", "3 fields, the header has 2"),
        ("utf-8", b"2", "1 fields, the header has 2"),
        ("utf-8", b" ,a", "an empty id"),
    ],
)
def test_a_row_that_cannot_be_read_is_quarantined_and_the_next_is_not(
    file: Path, encoding: str, row: bytes, reason: str
) -> None:
    rows = list(csv_rows(source(file, b"id,text\n1,a\n" + row + b"\n3,c\n", encoding=encoding)))
    assert [type(row) for row in rows] == [Record, Quarantined, Record]
    assert rows[1] == Quarantined("row-3", "orders.csv row 3", reason)


def test_a_nul_is_quarantined(file: Path) -> None:
    rows = list(csv_rows(source(file, b"id,text\n1,a\n2,b\0c\n3,d\n")))
    assert [type(row) for row in rows] == [Record, Quarantined, Record]


def test_a_stray_quote_costs_one_row(file: Path) -> None:
    rows = list(csv_rows(source(file, b'id,text\n1,"a"b\n2,c\n')))
    assert [type(row) for row in rows] == [Quarantined, Record]


def test_every_line_that_a_stray_quote_swallows_is_quarantined_and_later_places_are_right(file: Path) -> None:
    rows = list(csv_rows(source(file, b'id,text\n1,"open quote\n2,b\n3,"c"\n4,d\n')))
    assert [type(row) for row in rows] == [Quarantined] * 3 + [Record]
    assert [row.place for row in rows] == [f"orders.csv row {number}" for number in (2, 3, 4, 5)]


def test_lines_that_become_one_row_of_too_many_fields_are_quarantined_each(file: Path) -> None:
    rows = list(csv_rows(source(file, 'id,text\n1,"開く\n2,b","c"\n3,d\n'.encode())))
    assert [type(row) for row in rows] == [Quarantined, Quarantined, Record]
    assert rows[2].place == "orders.csv row 4"


def test_a_row_of_two_lines_with_wrong_bytes_is_one_row(file: Path) -> None:
    rows = list(csv_rows(source(file, b'id,text\n1,"a\n\xff"\n2,b\n')))
    assert [row.place for row in rows] == ["orders.csv row 2", "orders.csv row 3"]


def test_an_empty_line_is_a_row_without_a_record(file: Path) -> None:
    (row,) = csv_rows(source(file, b"id,text\n\n1,a\n\n"))
    assert row.place == "orders.csv row 3"


def test_no_line_behind_a_quote_that_is_never_closed_becomes_a_row(file: Path) -> None:
    content = (
        'id,text,label\nWO-0,正常,なし\nWO-1,"山田から電話、内容は次の通り\n田中太郎,携帯に折り返し,佐藤花子\n以上\n'
        "WO-2,ポンプ停止,漏れ\n"
    )
    rows = list(csv_rows(source(file, content.encode(), columns=("text", "label"))))
    assert [row.id for row in rows] == ["WO-0", "row-3", "row-4", "row-5", "row-6"]
    reasons = {row.reason for row in rows if isinstance(row, Quarantined)}
    assert len(reasons) == 1
    assert "line 3 and is never closed" in reasons.pop()


@pytest.mark.parametrize("cell", ['"5" pipe\nTaro,called,Hanako\nend"', '"山田 "から\n田中太郎,折り返し,佐藤花子\n"'])
def test_no_line_of_a_cell_with_an_unescaped_quote_becomes_a_row(file: Path, cell: str) -> None:
    content = f'id,text,label\nWO-1,{cell},leak\nWO-2,"停止",漏れ\nWO-3,a"b,漏れ\n'
    rows = list(csv_rows(source(file, content.encode(), columns=("text", "label"))))
    assert [row.id for row in rows] == ["row-2", "row-3", "row-4", "WO-2", "WO-3"]


def test_no_line_of_a_cell_whose_opening_quote_is_missing_becomes_a_row(file: Path) -> None:
    content = 'id,text,label\nWO-1,電話\n田中太郎,折り返し,佐藤花子\n以上",漏れ\nWO-2,"停止",漏れ\n'
    rows = list(csv_rows(source(file, content.encode(), columns=("text", "label"))))
    assert [row.id for row in rows] == ["row-2", "row-3", "row-4", "WO-2"]


def test_many_rows_of_too_few_fields_are_read_ahead_once(file: Path) -> None:
    begun = time.process_time()
    assert len(list(csv_rows(source(file, b"id,text\n" + b"1\n" * 40_000)))) == 40_000
    assert time.process_time() - begun < 5


def test_a_long_cell_is_one_record(file: Path) -> None:
    (one, two) = csv_rows(source(file, b'id,text\n1,"' + b"Taro,Hanako\n" * 20_000 + b'"\n2,b\n'))
    assert isinstance(one, Record)
    assert len(one.columns["text"]) == 240_000
    assert two.id == "2"


@pytest.mark.parametrize(("closing", "last"), [(b'"\n2,b\n', "2"), (b"2,b\n", "row-1026")])
def test_every_line_of_a_row_beyond_the_limit_is_quarantined(file: Path, closing: bytes, last: str) -> None:
    line = b"x" * (ROW_CHARS // 1_000) + b",y\n"
    rows = list(csv_rows(source(file, b'id,text\n1,"' + line * 1_024 + closing)))
    assert len(rows) == 1_026 - (last != "2")
    assert rows[-1].id == last
    reason = rows[0].reason if isinstance(rows[0], Quarantined) else ""
    assert reason == LONG_ROW if last == "2" else "line 2 and is never closed" in reason
    assert not any(isinstance(row, Record) for row in rows[:-1])


def test_rows_of_many_fields_over_several_lines_take_linear_time(file: Path) -> None:
    begun = time.process_time()
    rows = list(csv_rows(source(file, b'id,text\n1,"a\n' + b'b","c\n' * 40_000)))
    assert len(rows) == 40_001
    assert time.process_time() - begun < 5  # it took 90 s where lines were read again


def test_a_header_that_never_ends_is_a_source_error(file: Path) -> None:
    for content in (b'"id,text\n1,a\n', b'"id,text\n' + b"x" * (ROW_CHARS + 1) + b"\n2,b\n"):
        with pytest.raises(SourceError, match="header row cannot be read"):
            list(csv_rows(source(file, content)))


def test_a_missing_column_is_named_with_the_nearest_alone(file: Path) -> None:
    with pytest.raises(SourceError, match="no column 'remark'; did you mean 'remarks'") as caught:
        list(csv_rows(source(file, b"id,text,remarks\n1,a,b\n", columns=("remark",))))
    assert "3 columns" in caught.value.hint
    assert "text" not in str(caught.value) + caught.value.hint


def test_the_first_record_of_a_file_without_header_is_not_told(file: Path) -> None:
    content = "佐藤 健一,090-0000-1234,ポンプ停止\n前田 光一,03-0000-1234,軸受の摩耗\n".encode("cp932")
    with pytest.raises(SourceError, match="no column 'id'") as caught:
        list(csv_rows(source(file, content, encoding="cp932")))
    told = caught.value.message.removeprefix(str(file)) + caught.value.hint
    assert "3 columns" in told
    assert not any(value in told for value in ("佐藤", "健一", "090", "ポンプ"))


def test_a_column_that_stands_twice_is_refused(file: Path) -> None:
    with pytest.raises(SourceError, match="'text' 2 times"):
        list(csv_rows(source(file, b"id,text,text\n1,a,b\n")))


def test_a_missing_file_and_an_unknown_encoding_are_source_errors(file: Path) -> None:
    with pytest.raises(SourceError, match="no such file"):
        list(csv_rows(CsvSource(file, "utf-8", ",", "", ("a",))))
    with pytest.raises(SourceError, match="not an encoding and a delimiter"):
        list(csv_rows(source(file, b"id,text\n", encoding="klingon")))
    with pytest.raises(SourceError, match="not an encoding and a delimiter"):
        list(csv_rows(source(file, b"id,text\n", delimiter=";;")))


def test_a_source_that_cannot_be_opened_is_a_source_error(tmp_path: Path, file: Path) -> None:
    file.write_bytes(b"")
    loop = tmp_path / "loop.csv"
    loop.symlink_to(loop)
    for unreadable in (tmp_path, loop, file / "inside.csv"):
        with pytest.raises(SourceError, match="cannot be opened"):
            list(csv_rows(CsvSource(unreadable, "utf-8", ",", "", ("a",))))


def test_a_file_that_is_not_utf_16_is_a_source_error(file: Path) -> None:
    with pytest.raises(SourceError, match="is not utf-16"):
        list(csv_rows(source(file, b"id,text\n1,a\n", encoding="utf-16")))


def test_an_empty_file_names_the_missing_column(file: Path) -> None:
    with pytest.raises(SourceError, match="no column 'id'"):
        list(csv_rows(source(file, b"")))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(fields=st.lists(st.binary(max_size=12).filter(lambda b: not set(b) & set(b'",\r\n')), min_size=1, max_size=8))
def test_every_row_comes_out_once(file: Path, fields: list[bytes]) -> None:
    content = b"id,text\n" + b"".join(b"%d,%s\n" % (number, field) for number, field in enumerate(fields))
    assert len(list(csv_rows(source(file, content)))) == len(fields)


LINES = st.sampled_from(["{},a", '{},"a"', '{},"a""b"', '{},"open', '{},"a"b', "{},a,b", "{}", '{},軸受"', '"{}",停止'])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=120)
@given(lines=st.lists(LINES, min_size=1, max_size=8))
def test_every_line_is_in_a_record_or_quarantined(file: Path, lines: list[str]) -> None:
    numbered = [line.format(number) for number, line in enumerate(lines)]
    rows = list(csv_rows(source(file, ("id,text\n" + "\n".join(numbered) + "\n").encode())))
    inside = sum(row.columns["text"].count("\n") for row in rows if isinstance(row, Record))
    assert len(rows) + inside == len(lines)
