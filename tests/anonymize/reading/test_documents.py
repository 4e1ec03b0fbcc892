import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pypdf
import pytest

from anonymize.errors import SourceError
from anonymize.reading.pieces import Limits
from anonymize.reading.source import Source, read
from anonymize.records import Quarantined, Record

Rows = list[Record | Quarantined]
SMALL = Limits(memory_bytes=1 << 30, cpu_seconds=5, wall_seconds=10)


def rows(where: Path, *columns: str, **changes: object) -> Rows:
    return list(read(Source(where, columns or ("text",), **{"limits": SMALL} | changes)))  # type: ignore[arg-type]


def only(where: Path, *columns: str, **changes: object) -> dict[str, str]:
    (row,) = rows(where, *columns, **changes)
    assert isinstance(row, Record), row.reason
    return dict(row.columns)


def reason(where: Path, *columns: str, **changes: object) -> str:
    (row,) = rows(where, *columns, **changes)
    assert isinstance(row, Quarantined)
    return row.reason


# workbooks


def test_cells_are_read_as_they_are_written(tmp_path: Path, making) -> None:
    sheet = making.row(1, "text", "n", "day", "extra") + making.row(2, "軸受", "=90.0", "#45000", "x")
    assert only(making.xlsx(tmp_path / "a.xlsx", {"S": sheet}), "text", "n", "day") == {
        "text": "軸受",
        "n": "90",
        "day": "2023-03-15",
    }


def test_hidden_sheets_are_read_and_a_sheet_without_the_columns_is_told(tmp_path: Path, making) -> None:
    one, two = making.row(1, "text") + making.row(2, "一"), making.row(1, "text") + making.row(2, "二")
    file = making.xlsx(tmp_path / "a.xlsx", {"A": one, "B": two, "C": making.row(1, "note")}, hidden="B")
    found = rows(file)
    assert [row.id for row in found] == ["sheet-1-row-2", "sheet-2-row-2", "sheet-3-row-1"]
    assert isinstance(found[2], Quarantined)
    assert rows(file, sheet="B") == [Record("sheet-2-row-2", "a.xlsx sheet 2 row 2", {"text": "二"})]


def test_rows_of_a_sheet_are_counted_as_the_program_shows_them(tmp_path: Path, making) -> None:
    sheet = making.row(3, "id", "text") + making.row(4, "1", "一") + making.row(6, "2", "二") + making.row(7, "", "三")
    found = rows(making.xlsx(tmp_path / "a.xlsx", {"S": sheet}), id_column="id")
    assert [row.place for row in found] == ["a.xlsx row 4", "a.xlsx row 6", "a.xlsx row 7"]
    assert found[2] == Quarantined("row-7", "a.xlsx row 7", "an empty id")


def test_a_missing_sheet_and_a_missing_column_are_refused(tmp_path: Path, making) -> None:
    file = making.xlsx(tmp_path / "a.xlsx", {"S": making.row(1, "佐藤", "remarks")})
    with pytest.raises(SourceError, match="no such sheet"):
        rows(file, sheet="T")
    with pytest.raises(SourceError, match=r"a\.xlsx: no column 'remark'; did you mean 'remarks'") as caught:
        rows(file, "remark")
    assert "佐藤" not in caught.value.message + caught.value.hint


# Parquet


