import json
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from anonymize.errors import SourceError
from anonymize.reading.pieces import Limits
from anonymize.reading.source import Source, read
from anonymize.records import Quarantined, Record

Rows = list[Record | Quarantined]


def rows(where: Path | str, *columns: str, **changes: object) -> Rows:
    return list(read(Source(where, columns or ("text",), **changes)))  # type: ignore[arg-type]


def write(file: Path, content: str | bytes, encoding: str = "utf-8") -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return file


def texts(found: Rows, column: str = "text") -> list[str]:
    return [row.columns[column] for row in found if isinstance(row, Record)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp932", "euc-jp"])
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "id,text\n1,ポンプの停止\n"),
        ("a.tsv", "id\ttext\n1\tポンプの停止\n"),
        ("a.json", '[{"id": 1, "text": "ポンプの停止"}]'),
        ("a.jsonl", '{"id": 1, "text": "ポンプの停止"}\n'),
        ("a.txt", "ポンプの停止"),
        ("a.html", "<p>ポンプの<b>停止</b></p><!-- no -->"),
    ],
)
def test_text_is_read_in_every_encoding(tmp_path: Path, name: str, content: str, encoding: str) -> None:
    assert texts(rows(write(tmp_path / name, content, encoding))) == ["ポンプの停止"]


def test_iso_2022_jp_is_read_in_tables_and_text(tmp_path: Path, making) -> None:
    for name, content in (("a.csv", "text\nﾎﾟﾝﾌﾟ①停止\n"), ("a.json", '{"text": "ﾎﾟﾝﾌﾟ①停止"}'), ("a.txt", "ﾎﾟﾝﾌﾟ①停止")):
        assert texts(rows(write(tmp_path / name, making.iso2022jp(content)))) == ["ﾎﾟﾝﾌﾟ①停止"]


def test_a_folder_is_read_in_order_and_its_ids_hold_no_name_of_a_file(tmp_path: Path) -> None:
    write(tmp_path / "b" / "佐藤.txt", "二")
    write(tmp_path / "a.txt", "一")
    write(tmp_path / "c.csv", "text\n三\n四\n")
    found = rows(tmp_path, "text", "file_name")
    assert [row.id for row in found] == ["file-1", "file-2", "file-3-row-2", "file-3-row-3"]
    assert texts(found) == ["一", "二", "三", "四"]
    assert texts(found, "file_name") == ["a.txt", "b/佐藤.txt", "c.csv", "c.csv"]
    assert [row.place for row in found][1::2] == ["b/佐藤.txt", "c.csv row 3"]


def test_the_name_of_a_file_is_kept_only_where_it_is_wanted(tmp_path: Path) -> None:
    (row,) = rows(write(tmp_path / "佐藤.txt", "ポンプ"))
    assert row == Record("file-1", "佐藤.txt", {"text": "ポンプ"})


def test_everything_in_a_folder_is_accounted_for(tmp_path: Path) -> None:
    write(tmp_path / "a.txt", "ok")
    write(tmp_path / "b.zip", b"PK")
    write(tmp_path / "c.csv", "other\n1\n")
    write(tmp_path / "d.txt", "café", "latin-1")
    (tmp_path / "e.txt").symlink_to("/etc/passwd")
    (tmp_path / "f").symlink_to("/etc", target_is_directory=True)
    os.mkfifo(tmp_path / "g.txt")
    found = rows(tmp_path)
    reasons = [row.reason for row in found if isinstance(row, Quarantined)]
    assert [row.id for row in found] == [f"file-{number}" for number in range(1, 8)]
    assert reasons[:2] == ["a format that is not read", "no column 'text'"]
    assert "cannot be told" in reasons[2]
    assert reasons[3:] == ["a link; links are not followed"] * 2 + ["no regular file"]


def test_a_file_that_breaks_off_in_a_folder_ends_itself_only(tmp_path: Path) -> None:
    write(tmp_path / "a.json", '[{"text": "一"}, {"te')
    write(tmp_path / "b.txt", "二")
    found = rows(tmp_path)
    assert [row.id for row in found] == ["file-1-row-1", "file-1", "file-2"]
    assert found[1].place == "a.json behind row 1"


