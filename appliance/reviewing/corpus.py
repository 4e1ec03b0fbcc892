"""The findings of a run beside the texts they were found in, read from the sealed raw artifacts.

Memory: some 300 bytes a finding and nothing of the texts: of these the documents that somebody looks at are opened.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from appliance.core.cipher import Cipher, SealedLines, read_key
from appliance.core.errors import IntegrityError

RECORDS, FINDINGS, COLUMNS = "records.jsonl", "findings.jsonl", "columns.json"  # as the stages name them
VALUE_KINDS = ("identifier", "drop")  # roles of columns whose whole value is declared personal


class Document(NamedTuple):
    """One record that detection read to its end."""

    id: str
    line: int  # in the file of records
    first: int  # of its items
    size: int  # how many items


class Item(NamedTuple):
    """One place that seems to hold personal data; what several recognizers say about it is one item."""

    document: int
    column: str
    start: int
    end: int
    kind: str
    score: float  # the highest
    recognizers: str
    group: int  # items of one kind with the same text share it


class Corpus:
    """Documents and items of one run, in the order of the records."""

    def __init__(self, ingested: Path, detected: Path, key_file: Path) -> None:
        cipher = Cipher(read_key(key_file))
        self._records: SealedLines = cipher.lines_at(ingested / RECORDS)
        self._file, self._cipher = ingested / RECORDS, cipher
        self.roles: Mapping[str, str] = {
            name: column["role"] for name, column in json.loads((ingested / COLUMNS).read_text("utf-8")).items()
        }
        self.documents: list[Document] = []
        self.items: list[Item] = []
        self.group_sizes: list[int] = []
        self._load(cipher.read_lines(detected / FINDINGS))

    def columns(self, document: int) -> dict[str, str]:
        """Return the columns of a document by name, those to be searched first."""
        texts: Mapping[str, str] = self._records[self.documents[document].line]["columns"]
        return dict(sorted(texts.items(), key=lambda column: self.roles.get(column[0]) != "text"))

    def items_of(self, document: int) -> range:
        """Return the numbers of the items of a document."""
        found = self.documents[document]
        return range(found.first, found.first + found.size)

    def value(self, item: int) -> str:
        """Return the text of an item."""
        found = self.items[item]
        return self.columns(found.document).get(found.column, "")[found.start : found.end]

    def is_declared(self, item: int) -> bool:
        """Tell whether the settings declare the whole column personal: nothing was guessed there."""
        return self.roles.get(self.items[item].column) in VALUE_KINDS

    def equal_items(self, item: int) -> list[int]:
        """Return every item of the same kind and text."""
        group = self.items[item].group
        return [number for number, other in enumerate(self.items) if other.group == group]

    def occurrences(self, value: str) -> tuple[int, int]:
        """Return in how many places, and in how many documents, the searched columns hold exactly this text."""
        places = documents = 0
        for line in self._cipher.read_lines(self._file):
            texts = (text for name, text in line["columns"].items() if self.roles.get(name) == "text")
            count = sum(text.count(value) for text in texts)
            places += count
            documents += bool(count)
        return places, documents

    def _load(self, found: Iterator[Any]) -> None:
        """Go through records and findings side by side; a record that detection quarantined has no findings."""
        groups: dict[tuple[str, str], int] = {}
        wanted = next(found, None)
        for number, record in enumerate(self._cipher.read_lines(self._file)):
            if wanted is None:
                break
            if record["id"] == wanted["id"]:
                self._take(number, record, wanted["findings"], groups)
                wanted = next(found, None)
        if wanted is not None:
            raise IntegrityError(f"{self._file}: findings and records do not fit together", hint="start the run again")

    def _take(self, line: int, record: Any, findings: list[Any], groups: dict[tuple[str, str], int]) -> None:
        merged: dict[tuple[str, int, int, str], tuple[float, list[str]]] = {}
        for each in findings:
            place = (each["column"], each["start"], each["end"], each["kind"])
            score, recognizers = merged.get(place, (0.0, []))
            merged[place] = (max(score, each["score"]), [*recognizers, each["recognizer"]])
        names = list(record["columns"])
        ordered = sorted(merged, key=lambda p: (self.roles.get(p[0]) != "text", names.index(p[0]), p[1], -p[2]))
        document = len(self.documents)
        self.documents.append(Document(record["id"], line, len(self.items), len(ordered)))
        for place in ordered:
            column, start, end, kind = place
            group = groups.setdefault((kind, record["columns"][column][start:end]), len(groups))
            if group == len(self.group_sizes):
                self.group_sizes.append(0)
            self.group_sizes[group] += 1
            score, recognizers = merged[place]
            told = " + ".join(dict.fromkeys(recognizers))
            self.items.append(Item(document, column, start, end, kind, score, told, group))
