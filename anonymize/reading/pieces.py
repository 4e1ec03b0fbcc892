"""What the reader of one format yields, before the source gives it an id: parts of a file, whole or broken."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

SPEED = 20_000  # bytes a second; a packed Parquet file of short texts was read at 79,000 on a machine under load


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may cost; beyond it the file, or the row, is quarantined."""

    memory_bytes: int = 2 << 30  # address space of the process that parses a document
    cpu_seconds: int = 60  # and a second more for every SPEED bytes of the file
    wall_seconds: float = 120.0  # waited for the process of a document, in all; grows as the time above
    file_bytes: int = (
        512 << 20
    )  # of a file that is parsed as a whole; what is streamed (text, mbox, parquet) has no limit
    text_chars: int = 16 << 20  # of one record

    def for_size(self, size: int) -> "Limits":
        """Return the limits with the time that a file of so many bytes may take."""
        more = size // SPEED
        return replace(self, cpu_seconds=self.cpu_seconds + more, wall_seconds=self.wall_seconds + more)


@dataclass(frozen=True, slots=True)
class Request:
    """What is wanted of a file."""

    columns: tuple[str, ...]
    id_column: str = ""  # "" numbers the rows
    encoding: str = "auto"
    delimiter: str = ""  # "" is a tab in TSV, else a comma
    sheet: str = ""  # "" is every sheet of a workbook
    table: str = ""  # the key of a JSON object under which the rows stand; "" is the top
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True)
class Piece:
    """A row, a page, a message or a whole document."""

    place: str  # "row 5", "page 3", "" for the whole file
    columns: Mapping[str, str]
    id: str = ""  # "" takes the place for an id


@dataclass(frozen=True, slots=True)
class Broken:
    """A part that cannot be read, and why; the reason never holds its text."""

    place: str
    reason: str


class UnreadableFile(Exception):
    """The rest of a file cannot be read; `reason` says why, without its text."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def wanted_of(request: Request, offered: Mapping[str, str]) -> dict[str, str]:
    """Return the wanted columns of a document; what its format does not offer is empty."""
    return {column: offered.get(column, "") for column in request.columns}
