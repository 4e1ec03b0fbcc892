"""Read the wanted columns of a Parquet file, some rows at a time; declared sizes are looked at first.

Covers: bombs by declared size, cells longer than the limit, bytes that are no UTF-8, nested values, checksums.
Does not cover: encrypted Parquet (it is refused).
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from anonymize.reading.pieces import Broken, Piece, Request, UnreadableFile
from anonymize.reading.tables import choose_columns
from anonymize.reading.values import value_text

ROWS = 256  # at a time: what a row takes is not known before it is read
MOST_RATIO = 100  # declared bytes of the wanted columns to bytes of the file
RATIO_FREE = 16 << 20  # declared bytes below which the ratio says nothing
_NO_VALUE = object()
MOST_GROUP_BYTES = 512 << 20  # declared, of the wanted columns of one row group


def read_parquet(file: Path, request: Request) -> Iterator[Piece | Broken]:
    """Yield the rows of the file.

    Raises:
        UnreadableFile: it is damaged, or would become too large.
        SourceError: a column is not there.
    """
    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    try:
        parquet = pq.ParquetFile(file, page_checksum_verification=True, memory_map=False)
        wanted = dict.fromkeys([*request.columns, *filter(None, [request.id_column])])
        choose_columns(parquet.schema_arrow.names, request.columns, request.id_column)
        _refuse_bomb(parquet.metadata, set(wanted), file.stat().st_size)
        row = 0
        for batch in parquet.iter_batches(batch_size=ROWS, columns=list(wanted), use_threads=False):
            cells = {column: _cells(batch.column(column)) for column in wanted}
            for at in range(batch.num_rows):
                row += 1
                yield _piece(f"row {row}", {column: values[at] for column, values in cells.items()}, request)
    except pa.ArrowException:
        raise UnreadableFile("is damaged, encrypted or no Parquet") from None


def _refuse_bomb(metadata: pq.FileMetaData, wanted: set[str], size: int) -> None:
    total = 0
    for group in range(metadata.num_row_groups):
        columns = [metadata.row_group(group).column(at) for at in range(metadata.num_columns)]
        declared = sum(c.total_uncompressed_size for c in columns if c.path_in_schema.split(".")[0] in wanted)
        if declared > MOST_GROUP_BYTES:
            raise UnreadableFile(f"a row group of more than {MOST_GROUP_BYTES:,} bytes")
        total += declared
    if total > RATIO_FREE and total > MOST_RATIO * size:
        raise UnreadableFile(f"unpacks to more than {MOST_RATIO} times its size")


def _cells(column: pa.Array) -> list[Any]:
    """Return the values; one that is none in Python, or no UTF-8, becomes `_NO_VALUE` without costing the others."""
    try:
        return list(column.to_pylist())
    except (ValueError, OverflowError):
        return [_cell(column, at) for at in range(len(column))]


def _cell(column: pa.Array, at: int) -> Any:
    try:
        return column[at].as_py()
    except (ValueError, OverflowError):
        return _NO_VALUE


def _piece(place: str, cells: Mapping[str, Any], request: Request) -> Piece | Broken:
    if any(cell is _NO_VALUE for cell in cells.values()):
        return Broken(place, "bytes that are no UTF-8, or a time beyond the years 1 to 9999")
    try:
        texts = {column: value_text(cells[column]) for column in request.columns}
        record_id = value_text(cells[request.id_column]).strip() if request.id_column else ""
    except UnicodeDecodeError:
        return Broken(place, "bytes that are no UTF-8")
    except RecursionError:
        return Broken(place, "nested too deep")
    if request.id_column and not record_id:
        return Broken(place, "an empty id")
    return Piece(place, texts, record_id)