def test_a_file_of_a_folder_that_holds_no_record_is_told(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", "text\n")
    write(tmp_path / "b.json", "[]")
    write(tmp_path / "c.txt", "一")
    found = rows(tmp_path)
    assert found[:2] == [
        Quarantined("file-1", "a.csv", "holds no record"),
        Quarantined("file-2", "b.json", "holds no record"),
    ]
    assert texts(found) == ["一"]


def test_an_id_that_two_files_share_is_refused_without_telling_it(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", "id,text\nsato,a\n")
    write(tmp_path / "b.jsonl", '{"id": "sato", "text": "b"}')
    with pytest.raises(SourceError, match=r"b\.jsonl row 1 has the same 'id' as row 2") as caught:
        rows(tmp_path, id_column="id")
    assert "sato" not in caught.value.message


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"columns": ()}, "needs the columns"),
        ({"columns": ("text", "text")}, "each once"),
        ({"format": "docm"}, "no format 'docm'"),
        ({"encoding": "klingon"}, "not an encoding"),
        ({"encoding": "base64"}, "not an encoding"),
        ({"id_column": "id"}, "no id column"),
        ({"columns": ("text", "subject")}, "no column 'subject'"),
        ({"where": Path("/nowhere/a.csv")}, "no such file"),
        ({"where": Path("/nowhere/佐藤")}, "no such file"),
    ],
)
def test_a_source_that_is_declared_wrongly_is_refused(tmp_path: Path, changes: dict[str, object], told: str) -> None:
    plain = {"where": write(tmp_path / "a.txt", "x"), "columns": ("text",)} | changes
    with pytest.raises(SourceError, match=told):
        list(read(Source(**plain)))  # type: ignore[arg-type]


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="holds no file"):
        rows(tmp_path)


def test_a_text_beyond_the_limit_is_quarantined(tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", '{"text": "123456"}\n{"text": "12345"}\n')
    found = rows(tmp_path / "a.jsonl", limits=Limits(text_chars=5))
    assert [type(row) for row in found] == [Quarantined, Record]


def test_keys_of_nested_json_stand_beside_their_values(tmp_path: Path) -> None:
    order = {"text": {"佐藤": {"phone": "090-0000-1234", "mail": ["a@b.jp", None]}, "done": True}, "other": 1}
    found = rows(write(tmp_path / "a.json", json.dumps(order)))
    assert texts(found) == ["佐藤: phone: 090-0000-1234\n佐藤: mail: a@b.jp\n佐藤: mail:\ndone: true"]


def test_numbers_of_json_stay_as_they_are_written(tmp_path: Path) -> None:
    content = '{"text": 1.10}\n{"text": 1e999}\n{"text": ' + "9" * 5_000 + "}\n"
    assert texts(rows(write(tmp_path / "a.jsonl", content))) == ["1.10", "1e999", "9" * 5_000]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"text": ', "no JSON"),
        ("[1]", "no JSON object"),
        ('{"text": 1, "text": 2}', "a column that stands twice"),
        ('{"text": ' + '{"a":' * 100 + "1" + "}" * 101, "nested too deep"),
        ('{"text": ' + "[" * 100_000, "nested too deep"),
        ('{"text": "\\ud83d"}', "characters that are none"),
    ],
)
def test_a_broken_line_is_quarantined_and_the_next_is_read(tmp_path: Path, line: str, reason: str) -> None:
    found = rows(write(tmp_path / "a.jsonl", f'{line}\n\n{{"text": "次"}}\n'))
    assert found == [Quarantined("row-1", "a.jsonl row 1", reason), Record("row-3", "a.jsonl row 3", {"text": "次"})]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ('[{"text": 1}', "ends inside"),
        ('[{"text": 1} {"text": 2}]', "no comma"),
        ('[{"text": 1}] x', "behind the end"),
        ('{"text": tru', "no JSON"),
        ("[" * 100_000, "nested too deep"),
        ('{"txt": 1}', "no object has 'text'"),
    ],
)
def test_a_json_file_that_stops_being_json_is_refused(tmp_path: Path, content: str, told: str) -> None:
    with pytest.raises(SourceError, match=told):
        rows(write(tmp_path / "a.json", content))


