"""What a client may ask, as far as the OpenAI API has it; what is not supported is refused, not ignored."""

from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from appliance.serve.errors import Refusal
from appliance.serve.jobs import MOST_ALTERNATIVES

MOST_MESSAGES = 64
MOST_INPUTS = 64
# they change nothing here: who asks is known by the token, nothing is stored
IGNORED = frozenset({"user", "metadata", "store", "service_tier", "safety_identifier", "prompt_cache_key"})
Kind = TypeVar("Kind", bound="Body")
Text = Annotated[str, Field(max_length=200_000)]
Stop = Annotated[str, Field(min_length=1, max_length=100)]


class Body(BaseModel):
    """A request's body; a key that is not known is refused with its name."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    model: Text = ""

    @model_validator(mode="before")
    @classmethod
    def _without_ignored(cls, content: Any) -> Any:
        if not isinstance(content, dict):
            return content
        return {name: value for name, value in content.items() if name not in IGNORED and value is not None}


class TextPart(BaseModel):
    """A part of a message; text is the only kind."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    type: Literal["text"]
    text: Text


class Message(BaseModel):
    """One turn of a conversation."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    role: Literal["system", "developer", "user", "assistant"]
    content: Text | Annotated[list[TextPart], Field(max_length=MOST_MESSAGES)]
    name: Text | None = None  # read and not used: no template of ours shows it

    @property
    def text(self) -> str:
        """The whole text of the turn."""
        return self.content if isinstance(self.content, str) else "".join(part.text for part in self.content)


class JsonSchema(BaseModel):
    """A named schema."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)
    name: Text = "answer"
    description: Text | None = None
    content: dict[str, Any] = Field(alias="schema")
    strict: bool | None = None  # always kept


class ResponseFormat(BaseModel):
    """The form of the answer."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    type: Literal["text", "json_object", "json_schema"]
    json_schema: JsonSchema | None = None

    @model_validator(mode="after")
    def _has_schema(self) -> "ResponseFormat":
        if (self.type == "json_schema") != (self.json_schema is not None):
            raise ValueError("json_schema stands with type json_schema, and only there")
        return self


class StreamOptions(BaseModel):
    """Whether the last event of a stream tells the numbers of tokens."""

    model_config = ConfigDict(extra="ignore", frozen=True)
    include_usage: bool = False


class Generating(Body):
    """What chats and completions have in common."""

    max_tokens: int | None = Field(default=None, ge=1)
    temperature: float | None = Field(default=None, ge=0, le=10)
    top_p: float | None = Field(default=None, gt=0, le=1)
    seed: int | None = Field(default=None, ge=-(2**63), lt=2**63)
    stop: Stop | Annotated[list[Stop], Field(max_length=4)] | None = None
    n: Literal[1] = 1
    stream: bool = False
    stream_options: StreamOptions = StreamOptions()
    presence_penalty: Literal[0] = 0
    frequency_penalty: Literal[0] = 0

    @property
    def stops(self) -> tuple[str, ...]:
        """The texts that end the answer."""
        return (self.stop,) if isinstance(self.stop, str) else tuple(self.stop or ())


class Chat(Generating):
    """POST /v1/chat/completions."""

    messages: list[Message] = Field(min_length=1, max_length=MOST_MESSAGES)
    max_completion_tokens: int | None = Field(default=None, ge=1)
    logprobs: bool = False
    top_logprobs: int | None = Field(default=None, ge=0, le=MOST_ALTERNATIVES)
    response_format: ResponseFormat | None = None  # None: the form of the task's own answers; type text: any


class Completion(Generating):
    """POST /v1/completions."""

    prompt: Text | Annotated[list[Text], Field(min_length=1, max_length=1)]
    logprobs: int | None = Field(default=None, ge=0, le=5)
    echo: Literal[False] = False
    best_of: Literal[1] = 1

    @property
    def text(self) -> str:
        """The prompt."""
        return self.prompt if isinstance(self.prompt, str) else self.prompt[0]


class Embedding(Body):
    """POST /v1/embeddings."""

    input: Text | Annotated[list[Text], Field(min_length=1, max_length=MOST_INPUTS)]
    encoding_format: Literal["float", "base64"] = "float"

    @property
    def texts(self) -> list[str]:
        """The texts."""
        return [self.input] if isinstance(self.input, str) else list(self.input)


class Search(Body):
    """POST /search."""

    query: Annotated[str, Field(min_length=1, max_length=2_000)]
    limit: int = Field(default=10, ge=1, le=100)


def parsed(kind: type[Kind], content: bytes) -> Kind:
    """Read a body.

    Raises:
        Refusal: it is not such a request; names the place, never the value.
    """
    try:
        return kind.model_validate_json(content)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        if first["type"] == "extra_forbidden":
            raise Refusal(400, f"{place} is not supported", param=place, code="unsupported_parameter") from None
        message = f"{place}: {first['msg']}" if place else str(first["msg"])
        raise Refusal(400, message, param=place or None, code="invalid_value") from None
