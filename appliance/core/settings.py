"""One TOML file describes one run; one section of it is the settings of one step.

Unknown keys are refused with the nearest known one. Relative paths are relative to the file they stand in.
"""

import difflib
import hashlib
import json
import tomllib
from pathlib import Path
from typing import Any, Self, get_args

from pydantic import BaseModel, ValidationError, model_validator

from appliance.core.change_sections import ExplainSettings, SamplesSettings
from appliance.core.distil_section import DistilSettings
from appliance.core.errors import SettingsError
from appliance.core.purpose import CostSettings, PurposeSettings
from appliance.core.section import Section
from appliance.core.sections import (
    AnonymizeSettings,
    BundleSettings,
    ColumnSettings,
    CompareSettings,
    DetectSettings,
    EvaluateSettings,
    ExportSettings,
    GatesSettings,
    IngestSettings,
    IntakeSettings,
    Kind,
    PrepareSettings,
    ProbeSettings,
    ReportSettings,
    ResidualSettings,
    ReviewSettings,
    RunSettings,
    TrainSettings,
    VerifySettings,
)
from appliance.core.tasks import JUDGED


class Frozen(Section):
    """Settings that can be kept in a run's folder and named by their digest."""

    run: RunSettings

    def section(self, step: str) -> Section:
        """Return the section that belongs to a step."""
        section = getattr(self, step)
        assert isinstance(section, Section)
        return section

    def frozen(self) -> str:
        """Return the settings as canonical JSON, as they are kept in the run's folder."""
        told = {name: section for name, section in self.model_dump(mode="json").items() if section is not None}
        return json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True)

    def digest(self) -> str:
        """Return the SHA-256 of the canonical settings."""
        return hashlib.sha256(self.frozen().encode()).hexdigest()


class ModelSettings(Frozen):
    """The settings of an intake alone."""

    intake: IntakeSettings


class Settings(Frozen):
    """All settings of one run."""

    purpose: PurposeSettings = PurposeSettings()
    intake: IntakeSettings = IntakeSettings()
    ingest: IngestSettings
    detect: DetectSettings = DetectSettings()
    review: ReviewSettings = ReviewSettings()
    anonymize: AnonymizeSettings = AnonymizeSettings()
    residual: ResidualSettings = ResidualSettings()
    prepare: PrepareSettings
    train: TrainSettings = TrainSettings()
    evaluate: EvaluateSettings = EvaluateSettings()
    explain: ExplainSettings = ExplainSettings()
    samples: SamplesSettings = SamplesSettings()
    compare: CompareSettings = CompareSettings()
    distil: DistilSettings | None = None  # None: no student is made
    probe: ProbeSettings = ProbeSettings()
    export: ExportSettings = ExportSettings()
    verify: VerifySettings = VerifySettings()
    cost: CostSettings = CostSettings()
    gates: GatesSettings = GatesSettings()
    report: ReportSettings = ReportSettings()
    bundle: BundleSettings = BundleSettings()

    @model_validator(mode="after")
    def _columns_exist(self) -> Self:
        known = self.ingest.columns
        clean = {"text", "label"}
        places: list[tuple[str, str, set[str]]] = [
            ("prepare.input", self.prepare.input, clean),
            ("prepare.output", self.prepare.output, clean),
            ("detect.vocabulary_column", self.detect.vocabulary_column, clean),
            ("prepare.test_column", self.prepare.test_column, {"label"}),
            *(("bundle.index_columns", column, {*clean, "identifier"}) for column in self.bundle.index_columns),
        ]
        for place, column, roles in places:
            optional = place in ("detect.vocabulary_column", "prepare.test_column")
            if (column or not optional) and (column not in known or known[column].role not in roles):
                wanted = " or ".join(sorted(roles, reverse=True))
                raise ValueError(f"{place} = {column!r} is not a {wanted} column of [ingest.columns]")
        return self

    @model_validator(mode="after")
    def _kinds_exist(self) -> Self:
        own = self.detect.own_kinds
        places = [(f"ingest.columns.{name}.kind", column.kind) for name, column in self.ingest.columns.items()]
        places += [(f"anonymize.techniques.{kind}", kind) for kind in self.anonymize.techniques]
        places += [("detect.kinds", kind) for kind in self.detect.kinds if not isinstance(self.detect.kinds, str)]
        for place, kind in places:
            if kind and kind not in (*get_args(Kind), *own, *self.detect.presidio_kinds):
                near = difflib.get_close_matches(kind, get_args(Kind), n=1)
                raise ValueError(f"{place}: {kind!r} is no kind" + (f"; did you mean {near[0]!r}?" if near else ""))
        return self

    @model_validator(mode="after")
    def _later_stages_need_an_approver(self) -> Self:
        if self.purpose.stage != "poc" and self.gates.approver_key is None:
            raise ValueError(f"purpose.stage = {self.purpose.stage!r} needs an approver: set gates.approver_key")
        return self

    @model_validator(mode="after")
    def _a_budget_is_spent_once(self) -> Self:
        if self.train.privacy and self.samples.shares:
            raise ValueError("samples.shares repeats the training, which [train.privacy] counts once: take one of them")
        if self.train.privacy and self.distil:
            raise ValueError(
                "[distil] teaches a student the same examples without noise, which [train.privacy] does not count: "
                "take one of them"
            )
        return self

    @model_validator(mode="after")
    def _a_student_is_exported(self) -> Self:
        if self.distil and not set(self.export.variants) - {"float"}:
            raise ValueError('[distil] makes a smaller model, and export.variants = ["float"] would not ship it')
        return self

    @model_validator(mode="after")
    def _what_is_private_does_not_leave_as_text(self) -> Self:
        texts = {"bundle.index_columns": self.bundle.index_columns, "explain.examples": self.explain.examples}
        leaving = next((place for place, asked in texts.items() if asked), None)
        if self.train.privacy and leaving:
            raise ValueError(
                f"{leaving} lets records leave as text, which no epsilon of [train.privacy] bounds: "
                "set bundle.index_columns = [] and explain.examples = 0, or leave [train.privacy] out"
            )
        return self

    @model_validator(mode="after")
    def _the_target_is_measured(self) -> Self:
        stated, known = self.purpose.kpi, JUDGED[self.prepare.kind].measures
        if stated and stated.measure and stated.measure not in known:
            told = f"of a task of the kind {self.prepare.kind!r} are known: {', '.join(known)}"
            raise ValueError(f"purpose.kpi.measure = {stated.measure!r} is not measured; {told}")
        return self

    @model_validator(mode="after")
    def _ids_identify_no_person(self) -> Self:
        """The id of a record leaves with it, as it is."""
        column = self.ingest.columns.get(self.ingest.id_column)
        if column and column.role in ("identifier", "drop"):
            raise ValueError(f"ingest.id_column = {self.ingest.id_column!r} identifies a person; take another, or none")
        return self


