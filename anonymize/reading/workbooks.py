"""Read the sheets of XLSX, XLSM, XLSB, XLS and ODS row by row; the first row with a value names a sheet's columns.

Covers: hidden sheets, rows and columns, merged cells (the value stands in their first cell), dates, whole numbers;
every sheet is accounted for. Does not cover: comments on cells, headers and footers of the printed page, text boxes,
the format of a number (0.5 may be shown as 50 %), formulas (their last value is read).
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import python_calamine as calamine

from anonymize.errors import SourceError
from anonymize.reading.containers import refuse_hostile_zip
from anonymize.reading.pieces import Broken, Piece, Request, UnreadableFile
from anonymize.reading.tables import choose_columns
from anonymize.reading.values import value_text

_OLE = b"\xd0\xcf\x11\xe0"  # of XLS, and of the envelope around an XLSX with a password


def read_workbook(file: Path, request: Request) -> Iterator[Piece | Broken]:
    """Yield the rows of one sheet, or of every sheet that is not empty.

    Raises:
        UnreadableFile: the workbook is damaged, hostile or has a password.
        SourceError: the sheet, or a column in the only sheet, is not there.
    """
    workbook = _opened(file)
    names = [sheet.name for sheet in workbook.sheets_metadata if sheet.typ == calamine.SheetTypeEnum.WorkSheet]
    if request.sheet and request.sheet not in names:
        raise SourceError("no such sheet as was declared", f"the workbook has {len(names)} sheets; check its name")
    for number, name in enumerate(names, start=1):
        if request.sheet in ("", name):
            prefix = f"sheet {number} " if len(names) > 1 else ""
            yield from _rows(workbook, name, prefix, request)


def first_row(file: Path) -> list[str]:
    """Return what stands in the first row with a value of the first sheet that has one.

    Raises:
        UnreadableFile: as `read_workbook`.
    """
    workbook = _opened(file)
    for name in workbook.sheet_names:
        sheet = workbook.get_sheet_by_name(name)
        rows = sheet.iter_rows() if sheet.start is not None else iter(())
        for cells in rows:
            if texts := [text for cell in cells if (text := value_text(cell))]:
                return texts
    return []


def _opened(file: Path) -> calamine.CalamineWorkbook:
    with file.open("rb") as stream:
        is_old = stream.read(4) == _OLE
    if not is_old:
        refuse_hostile_zip(file)
    try:
        return calamine.CalamineWorkbook.from_path(str(file))
    except calamine.PasswordError:
        raise UnreadableFile("is protected by a password") from None


def _rows(workbook: calamine.CalamineWorkbook, name: str, prefix: str, request: Request) -> Iterator[Piece | Broken]:
    sheet = workbook.get_sheet_by_name(name)
    if sheet.start is None:
        return  # an empty sheet
    chosen: dict[str, int] | None = None
    # iter_rows begins at the first row of the sheet, whichever is the first that holds a value
    for row, cells in enumerate(sheet.iter_rows(), start=1):
        texts = [value_text(cell) for cell in cells]
        if not any(texts):
            continue
        if chosen is not None:
            yield _piece(f"{prefix}row {row}", texts, chosen, request)
            continue
        try:
            chosen = choose_columns(texts, request.columns, request.id_column)
        except SourceError as error:
            if not prefix or request.sheet:
                raise
            yield Broken(prefix + f"row {row}", f"the whole sheet: {error.message}")
            return


def _piece(place: str, texts: Sequence[str], chosen: dict[str, int], request: Request) -> Piece | Broken:
    record_id = texts[chosen[request.id_column]].strip() if request.id_column else ""
    if request.id_column and not record_id:
        return Broken(place, "an empty id")
    return Piece(place, {column: texts[chosen[column]] for column in request.columns}, record_id)
