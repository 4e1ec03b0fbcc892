"""From a conversation to tokens: the bundle's own frame for one question, its chat template for anything longer.

Covers: what people wrote never enters the template and never becomes a special token. The template sees marks in its
place, in a child process with limits, and only once for each order of roles; the marks are then replaced by texts
that are read as plain letters. Does not cover: a template that changes with the content of a message.
"""

import json
import re
from collections.abc import Sequence
from pathlib import Path

from appliance.core.errors import ApplianceError, InputError
from appliance.core.limited import Limits, limited_call
from appliance.serve.prompting import Piece, Prompter
from appliance.serve.requests import Message

TEMPLATE_FILE, CONFIG_FILE = "chat_template.jinja", "tokenizer_config.json"
LIMITS = Limits(seconds=2, memory_bytes=1 << 30)
MARK = re.compile("\x1f([0-9]+)\x1f")  # no template holds it; what people write is never looked at
MOST_ORDERS = 256  # of roles, whose frames are remembered
ONE_QUESTION = ("user",)
HINT = "send one message of the role user: it is framed as the model was trained"


class Framer:
    """Puts the pieces of the bundle around what people wrote."""

    def __init__(self, folder: Path, files: Sequence[str], prompter: Prompter) -> None:
        self._prompter = prompter
        self._template, self._specials = _template(folder, files)
        self._frames: dict[tuple[str, ...], tuple[Piece | int, ...]] = {}

    def tokens(self, messages: Sequence[Message]) -> list[int]:
        """Return the prompt for a conversation; takes a tenth of a second where a template is run.

        Raises:
            InputError: it is empty or too long, or no template of the bundle takes such turns.
        """
        roles = tuple(message.role for message in messages)
        if roles == ONE_QUESTION:
            return self._prompter.tokens(messages[0].text)
        if roles not in self._frames:
            if len(self._frames) >= MOST_ORDERS:
                self._frames.clear()
            self._frames[roles] = self._frame(roles)
        pieces = [
            part if isinstance(part, Piece) else Piece(messages[part].text, is_trusted=False)
            for part in self._frames[roles]
        ]
        return self._prompter.joined_tokens(pieces)

    def _frame(self, roles: tuple[str, ...]) -> tuple[Piece | int, ...]:
        if self._template is None:
            raise InputError("this bundle answers single questions only: it has no chat template", hint=HINT)
        turns = [
            {"role": "system" if role == "developer" else role, "content": f"\x1f{number}\x1f"}
            for number, role in enumerate(roles)
        ]
        given = {"template": self._template, "turns": turns, "specials": self._specials}
        try:
            text = limited_call("appliance.serve.rendering", LIMITS, stdin=given, what="the chat template")
        except ApplianceError:
            raise InputError("the bundle's chat template refuses these turns", hint=HINT) from None
        parts = MARK.split(text)  # text, number, text, number, ..., text
        frame = tuple(
            int(part) if at % 2 else Piece(part, is_trusted=True) for at, part in enumerate(parts) if part or at % 2
        )
        if sorted(part for part in frame if isinstance(part, int)) != list(range(len(roles))):
            raise InputError("the bundle's chat template leaves a message out, or says it twice", hint=HINT)
        return frame


def _template(folder: Path, files: Sequence[str]) -> tuple[str | None, dict[str, str]]:
    """Return the template of the signed files, None where there is none, and the names of the special tokens."""
    config = json.loads((folder / CONFIG_FILE).read_text(encoding="utf-8")) if CONFIG_FILE in files else {}
    specials = {name: value for name, value in config.items() if name.endswith("_token") and isinstance(value, str)}
    if TEMPLATE_FILE in files:
        return (folder / TEMPLATE_FILE).read_text(encoding="utf-8"), specials
    template = config.get("chat_template")
    return (template if isinstance(template, str) else None), specials
