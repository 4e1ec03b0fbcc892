"""Answers of a given form: a JSON Schema becomes a mask over the next token (llguidance).

Covers: a schema that cannot be compiled, is too large or refers to somewhere else is refused before anything is
written. Nothing is fetched. Spaces between the parts are fixed, else a small model writes spaces for ever.
Does not cover: keywords that the library reads over without enforcing them; they are refused as unsupported.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
from llguidance import LLMatcher, LLTokenizer
from numpy.typing import NDArray

from appliance.core.errors import InputError, IntegrityError
from appliance.release.manifest import TaskFacts
from appliance.serve.forms import SCHEMA_OPTIONS, grammar_of

ANY_OBJECT: dict[str, Any] = {"type": "object"}
LONGEST_SCHEMA = 64_000  # characters


class Grammars:
    """Compiles schemas for one tokenizer."""

    def __init__(self, tokenizer_file: Path, *, vocabulary: int, stop_ids: tuple[int, ...]) -> None:
        content = tokenizer_file.read_text(encoding="utf-8")
        try:
            self._tokenizer = LLTokenizer(content, n_vocab=vocabulary, eos_token=list(stop_ids))
        except ValueError as error:
            raise IntegrityError(f"{tokenizer_file.name} cannot be read: {type(error).__name__}") from None
        self._vocabulary = vocabulary

    def token_bytes(self, token: int) -> bytes:
        """Return the bytes that a token stands for; part of a character where it is one."""
        content: bytes = self._tokenizer.decode_bytes([token])
        return content

    def of_schema(self, schema: dict[str, Any]) -> "Matcher":
        """Compile a JSON Schema; takes milliseconds, for a hard one a second.

        Raises:
            InputError: it is no schema, or uses what cannot be enforced.
        """
        text = json.dumps(schema)
        if len(text) > LONGEST_SCHEMA:
            raise InputError(f"the JSON schema has {len(text)} characters", hint=f"{LONGEST_SCHEMA} are allowed")
        try:
            matcher = LLMatcher(self._tokenizer, LLMatcher.grammar_from_json_schema(text, SCHEMA_OPTIONS), log_level=0)
        except ValueError:
            raise InputError("the JSON schema is not valid", hint="check it with a validator") from None
        if matcher.is_error():
            reason = matcher.get_error().strip().splitlines()[0][:200]
            raise InputError(f"the JSON schema cannot be used: {reason}", hint="use plain JSON Schema keywords")
        return Matcher(matcher, self._vocabulary)

    def of_task(self, task: TaskFacts | None) -> "Matcher | None":
        """Compile the form of a task's own answers; None where any text may be one.

        Raises:
            InputError: it is too large to be compiled, or no form.
        """
        try:
            grammar = grammar_of(task)
        except ValueError:
            grammar = ""
        if grammar is None:
            return None
        matcher = LLMatcher(self._tokenizer, grammar, log_level=0)
        if matcher.is_error():
            hint = "make the bundle with constrained = false in [bundle]"
            raise InputError("the form of the task's answers cannot be enforced", hint=hint)
        return Matcher(matcher, self._vocabulary)


class Matcher:
    """Where one answer stands in its grammar."""

    def __init__(self, matcher: LLMatcher, vocabulary: int) -> None:
        self._matcher = matcher
        self._vocabulary = vocabulary

    def anew(self) -> "Matcher":
        """Return a matcher at the same place, which goes on by itself."""
        return Matcher(self._matcher.deep_copy(), self._vocabulary)

    def allowed(self) -> NDArray[np.bool_]:
        """Return which tokens [vocabulary] may come next."""
        words = np.frombuffer(self._matcher.compute_bitmask(), np.uint8)
        return np.unpackbits(words, bitorder="little")[: self._vocabulary].astype(bool)

    def forced(self) -> list[int]:
        """Return the tokens that spell what must come next, such as the name of a key."""
        tokens: list[int] = self._matcher.compute_ff_tokens()
        return tokens

    def take(self, token: int) -> None:
        """Go on behind a token."""
        taken = self._matcher.consume_token(token)
        assert taken, "a token was taken that the mask forbids"

    @property
    def is_complete(self) -> bool:
        """Whether nothing but the end can follow."""
        return bool(self._matcher.is_stopped())