def test_nested_values_times_and_broken_bytes_of_parquet(tmp_path: Path) -> None:
    table = pa.table(
        {
            "text": pa.array(["軸受".encode(), b"\xff", None]),
            "who": pa.array([{"name": "佐藤", "phones": ["1", "2"]}, None, None]),
            "extra": ["x", "y", "z"],
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")
    found = rows(tmp_path / "a.parquet", "text", "who")
    assert found == [
        Record("row-1", "a.parquet row 1", {"text": "軸受", "who": "name: 佐藤\nphones: 1\nphones: 2"}),
        Quarantined("row-2", "a.parquet row 2", "bytes that are no UTF-8"),
        Record("row-3", "a.parquet row 3", {"text": "", "who": ""}),
    ]


def test_a_parquet_bomb_is_refused_by_what_it_declares(tmp_path: Path) -> None:
    cells = pa.array(["x" * 20_000_000])
    pq.write_table(pa.table({"text": cells}), tmp_path / "a.parquet", compression="zstd", use_dictionary=False)
    assert (tmp_path / "a.parquet").stat().st_size < 50_000
    assert reason(tmp_path / "a.parquet") == "unpacks to more than 100 times its size"


def test_a_parquet_file_that_repeats_one_long_cell_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("anonymize.reading.isolation.GROWTH_FREE", 1 << 20)
    cells = pa.array(["x" * 100_000]).take(pa.array([0] * 300))
    pq.write_table(pa.table({"text": cells}), tmp_path / "a.parquet", use_dictionary=True)
    found = rows(tmp_path / "a.parquet")
    assert isinstance(found[-1], Quarantined)
    assert found[-1].reason == "gives more than 100 times its size"
    assert len(found) < 300


def test_a_truncated_parquet_is_quarantined(tmp_path: Path) -> None:
    pq.write_table(pa.table({"text": ["a"] * 1_000}), tmp_path / "a.parquet")
    content = (tmp_path / "a.parquet").read_bytes()
    for length in (len(content) // 2, len(content) - 4):
        (tmp_path / "a.parquet").write_bytes(content[:length])
        assert "damaged" in reason(tmp_path / "a.parquet")


# Word

TRACKED = (
    '<w:p><w:ins w:author="山田"><w:r><w:t>足した</w:t></w:r></w:ins>'
    '<w:del w:author="Tanaka"><w:r><w:delText>消した</w:delText></w:r></w:del></w:p>'
)
NESTED = "<w:tbl><w:tr><w:tc>{0}<w:tbl><w:tr><w:tc>{1}</w:tc></w:tr></w:tbl></w:tc><w:tc>{2}</w:tc></w:tr></w:tbl>"
BOX = (
    "<w:p><w:r><mc:AlternateContent><mc:Choice><w:txbxContent>{0}</w:txbxContent></mc:Choice>"
    "<mc:Fallback>{0}</mc:Fallback></mc:AlternateContent></w:r></w:p>"
)


def test_nothing_of_a_docx_is_lost(tmp_path: Path, making) -> None:
    say = making.paragraph
    body = say("本文") + TRACKED + NESTED.format(say("外"), say("内"), say("隣"))
    body += BOX.replace("<w:p>", '<w:p xmlns:mc="m">', 1).format(say("箱"))
    space = f'xmlns:w="{making.WORD}"'
    parts = {
        "word/header1.xml": f"<w:hdr {space}>{say('頭')}</w:hdr>",
        "word/footer1.xml": f"<w:ftr {space}>{say('足')}</w:ftr>",
        "word/footnotes.xml": f"<w:footnotes {space}><w:footnote>{say('注')}</w:footnote></w:footnotes>",
        "word/endnotes.xml": f"<w:endnotes {space}><w:endnote>{say('終')}</w:endnote></w:endnotes>",
        "word/comments.xml": f'<w:comments {space}><w:comment w:author="鈴木">{say("評")}</w:comment></w:comments>',
        "docProps/core.xml": "<p><creator>Sato Ken</creator></p>",
    }
    found = only(making.docx(tmp_path / "a.docx", body, parts), "text", "headers", "comments", "notes", "properties")
    assert found["text"].split() == ["本文", "足した消した", "外", "内", "隣", "箱"]
    assert found["headers"].split() == ["足", "頭"]
    assert found["notes"].split() == ["終", "注"]
    assert found["comments"].split() == ["評", "鈴木"]
    assert found["properties"].split("\n") == ["creator: Sato Ken", "山田", "Tanaka"]


ENTITY = '<!DOCTYPE d [<!ENTITY e SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize("comment", ["", "<!--" + "x" * 100_000 + "-->"])
def test_an_entity_does_not_make_text_vanish(tmp_path: Path, making, comment: str) -> None:
    file = making.docx(tmp_path / "a.docx", making.paragraph("前&e;後"), prologue=comment + ENTITY)
    assert reason(file) == "its XML has a DOCTYPE"


def test_an_entity_in_utf_16_does_not_pass(tmp_path: Path, making) -> None:
    part = (ENTITY + f'<w:d xmlns:w="{making.WORD}">&e;</w:d>').encode("utf-16")
    assert reason(making.docx(tmp_path / "a.docx", "", {"word/header1.xml": part})) == "its XML has a DOCTYPE"


@pytest.mark.parametrize("name", ["a.docx", "a.xlsx", "a.ods"])
def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path, making, name: str) -> None:
    file = making.docx(tmp_path / name, "", {"word/header1.xml": b" " * 20_000_000})
    assert reason(file) == "a part that unpacks to more than 100 times its size"


def test_a_zip_that_understates_its_sizes_is_stopped(tmp_path: Path, making) -> None:
    file = making.docx(tmp_path / "a.docx", making.paragraph("x"), {"word/header1.xml": b"<a/>" + b" " * 5_000_000})
    content = file.read_bytes().replace((5_000_004).to_bytes(4, "little"), (50_000).to_bytes(4, "little"))
    file.write_bytes(content)
    assert "damaged" in reason(file)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.docx", b"PK\x03\x04"),
        ("a.docx", b"\xd0\xcf\x11\xe0" + b"\0" * 600),
        ("a.xlsx", b"%PDF-1.4\n"),
        ("a.xls", b"\xd0\xcf\x11\xe0" + b"\0" * 600),
        ("a.ods", b""),
        ("a.pdf", b"%PDF-1.4\n"),
        ("a.parquet", b"PAR1"),
    ],
)
def test_rubbish_under_any_name_is_quarantined(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    assert reason(tmp_path / name)


def test_deep_xml_is_quarantined_or_read(tmp_path: Path, making) -> None:
    assert "damaged" in reason(making.docx(tmp_path / "a.docx", "<w:p>" * 50_000))


# PDF

PAGE = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Resources << {resources} >> {more} >>"
FONT = "/Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >>"


def pdf(file: Path, making, *pages: str, more: str = "", extra: dict[int, str] | None = None) -> Path:
    kids = " ".join(f"{number} 0 R" for number in range(10, 10 + len(pages)))
    objects = {
        1: f"<< /Type /Catalog /Pages 2 0 R {more} >>",
        2: f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
    }
    objects |= dict(enumerate(pages, start=10)) | {3: making.stream("BT /F 12 Tf 9 9 Td (Pump stopped) Tj ET")}
    objects |= {4: "<< /Author (Sato Ken) >>"} | (extra or {})
    return making.pdf(file, objects, info=4)


def test_text_annotations_fields_and_properties_of_a_pdf(tmp_path: Path, making) -> None:
    page = PAGE.format(resources=FONT, more="/Contents 3 0 R /Annots [5 0 R]")
    extra = {
        5: "<< /Type /Annot /Subtype /Text /Rect [0 0 9 9] /T (Tanaka) /Contents (call me) >>",
        6: "<< /FT /Tx /T (name) /V (Yamada) >>",
    }
    second = PAGE.format(resources=FONT, more="/Contents 3 0 R")
    file = pdf(tmp_path / "a.pdf", making, page, second, more="/AcroForm << /Fields [6 0 R] >>", extra=extra)
    first, other = rows(file, "text", "annotations", "fields", "properties")
    assert isinstance(first, Record)
    assert isinstance(other, Record)
    assert first.id == "page-1"
    assert dict(first.columns) == {
        "text": "Pump stopped",
        "annotations": "Tanaka\ncall me",
        "fields": "name: Yamada",
        "properties": "Author: Sato Ken",
    }
    assert dict(other.columns) == {"text": "Pump stopped", "annotations": "", "fields": "", "properties": ""}


def test_a_scan_is_quarantined_with_what_to_do(tmp_path: Path, making) -> None:
    picture = PAGE.format(resources="/XObject << /I 5 0 R >>", more="")
    extra = {5: "<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /Length 0 >>\nstream\n\nendstream"}
    found = rows(
        pdf(tmp_path / "a.pdf", making, PAGE.format(resources=FONT, more="/Contents 3 0 R"), picture, extra=extra)
    )
    assert [type(row) for row in found] == [Record, Quarantined]
    assert found[1] == Quarantined("page-2", "a.pdf page 2", "a scan: no text layer; run OCR first")


def test_a_pdf_with_a_password_is_quarantined(tmp_path: Path, making) -> None:
    writer = pypdf.PdfWriter(pdf(tmp_path / "a.pdf", making, PAGE.format(resources=FONT, more="/Contents 3 0 R")))
    writer.encrypt("secret", algorithm="RC4-128")
    writer.write(tmp_path / "b.pdf")
    assert reason(tmp_path / "b.pdf") == "is protected by a password"


def test_a_loop_of_pages_ends(tmp_path: Path, making) -> None:
    objects = {1: "<< /Type /Catalog /Pages 2 0 R >>", 2: "<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 2 >>"}
    assert reason(making.pdf(tmp_path / "a.pdf", objects))


# limits


@pytest.mark.slow
def test_a_parser_that_runs_out_of_memory_time_or_size_is_stopped(tmp_path: Path, making) -> None:
    body = "".join(making.paragraph(f"行{number} {number * 7919}") for number in range(70_000))
    file = making.docx(tmp_path / "a.docx", body)
    assert "memory" in reason(file, limits=Limits(memory_bytes=52 << 20))
    small = making.docx(tmp_path / "b.docx", making.paragraph("x"))
    assert reason(small, limits=Limits(wall_seconds=0.01)) == "takes longer than 0.01 s to read"
    assert "larger than 1,000 bytes" in reason(file, limits=Limits(file_bytes=1_000))
    assert "a text" in reason(file, limits=Limits(text_chars=1_000))


def test_records_that_are_no_longer_wanted_leave_no_process(tmp_path: Path, making) -> None:
    sheet = making.row(1, "text") + "".join(making.row(at, f"{at * 7919}") for at in range(2, 9_000))
    found = read(Source(making.xlsx(tmp_path / "a.xlsx", {"S": sheet}), ("text",)))
    assert isinstance(next(found), Record)
    found.close()  # type: ignore[attr-defined]
    children = Path("/proc/self/task").glob("*/children")
    assert not any(child.read_text().split() for child in children)


def test_a_zip_with_encrypted_parts_is_told(tmp_path: Path, making) -> None:
    file = making.docx(tmp_path / "a.docx", making.paragraph("x"))
    content = bytearray(file.read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    file.write_bytes(content)
    assert zipfile.is_zipfile(file)
    assert reason(file) == "is protected by a password"