def load_settings(file: Path) -> Settings:
    """Read and check a TOML file.

    Raises:
        SettingsError: the file is missing, is not TOML, or holds a key or a value that is not allowed.
    """
    try:
        raw = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise SettingsError(f"{file}: no such file", hint="give the path of a run's TOML file") from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{file}: cannot be read as TOML: {error}") from error
    return parse_settings(raw, where=str(file), folder=file.resolve().parent)


def thaw(text: str) -> Settings | ModelSettings:
    """Return the settings that `frozen` wrote."""
    kind = Settings if "ingest" in json.loads(text) else ModelSettings
    return kind.model_validate_json(text)


def parse_settings(raw: dict[str, Any], *, where: str, folder: Path) -> Settings:
    """Check settings that were read from `where`; relative paths start at `folder`.

    Raises:
        SettingsError: a key or a value is not allowed.
    """
    try:
        settings = Settings.model_validate(raw)
    except ValidationError as error:
        raise SettingsError(f"{where}: {_first_problem(error)}", hint=_hint(error)) from None
    return _absolute(settings, folder)


def _first_problem(error: ValidationError) -> str:
    problem = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(str(part) for part in problem["loc"]) or "settings"
    if problem["type"] != "extra_forbidden":
        return f"{place}: {problem['msg']}"
    near = difflib.get_close_matches(str(problem["loc"][-1]), _known_keys(problem["loc"][:-1]), n=1)
    return f"{place} is not a known key" + (f"; did you mean {near[0]!r}?" if near else "")


def _hint(error: ValidationError) -> str:
    count = error.error_count()
    return "correct the file and start again" + (f" ({count} problems in all)" if count > 1 else "")


def _known_keys(path: tuple[int | str, ...]) -> list[str]:
    model: type[BaseModel] = Settings
    for part in path:
        field = model.model_fields.get(str(part))
        kinds = (field.annotation, *get_args(field.annotation)) if field else ()
        model = next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)), ColumnSettings)
    return list(model.model_fields)


def _absolute(settings: Settings, folder: Path) -> Settings:
    changed: dict[str, Any] = {name: _rooted(section, folder) for name, section in settings}
    changed["report"] = changed["report"].model_copy(update={"name": settings.run.name, "purpose": settings.purpose})
    changed["bundle"] = changed["bundle"].model_copy(update={"name": settings.bundle.name or settings.run.name})
    if not settings.intake.path.startswith("package:"):
        changed["intake"] = changed["intake"].model_copy(update={"path": str(folder / settings.intake.path)})
    return settings.model_copy(update=changed)


def _rooted(value: Any, folder: Path) -> Any:
    """Let every path in a section, and in the sections that it lists, start at a folder."""
    match value:
        case Path():
            return folder / value
        case Section():
            return value.model_copy(update={name: _rooted(part, folder) for name, part in value})
        case tuple():
            return tuple(_rooted(part, folder) for part in value)
        case _:
            return value
