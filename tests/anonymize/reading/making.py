"""Make small documents, plain and hostile, for the tests of reading."""

import base64
import zipfile
from collections.abc import Mapping
from pathlib import Path

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
CELLS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def zip_of(file: Path, parts: Mapping[str, str | bytes]) -> Path:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as container:
        for name, content in parts.items():
            container.writestr(name, content)
    return file


def docx(file: Path, body: str, parts: Mapping[str, str | bytes] | None = None, prologue: str = "") -> Path:
    document = f'{prologue}<w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>'
    return zip_of(file, {"word/document.xml": document, **(parts or {})})


def paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def xlsx(file: Path, sheets: Mapping[str, str], *, hidden: str = "") -> Path:
    """`sheets` maps a name to rows of XML."""
    names = list(sheets)
    listed = "".join(_sheet(name, at, hidden) for at, name in enumerate(names, start=1))
    related = "".join(
        f'<Relationship Id="rId{at}" Type="{RELATIONS}/worksheet" Target="worksheets/sheet{at}.xml"/>'
        for at in range(1, len(names) + 1)
    )
    styles = f'<styleSheet xmlns="{CELLS}"><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>'
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r" '
        f'Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{CELLS}" xmlns:r="{RELATIONS}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">{related}'
        f'<Relationship Id="s" Type="{RELATIONS}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": styles,
    }
    for at, rows in enumerate(sheets.values(), start=1):
        parts[f"xl/worksheets/sheet{at}.xml"] = f'<worksheet xmlns="{CELLS}"><sheetData>{rows}</sheetData></worksheet>'
    return zip_of(file, parts)


def _sheet(name: str, at: int, hidden: str) -> str:
    state = ' state="hidden"' if name == hidden else ""
    return f'<sheet name="{name}" sheetId="{at}" r:id="rId{at}"{state}/>'


def row(number: int, *cells: str) -> str:
    """A cell beginning with = is a number, with # a day, else a text."""
    return (
        f'<row r="{number}">'
        + "".join(_cell(f"{'ABCDEF'[at]}{number}", cell) for at, cell in enumerate(cells))
        + "</row>"
    )


def _cell(place: str, cell: str) -> str:
    if cell.startswith("="):
        return f'<c r="{place}"><v>{cell[1:]}</v></c>'
    if cell.startswith("#"):
        return f'<c r="{place}" s="1"><v>{cell[1:]}</v></c>'
    return f'<c r="{place}" t="inlineStr"><is><t>{cell}</t></is></c>'


def pdf(file: Path, objects: Mapping[int, str], *, info: int = 0) -> Path:
    """Write objects and a table of where they stand; 1 is the catalog."""
    content = b"%PDF-1.4\n"
    places = {}
    for number, body in objects.items():
        places[number] = len(content)
        content += f"{number} 0 obj\n{body}\nendobj\n".encode("latin-1")
    start = len(content)
    size = max(objects) + 1
    content += f"xref\n0 {size}\n0000000000 65535 f \n".encode()
    for number in range(1, size):
        content += f"{places.get(number, 0):010} 00000 n \n".encode()
    told = f" /Info {info} 0 R" if info else ""
    content += f"trailer\n<< /Size {size} /Root 1 0 R{told} >>\nstartxref\n{start}\n%%EOF\n".encode()
    file.write_bytes(content)
    return file


def stream(content: str) -> str:
    return f"<< /Length {len(content)} >>\nstream\n{content}\nendstream"


def iso2022jp(text: str) -> bytes:
    """Encode as Outlook does: kana by its own escape, all else by the rows of code page 932."""
    encoded = b""
    for sign in text:
        if sign < "\x80":
            encoded += b"\x1b(B" + sign.encode()
        elif "\uff61" <= sign <= "\uff9f":
            encoded += b"\x1b(I" + bytes([sign.encode("cp932")[0] & 0x7F])
        else:
            encoded += b"\x1b$B" + _jis(sign)
    return encoded + b"\x1b(B"


def _jis(sign: str) -> bytes:
    lead, trail = sign.encode("cp932")
    row = (lead - (0x81 if lead < 0xA0 else 0xC1)) * 2 + 0x21
    if trail >= 0x9F:
        return bytes([row + 1, trail - 0x7E])
    return bytes([row, trail - (0x1F if trail < 0x80 else 0x20)])


def encoded_word(text: str) -> str:
    return f"=?iso-2022-jp?B?{base64.b64encode(iso2022jp(text)).decode()}?="
