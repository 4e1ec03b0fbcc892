"""The bodies of answers, as the OpenAI API has them."""

import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from appliance.serve.answering import Whole
from appliance.serve.grammar import Grammars
from appliance.serve.jobs import Taken
from appliance.serve.served import Version


@dataclass(frozen=True, slots=True)
class Envelope:
    """What all parts of one answer have in common."""

    version: Version
    kind: str  # "chat.completion" or "text_completion"
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    created: int = field(default_factory=lambda: int(time.time()))

    @property
    def grammars(self) -> Grammars:
        """What turns tokens to bytes."""
        return self.version.worker.engine.grammars

    def around(self, choices: list[dict[str, Any]], *, in_stream: bool = False) -> dict[str, Any]:
        """Return a body with these choices."""
        is_chat = self.kind == "chat.completion"
        return {
            "id": f"{'chatcmpl' if is_chat else 'cmpl'}-{self.id}",
            "object": f"{self.kind}.chunk" if in_stream and is_chat else self.kind,
            "created": self.created,
            "model": self.version.verified.manifest.name,
            "system_fingerprint": self.version.verified.digest[:12],
            "choices": choices,
        }


def chat_choice(envelope: Envelope, whole: Whole, finish: str, *, with_logprobs: bool) -> dict[str, Any]:
    """Return the choice of a whole chat answer."""
    return {
        "index": 0,
        "message": {"role": "assistant", "content": whole.text, "refusal": None},
        "logprobs": chat_logprobs(envelope.grammars, whole.taken) if with_logprobs else None,
        "finish_reason": finish,
    }


def text_choice(envelope: Envelope, whole: Whole, finish: str | None, *, with_logprobs: bool) -> dict[str, Any]:
    """Return the choice of a whole completion, or of a part of one."""
    return {
        "index": 0,
        "text": whole.text,
        "logprobs": text_logprobs(envelope.grammars, whole.taken) if with_logprobs else None,
        "finish_reason": finish,
    }


def chat_logprobs(grammars: Grammars, taken: Sequence[Taken]) -> dict[str, Any]:
    """Return the probabilities as chats have them."""

    def one(token: int, logprob: float) -> dict[str, Any]:
        content = grammars.token_bytes(token)
        return {"token": content.decode("utf-8", "replace"), "logprob": logprob, "bytes": list(content)}

    content = [
        {
            **one(choice.token, choice.logprob),
            "top_logprobs": [one(other.token, other.logprob) for other in choice.alternatives],
        }
        for choice in taken
    ]
    return {"content": content, "refusal": None}


def text_logprobs(grammars: Grammars, taken: Sequence[Taken]) -> dict[str, Any]:
    """Return the probabilities as completions have them."""

    def name(token: int) -> str:
        return grammars.token_bytes(token).decode("utf-8", "replace")

    offsets, at = [], 0
    for choice in taken:
        offsets.append(at)
        at += len(name(choice.token))
    return {
        "tokens": [name(choice.token) for choice in taken],
        "token_logprobs": [choice.logprob for choice in taken],
        "top_logprobs": [{name(other.token): other.logprob for other in choice.alternatives} for choice in taken],
        "text_offset": offsets,
    }
