"""Odd, damaged and hostile files: is each read or refused with a reason, and what does reading cost.

The folders hold files of any kind by the names below; ja_encodings/NAME holds pages that are in the encoding NAME.
"""

import struct
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import python_calamine as calamine
from anonymize_suites.table import Row, ratio, share

from anonymize.errors import SourceError
from anonymize.reading.encodings import decode, told_encoding
from anonymize.reading.formats import FORMATS, format_by_name
from anonymize.reading.markup import text_of_markup
from anonymize.reading.pieces import Limits
from anonymize.reading.source import Source, read
from anonymize.records import Quarantined

SUITE = "documents"
FOLDERS = ("markitdown_docs", "pdf_samples", "ja_encodings", "email_fuzz", "parquet_testing")
LIMITS = Limits(cpu_seconds=20, wall_seconds=30)
HANGS = 60.0  # seconds for one file
ROWS = (20_000, 200_000)
PAIRS = 3

_MEASURED = """
import re, sys
from pathlib import Path
from anonymize.reading.source import Source, read
for row in read(Source(Path(sys.argv[1]), ("text",), id_column=sys.argv[2])): pass
print(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1])
"""


@dataclass(slots=True)
class Outcome:
    """What became of one file."""

    name: str
    records: int = 0
    told: int = 0  # parts quarantined, or the file refused, with a reason
    crash: str = ""
    seconds: float = 0.0

    @property
    def is_accounted(self) -> bool:
        return not self.crash and bool(self.records or self.told)


def run(data: Path) -> Iterable[Row]:
    """Read everything under the folders, then files made to do harm, then long tables."""
    sockets: list[str] = []
    sys.addaudithook(lambda event, _: sockets.append(event) if event.startswith("socket.") else None)
    outcomes = [outcome for folder in FOLDERS for outcome in _folder(data / folder)]
    if outcomes:
        yield from _told("real files", outcomes)
        yield _count("sockets opened", len(sockets), len(outcomes), "of this process; its children refuse them")
    yield from _japanese(data / "ja_encodings")
    with tempfile.TemporaryDirectory() as place:
        hostile = [_outcome(file) for file in _hostile_files(Path(place))]
        yield from _told("hostile files", hostile)
        harmless = sum(outcome.told > 0 for outcome in hostile)
        yield share(SUITE, "hostile files: refused with a reason", harmless, len(hostile), 1.0)
        yield from _memory(Path(place))


def _told(what: str, outcomes: list[Outcome]) -> Iterator[Row]:
    for outcome in outcomes:
        if not outcome.is_accounted or outcome.seconds > HANGS:
            print(f"{SUITE}: {outcome}", file=sys.stderr)
    accounted = sum(outcome.is_accounted for outcome in outcomes)
    yield share(SUITE, f"{what}: accounted for", accounted, len(outcomes), 1.0)
    yield _count(f"{what}: tracebacks", sum(bool(outcome.crash) for outcome in outcomes), len(outcomes))
    slowest = max(outcomes, key=lambda outcome: outcome.seconds)
    note = f"slowest {slowest.name} {slowest.seconds:.1f} s"
    yield _count(f"{what}: hangs", sum(outcome.seconds > HANGS for outcome in outcomes), len(outcomes), note)
    records = sum(outcome.records for outcome in outcomes)
    parts = records + sum(outcome.told for outcome in outcomes)
    yield share(SUITE, f"{what}: parts that are records", records, parts)


def _count(measure: str, value: int, samples: int, note: str = "") -> Row:
    """Return a count that should be 0; the upper end is what the share could be, times the number of samples."""
    high = share(SUITE, measure, value, samples).high * samples
    return Row(SUITE, measure, value, value, high, samples, 0, "<=", note)


def _folder(folder: Path) -> Iterator[Outcome]:
    if not folder.is_dir():
        print(f"{SUITE}: {folder} is not there", file=sys.stderr)
        return
    for file in sorted(folder.rglob("*")):
        if file.is_file() and not file.name.startswith("LICENSE"):
            yield _outcome(file, "eml" if folder.name == "email_fuzz" else "auto")


