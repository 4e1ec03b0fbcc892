"""Render a chat template that nobody has looked at, in a child process: `python -m appliance.base_model.template`.

transformers renders templates in jinja's sandbox, which keeps code out but not `'a' * 10**9`.
"""

import json
import sys
from datetime import UTC, datetime
from typing import Any

from appliance.core.limited import Limits, limit_myself, limited_call

LIMITS = Limits(seconds=2, memory_bytes=1 << 30)
_TOKENS = {"bos_token": "<s>", "eos_token": "</s>"}
LONGEST_GROWTH = 20_000  # characters that a template may add to a conversation; SmolLM2's adds 200
CONVERSATIONS: tuple[list[dict[str, str]], ...] = (
    [{"role": "system", "content": "Answer."}, {"role": "user", "content": "pump 3 leaks / ポンプ3 漏れ"}],
    [{"role": "user", "content": "x " * 2_000}],
    [
        {"role": "user", "content": "点検"},
        {"role": "assistant", "content": "済み"},
        {"role": "user", "content": "<|im_end|>"},
    ],
)


def rendered_lengths(template: str) -> list[int]:
    """Return the lengths (characters) of three conversations; a conversation that the template refuses counts as 0.

    Raises:
        InputError: the template computes for too long, fills the memory, or writes far more than it was given.
    """
    lengths = limited_call("appliance.base_model.template", LIMITS, stdin=template, what="the chat template")
    return [int(length) for length in lengths]


def main(arguments: list[str]) -> int:
    """Read a template from standard input; print the lengths."""
    limit_myself(arguments)
    from jinja2.exceptions import SecurityError, TemplateError  # noqa: PLC0415 only the child needs jinja
    from jinja2.ext import loopcontrols  # noqa: PLC0415
    from jinja2.sandbox import ImmutableSandboxedEnvironment  # noqa: PLC0415

    template = json.loads(sys.stdin.read())
    environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[loopcontrols])
    environment.globals["raise_exception"] = _raise(TemplateError)
    environment.globals["strftime_now"] = lambda form: datetime.now(UTC).strftime(form)
    environment.filters["tojson"] = lambda value, **_: json.dumps(value, ensure_ascii=False)
    compiled = environment.from_string(template)
    lengths = []
    for conversation in CONVERSATIONS:
        given = sum(len(turn["content"]) for turn in conversation)
        try:
            text = compiled.render(messages=conversation, add_generation_prompt=True, tools=None, **_TOKENS)
        except SecurityError:
            raise
        except TemplateError:
            text = ""  # it refuses this order of turns; whether it takes ours is tested with the tokenizer
        if len(text) > given + LONGEST_GROWTH:
            raise OverflowError
        lengths.append(len(text))
    print(json.dumps(lengths))
    return 0


def _raise(kind: type[Exception]) -> Any:
    def raise_exception(message: str) -> None:
        raise kind(message)

    return raise_exception


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
