"""Refuse an id that comes twice; an id takes 16 to 24 bytes of memory, however long it is."""

import hashlib
from array import array
from collections.abc import Iterable, Iterator

from anonymize.errors import SourceError
from anonymize.records import Quarantined, Record

LOAD = 0.75  # of the places of a table are taken before it grows
GROWTH = 1.5
TABLES = 256  # each grows by itself, so that no moment needs twice the memory
START = 64  # places of a table
MOST = (1 << 32) - 1  # a row beyond is told as this one


class SeenIds:
    """The rows of the ids that were seen, by 64 bits of a hash.

    Any two of 10 million ids have the same by a chance of 3 in a million; the source would then be refused.
    """

    def __init__(self) -> None:
        self._tables = [_Table(START) for _ in range(TABLES)]

    def first_row(self, record_id: str, row: int) -> int:
        """Return the row that had this id before, or 0 and keep this one."""
        digest = hashlib.blake2b(record_id.encode("utf-8", "surrogatepass"), digest_size=8).digest()
        number = digest[0]
        table = self._tables[number]
        if table.count >= LOAD * len(table.hashes):
            table = self._tables[number] = table.grown()
        return table.first_row(int.from_bytes(digest, "little") or 1, min(row, MOST))


class _Table:
    """Open addressing with linear probing (Knuth, The Art of Computer Programming, 6.4): 12 bytes a place."""

    def __init__(self, places: int) -> None:
        self.hashes = array("Q", bytes(8 * places))  # 0 is a free place
        self.rows = array("I", bytes(4 * places))
        self.count = 0

    def first_row(self, key: int, row: int) -> int:
        at = (key >> 8) % len(self.hashes)  # the lowest byte chose the table
        while (there := self.hashes[at]) != 0:
            if there == key:
                return self.rows[at]
            at = (at + 1) % len(self.hashes)
        self.hashes[at], self.rows[at] = key, row
        self.count += 1
        return 0

    def grown(self) -> "_Table":
        table = _Table(int(GROWTH * len(self.hashes)))
        for key, row in zip(self.hashes, self.rows, strict=True):
            if key:
                table.first_row(key, row)
        return table


def refuse_doubled(rows: Iterable[Record | Quarantined], id_column: str) -> Iterator[Record | Quarantined]:
    """Yield the rows until an id comes a second time.

    Raises:
        SourceError: an id comes twice; the message tells the rows, not the id.
    """
    seen = SeenIds()
    for row in rows:
        if isinstance(row, Record):
            number = int(row.place.rpartition(" ")[2])  # every place of a table ends with its row
            if first := seen.first_row(row.id, number):
                raise SourceError(
                    f"{row.place} has the same {id_column!r} as row {first}",
                    "choose a column that names every row once (in all files of a folder), or leave id_column empty to "
                    "number the rows",
                )
        yield row