def _outcome(file: Path, form: str = "auto") -> Outcome:
    outcome = Outcome(file.name)
    started = time.monotonic()
    try:
        for row in read(Source(file, _columns(file, form), form, limits=LIMITS)):
            if isinstance(row, Quarantined) and row.reason:
                outcome.told += 1
            else:
                outcome.records += 1
    except SourceError as error:
        outcome.told += bool(error.message)
    except Exception as error:  # noqa: BLE001  what is measured
        outcome.crash = f"{type(error).__name__}: {error}"
    outcome.seconds = time.monotonic() - started
    return outcome


def _columns(file: Path, form: str) -> tuple[str, ...]:
    """Return the columns of a document's format, or some that the table has."""
    name = format_by_name(file) if form == "auto" else form
    offered = FORMATS[name].columns if name else ()
    return offered or tuple(dict.fromkeys(_header(file, name)))[:3] or ("text",)


def _header(file: Path, name: str) -> list[str]:
    try:
        if name == "parquet":
            return list(pq.read_schema(file).names)
        if name in ("xlsx", "xls", "ods"):
            return [
                str(cell)
                for cell in calamine.CalamineWorkbook.from_path(str(file)).get_sheet_by_index(0).to_python()[0]
            ]
        if name == "csv":
            return decode(file.read_bytes()).partition("\n")[0].strip().split(",")
    except Exception:  # noqa: BLE001  any parser of a damaged file; it is then asked for a column that it lacks
        return []
    return ["key1", "id"] if name == "json" else []


def _japanese(folder: Path) -> Iterator[Row]:
    """Compare what is read with the folder's own name for the encoding."""
    if not folder.is_dir():
        return
    right, told, wrong, pages = 0, 0, 0, 0
    for file in sorted(path for path in folder.rglob("*") if path.is_file() and path.parent != folder):
        encoding = "cp932" if file.parent.name.upper() in ("CP932", "SHIFT_JIS") else file.parent.name
        encoded = file.read_bytes()
        try:
            text = text_of_markup(decode(encoded, encoding))
        except UnicodeError:  # the page is not what its folder says
            continue
        pages += 1
        (row,) = read(Source(file, ("text",), "html"))
        right += not isinstance(row, Quarantined) and row.columns["text"] == text
        try:
            is_right = told_encoding([encoded]) == encoding.lower()
        except UnicodeError:
            continue
        told += is_right
        wrong += not is_right
    yield share(SUITE, "Japanese pages: decoded right", right, pages, 1.0)
    yield share(SUITE, "  by their bytes alone: encoding told right", told, pages, note="else refused")
    yield _count("  by their bytes alone: told wrong", wrong, pages)


def _hostile_files(place: Path) -> Iterator[Path]:
    """Make files that have stopped, filled or fooled programs."""
    for name in ("bomb.docx", "bomb.xlsx", "bomb.ods"):
        yield _zip(place / name, {"word/document.xml": b"<a/>", "xl/a.xml": b" " * 60_000_000})
    entity = b'<!DOCTYPE d [<!ENTITY e SYSTEM "file:///etc/passwd">]><d>before &e; behind</d>'
    yield _zip(place / "entity.docx", {"word/document.xml": entity})
    laughs = b"<!DOCTYPE d [" + b"".join(b'<!ENTITY l%d "%s">' % (n + 1, b"&l%d;" % n * 10) for n in range(9))
    yield _zip(place / "laughs.docx", {"word/document.xml": laughs + b']><d xmlns:w="w">&l9;</d>'})
    yield _zip(place / "deep.docx", {"word/document.xml": b"<a>" * 200_000})
    texts = {
        "deep.json": "[" * 500_000,
        "deep.jsonl": '{"a":' * 500_000,
        "huge.csv": 'text\n"' + ("x" * 1_000 + "\n") * 5_000 + '"\n',  # a cell of 200,000 characters is read
        "quote.csv": 'text\n"open\n' + "a\n" * 200_000,
        "line.csv": "text," * 5_000_000,
        "two.txt": "caf\udce9 \udcff\udcfe",
        "tree.pdf": _looped_pdf("/Type /Pages /Kids [2 0 R 2 0 R] /Count 2"),
        "parent.pdf": _looped_pdf("/Type /Pages /Kids [3 0 R] /Count 1", "/Type /Pages /Kids [2 0 R] /Parent 2 0 R"),
        "count.pdf": _looped_pdf("/Type /Pages /Kids [] /Count 2000000000"),
        "nested.eml": "".join(f"Content-Type: multipart/mixed; boundary={n}\n\n--{n}\n" for n in range(5_000)),
    }
    for name, text in texts.items():
        (place / name).write_text(text, encoding="utf-8", errors="surrogateescape")
        yield place / name
    yield from _hostile_parquet(place)


