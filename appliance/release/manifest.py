"""What a bundle says about itself: `manifest.json`, canonical JSON, parsed only after its signature and digest held.

{"format": 1, "name": "work-orders", "version": "3", "variant": "int4", "licence": "Apache-2.0",
 "base_model": {...}, "prompt": {"prefix": "...", "suffix": "...", "stop_ids": [2], "add_special_tokens": false},
 "generation": {"max_new_tokens": 48, "temperature": 0.0, "top_p": 1.0},
 "task": {"kind": "label", "labels": ["high", "low"], ...}, "files": {"model.onnx": {...}}}
"""

import json
from collections.abc import Mapping
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from appliance.core.errors import IntegrityError
from appliance.core.purpose import Stage
from appliance.core.tasks import TaskKind

FORMAT: Literal[1] = 1
MANIFEST_FILE = "manifest.json"
Sha256 = str
NAME_PATTERN = r"^[a-z0-9][a-z0-9-]{0,39}$"
VERSION_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9.+-]{0,39}$"


P = TypeVar("P", bound="Part")


class Part(BaseModel):
    """A frozen part of a manifest that refuses keys it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def part_of(part: type[P], facts: Mapping[str, Any]) -> P:
    """Return a part from the facts of a report, which say more than a manifest does."""
    return part(**{key: facts[key] for key in part.model_fields})


class BaseModelFacts(Part):
    """Where the weights started."""

    name: str
    sha256: Sha256 = Field(pattern=r"^[0-9a-f]{64}$")
    licence: str


class Prompt(Part):
    """The chat template as fixed pieces: prefix, the person's text, suffix; and the tokens that end an answer.

    The three pieces are turned into tokens one by one; special tokens are honoured in prefix and suffix only, so that
    a person's text cannot close its own turn.
    """

    prefix: str
    suffix: str
    stop_ids: tuple[int, ...] = Field(min_length=1)
    add_special_tokens: bool = False


class Generation(Part):
    """How answers are drawn where a request does not say; temperature 0 takes the most likely token."""

    max_new_tokens: int = Field(default=48, ge=1, le=4096)
    max_prompt_tokens: int = Field(default=1024, ge=1)
    temperature: float = Field(default=0.0, ge=0)
    top_p: float = Field(default=1.0, gt=0, le=1)


JsonType = Literal["array", "boolean", "integer", "null", "number", "object", "string"]

Separators = tuple[Literal[", ", ","], Literal[": ", ":"]]


class AnswerField(Part):
    """One field of a task's JSON objects."""

    name: str
    types: tuple[JsonType, ...] = Field(min_length=1)  # that training showed
    is_required: bool  # whether every answer of training has it


class TaskFacts(Part):
    """What the answers are: their kind, and the form that they are held to unless a request says otherwise."""

    kind: TaskKind
    labels: tuple[str, ...] = ()  # of a label task; empty: not told, and any text may be answered
    fields: tuple[AnswerField, ...] = ()  # of a JSON task, in their order; empty as above
    separators: Separators = (", ", ": ")  # behind an item and behind a name, in such an object

    @property
    def has_form(self) -> bool:
        """Whether answers are held to a form."""
        return bool(self.labels or self.fields)


class Override(Part):
    """Who let a refused bundle be signed all the same, and why."""

    by: str
    reason: str
    time: str
    key_id: str


class StageDecision(Part):
    """One word of the approver that led to this stage; the signed whole is in `reports/decisions.json`."""

    stage: Stage
    outcome: Literal["go-on", "back", "stop"]
    by: str
    reason: str
    time: str
    verdict: Sha256 = Field(pattern=r"^[0-9a-f]{64}$")  # that was decided on


class Verdict(Part):
    """How the gates judged what was measured; the whole of it is `reports/gates.json`."""

    passed: bool
    refused: tuple[str, ...] = ()  # gates
    not_tested: tuple[str, ...] = ()  # gates
    digest: Sha256 = Field(pattern=r"^[0-9a-f]{64}$")
    override: Override | None = None  # None: nobody did


class FileFacts(Part):
    """One file of the bundle."""

    bytes: int = Field(ge=0)
    sha256: Sha256 = Field(pattern=r"^[0-9a-f]{64}$")


class BundleFacts(Part):
    """Everything of a manifest that is not found by looking at the files."""

    name: str = Field(pattern=NAME_PATTERN)
    version: str = Field(pattern=VERSION_PATTERN)
    variant: Literal["float", "int8", "int4"]
    licence: str
    base_model: BaseModelFacts
    prompt: Prompt
    generation: Generation = Generation()
    task: TaskFacts | None = None  # None: made before it was told
    verdict: Verdict | None = None  # None: made before gates were judged
    stage: Stage | None = None  # None: made before stages were stated
    project: str | None = None  # whose decisions it carries: the name of its run; None: made before it was stated
    decisions: tuple[StageDecision, ...] = ()  # the oldest first


class BundleManifest(BundleFacts):
    """The whole of `manifest.json`; `files` names every file but itself and the signature."""

    format: Literal[1] = FORMAT
    files: dict[str, FileFacts]

    def canonical(self) -> bytes:
        """Return sorted JSON with a final newline: equal manifests give equal bytes."""
        text = json.dumps(self.model_dump(mode="json"), ensure_ascii=False, indent=1, sort_keys=True)
        return text.encode() + b"\n"


def parse_manifest(content: bytes) -> BundleManifest:
    """Parse a manifest whose digest has been checked.

    Raises:
        IntegrityError: it is not a manifest of this format.
    """
    try:
        return BundleManifest.model_validate_json(content)
    except ValidationError as error:
        place = ".".join(str(part) for part in error.errors(include_url=False, include_input=False)[0]["loc"])
        raise IntegrityError(
            f"{MANIFEST_FILE}: {place or 'content'} is not as format {FORMAT} wants it",
            hint="the bundle was made for another edition of the appliance: ask for a new one",
        ) from None