def test_objects_longer_than_a_window_and_rows_under_a_key_are_read(tmp_path: Path) -> None:
    long = "ポ" * 200_000
    array = json.dumps([{"text": long}, {"text": 1}, {"text": long}], ensure_ascii=False)
    assert texts(rows(write(tmp_path / "a.json", array))) == [long, "1", long]
    assert texts(rows(write(tmp_path / "b.json", '{"n": 2, "rows": [{"text": 1}, {"text": 2}]}'), table="rows")) == [
        "1",
        "2",
    ]


def test_markup_keeps_what_it_cannot_resolve(tmp_path: Path) -> None:
    content = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><r>前&e;後 a &lt; b <![CDATA[<佐藤>]]></r>'
    (text,) = texts(rows(write(tmp_path / "a.xml", content)))
    assert "前&e;後 a < b" in text
    assert "<佐藤>" in text


@pytest.mark.timeout(5)
@pytest.mark.parametrize("opening", ["<", "<!--", "<![CDATA[", "<script>", "<a ", '<a "', "&#", "</"])
def test_markup_that_never_closes_takes_no_time(tmp_path: Path, opening: str) -> None:
    assert len(rows(write(tmp_path / "a.html", opening * 100_000))) == 1


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Path]:
    file = tmp_path / "plant.db"
    connection = sqlite3.connect(file)
    connection.execute("create table orders (id integer, text text, secret text)")
    connection.executemany("insert into orders values (?, ?, 's')", [(1, "12:30 停止"), (2, None), (3, b"\xff")])
    connection.commit()
    connection.close()
    yield file


def test_a_table_of_sqlite_is_read_with_what_cannot_be_text_quarantined(database: Path) -> None:
    found = rows(f"sqlite:///{database}", table="orders", id_column="id")
    assert found == [
        Record("1", "orders row 1", {"text": "12:30 停止"}),
        Record("2", "orders row 2", {"text": ""}),
        Quarantined("row-3", "orders row 3", "bytes that are no UTF-8"),
    ]


def test_a_query_with_colons_and_percent_signs_is_run_as_it_stands(database: Path) -> None:
    query = "select text from orders where text like '%12:30%'"
    assert texts(rows(f"sqlite:///{database}", query=query)) == ["12:30 停止"]


@pytest.mark.parametrize(
    "query", ["delete from orders", "drop table orders", "pragma journal_mode = wal", "select nothing"]
)
def test_a_query_cannot_change_the_database(database: Path, query: str) -> None:
    before = database.read_bytes()
    with pytest.raises(SourceError):
        rows(f"sqlite:///{database}", query=query)
    assert database.read_bytes() == before


def test_a_database_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no such database file"):
        rows(f"sqlite:///{tmp_path / 'new.db'}", table="orders")
    assert not (tmp_path / "new.db").exists()


def test_a_wrong_table_and_a_wrong_column_are_told(database: Path) -> None:
    with pytest.raises(SourceError, match="no such table"):
        rows(f"sqlite:///{database}", table="order")
    with pytest.raises(SourceError, match="no column 'txt'"):
        rows(f"sqlite:///{database}", "txt", table="orders")


@pytest.mark.parametrize("url", ["postgresql://sato:s3cret@127.0.0.1:1/x", "mysql://sato:s3cret@host/x", "sato:s3cret"])
def test_the_password_of_a_database_is_in_no_error(url: str) -> None:
    source = Source(url, ("text",), table="orders")
    with pytest.raises(SourceError) as caught:
        list(read(source))
    shown = f"{caught.value.message} {caught.value.hint} {caught.value.__cause__} {source!r}"
    assert "s3cret" not in shown
    assert "sato" not in shown


def test_letters_that_a_program_escaped_are_read_as_letters(tmp_path: Path) -> None:
    cell = json.dumps({"担当": "田中太郎", "note": "\u00a0ok"})
    found = rows(write(tmp_path / "a.csv", "text\n" + '"' + cell.replace('"', '""') + '"\n'))
    assert texts(found) == ['{"担当": "田中太郎", "note": "\\u00a0ok"}']
