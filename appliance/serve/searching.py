"""Which clean records of the bundle are like a question: by meaning and by their letters.

    index/records.jsonl   {"id": "WO-17", "text": "..."}, one a line: clean records only
    index/vectors.npy     float16 [records, 384], row i belongs to line i

Two rankings are joined by the reciprocal of their ranks (Cormack et al. 2009): the inner product of MiniLM's vectors,
which knows English, and SQLite's FTS5 over runs of three letters, which needs no spaces between words and so finds
Japanese. Both files are read whole behind the check of the signature; nothing is read from the disk later.
"""

import io
import json
import sqlite3
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from appliance.core.errors import IntegrityError
from appliance.serve.embedding import WIDTH, Embedder

RECORDS, VECTORS = "index/records.jsonl", "index/vectors.npy"
RANK_OFFSET = 60  # the constant of the paper: the first ranks count, but no single one decides
DEPTH = 100  # ranks that are joined
BETWEEN = " | "  # stands between the columns of a record
GRAM = 3  # letters; SQLite's trigram tokenizer finds nothing shorter


@dataclass(frozen=True, slots=True)
class Found:
    """A record that is like the question; `score` orders, it means nothing else."""

    id: str
    text: str
    score: float


@dataclass(frozen=True, slots=True)
class IndexedRecord:
    """One clean record as the index holds it."""

    id: str
    text: str


def has_index(files: Sequence[str]) -> bool:
    """Say whether a bundle with these files brings an index."""
    return RECORDS in files and VECTORS in files


def build_index(records: Iterable[IndexedRecord], embedder: Embedder) -> dict[str, bytes]:
    """Return the files of an index; equal records give equal bytes."""
    lines, vectors = [], []
    for record in records:
        lines.append(json.dumps({"id": record.id, "text": record.text}, ensure_ascii=False, sort_keys=True) + "\n")
        vectors.append(embedder.embed_beginning(record.text))
    buffer = io.BytesIO()
    np.save(buffer, np.array(vectors, np.float16).reshape(-1, WIDTH), allow_pickle=False)
    return {RECORDS: "".join(lines).encode(), VECTORS: buffer.getvalue()}


def read_records(file: Path) -> list[IndexedRecord]:
    """Return the records of an index.

    Raises:
        IntegrityError: they cannot be read.
    """
    try:
        lines = file.read_text(encoding="utf-8").split("\n")
        return [IndexedRecord(**json.loads(line)) for line in lines if line]
    except (ValueError, TypeError, RecursionError):
        raise IntegrityError("the index of the bundle cannot be read", hint="ask for a new bundle") from None


class RecordIndex:
    """The loaded index; may be called from several threads."""

    def __init__(self, folder: Path, embedder: Embedder) -> None:
        self._embedder = embedder
        self._records = read_records(folder / RECORDS)
        try:
            self._vectors: NDArray[np.float32] = np.load(folder / VECTORS, allow_pickle=False).astype(np.float32)
        except (ValueError, TypeError):
            raise IntegrityError("the index of the bundle cannot be read", hint="ask for a new bundle") from None
        if self._vectors.shape != (len(self._records), WIDTH):
            raise IntegrityError("the index of the bundle contradicts itself", hint="ask for a new bundle")
        self._lock = threading.Lock()  # one connection, many threads
        self._letters = sqlite3.connect(":memory:", check_same_thread=False)
        self._letters.execute("CREATE VIRTUAL TABLE records USING fts5(text, tokenize='trigram')")
        self._letters.executemany("INSERT INTO records(text) VALUES (?)", [(record.text,) for record in self._records])

    def __len__(self) -> int:
        """How many records there are."""
        return len(self._records)

    def search(self, query: str, limit: int) -> list[Found]:
        """Return the records that are most like the question, the best first."""
        scores: dict[int, float] = {}
        for ranking in (self._by_meaning(query), self._by_letters(query)):
            for rank, number in enumerate(ranking, start=1):
                scores[number] = scores.get(number, 0.0) + 1 / (RANK_OFFSET + rank)
        best = sorted(scores, key=lambda number: (-scores[number], number))[:limit]
        return [Found(self._records[n].id, self._records[n].text, round(scores[n], 6)) for n in best]

    def _by_meaning(self, query: str) -> list[int]:
        products = self._vectors @ self._embedder.embed_beginning(query)
        return [int(number) for number in np.argsort(-products, kind="stable")[:DEPTH]]

    def _by_letters(self, query: str) -> list[int]:
        """Return the records that share runs of letters with the question; BM25 ranks them."""
        runs = {word[at : at + GRAM] for word in query.split() for at in range(len(word) - GRAM + 1)}
        if runs:
            wanted = " OR ".join('"' + run.replace('"', '""') + '"' for run in sorted(runs))
            text, values = "records MATCH ? ORDER BY rank, rowid", [wanted]
        else:  # two letters are a word in Japanese
            short = query.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
            text, values = "text LIKE ? ESCAPE '\\' ORDER BY rowid", [f"%{short}%"]
        with self._lock:
            rows = self._letters.execute(
                f"SELECT rowid FROM records WHERE {text} LIMIT {DEPTH}",  # noqa: S608 constants; values are bound
                values,
            ).fetchall()
        return [int(row[0]) - 1 for row in rows]