def _hostile_parquet(place: Path) -> Iterator[Path]:
    cell = pa.table({"text": ["x" * 100_000_000]})
    pq.write_table(cell, place / "cell.parquet", compression="zstd", use_dictionary=False)
    repeated = pa.table({"text": pa.array(["x" * 1_000_000]).take(pa.array([0] * 400))})
    pq.write_table(repeated, place / "repeated.parquet", compression="zstd")
    pq.write_table(pa.table({"text": ["a"] * 10_000}), place / "whole.parquet")
    content = (place / "whole.parquet").read_bytes()
    (place / "cut.parquet").write_bytes(content[: len(content) // 2])
    (place / "footer.parquet").write_bytes(content[:-8] + struct.pack("<I", 0x7FFFFFFF) + b"PAR1")
    yield from (place / f"{name}.parquet" for name in ("cell", "repeated", "cut", "footer"))


def _zip(file: Path, parts: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as container:
        for name, content in parts.items():
            container.writestr(name, content)
    return file


def _looped_pdf(*objects: str) -> str:
    bodies = ("/Type /Catalog /Pages 2 0 R", *objects)
    numbered = "".join(f"{number} 0 obj << {body} >> endobj\n" for number, body in enumerate(bodies, start=1))
    return f"%PDF-1.4\n{numbered}trailer << /Root 1 0 R >>\n%%EOF\n"


def _memory(place: Path) -> Iterator[Row]:
    """Compare the peak of processes that read ten times as many rows."""
    for kind in ("csv", "jsonl"):
        files = [_table(place / f"{rows}.{kind}", rows) for rows in ROWS]
        ratios = [_peak(files[1]) / _peak(files[0]) for _ in range(PAIRS)]
        yield ratio_below(f"{kind}: peak memory of 200k rows to 20k", ratios)
    grown = _peak(files[1], "id") - _peak(files[1])
    more = (grown * 1_024) / ROWS[1]
    yield Row(SUITE, "jsonl: bytes of memory an id", more, more, more, ROWS[1], note="ids checked for doubles")


def ratio_below(measure: str, ratios: list[float]) -> Row:
    """Return a ratio whose goal is an upper one."""
    row = ratio(SUITE, measure, ratios)
    return Row(SUITE, measure, row.value, row.low, row.high, row.samples, 1.1, "<=")


def _table(file: Path, rows: int) -> Path:
    with file.open("w", encoding="utf-8") as text:
        if file.suffix == ".csv":
            text.write("id,text\n")
        form = "WO-{0:09},ポンプ {0} の軸受を交換した\n" if file.suffix == ".csv" else ""
        form = form or '{{"id": "WO-{0:09}", "text": "ポンプ {0} の軸受を交換した"}}\n'
        text.writelines(form.format(number) for number in range(rows))
    return file


def _peak(file: Path, id_column: str = "") -> float:
    """Return the peak resident memory of a process that reads the file, in KiB.

    Not ru_maxrss: a child begins with that of the process that started it.
    """
    command = [sys.executable, "-c", _MEASURED, str(file), id_column]
    return float(subprocess.run(command, check=True, capture_output=True, text=True, timeout=300).stdout)
