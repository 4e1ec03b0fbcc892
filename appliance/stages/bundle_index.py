"""What a bundle needs so that a factory can search its clean records: an embedding model and an index made with it."""

from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import Path

from anonymize.records import clean_record_from_json
from appliance.core.errors import InputError
from appliance.core.reporting import Reporter
from appliance.core.store import Artifact
from appliance.serve.embedding import MODEL, TOKENIZER, Embedder
from appliance.serve.searching import BETWEEN, IndexedRecord, build_index
from appliance.stages.anonymize import CLEAN
from appliance.stages.embedding_model import embedding_files

LICENCE, LICENCE_TEXT = "embedding/LICENSE", "Apache-2.0.txt"  # of all-MiniLM-L6-v2


def search_parts(anonymized: Artifact, columns: Sequence[str], scratch: Path, reporter: Reporter) -> dict[str, Path]:
    """Return the files by which a factory searches these columns of the clean records, by their names in the bundle.

    Raises:
        InputError: the records have no such column.
        IntegrityError: an installed package is not the one that was looked at.
    """
    parts = embedding_files()
    embedder = Embedder(parts[MODEL], parts[TOKENIZER])
    records = list(_records(anonymized, columns))

    def told() -> Iterator[IndexedRecord]:
        for number, record in enumerate(records):
            reporter.progress(number, len(records), "records indexed")
            yield record

    made = build_index(told(), embedder)
    made[LICENCE] = files("appliance.base_model").joinpath("licences", LICENCE_TEXT).read_bytes()
    for name, content in made.items():
        parts[name] = scratch / name.replace("/", "-")
        parts[name].write_bytes(content)
    return parts


def _records(anonymized: Artifact, columns: Sequence[str]) -> Iterator[IndexedRecord]:
    for line in anonymized.read_lines(CLEAN):
        record = clean_record_from_json(line)
        for column in columns:
            if column not in record.columns:
                raise InputError(f"the clean records have no column {column}", hint="correct bundle.index_columns")
        texts = [text for column in columns if (text := record.columns[column].strip())]
        if texts:
            yield IndexedRecord(record.id, BETWEEN.join(texts))
