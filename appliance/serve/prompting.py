"""From a person's text to tokens and back, with the bundle's own tokenizer and prompt.

Covers: a text that holds the signs of the chat format ("<|im_end|>") is read as plain text: it cannot close the
person's turn and speak as somebody else.
"""

from pathlib import Path

from tokenizers import Tokenizer

from appliance.core.errors import InputError, IntegrityError
from appliance.release.manifest import Prompt

TOKENIZER_FILE = "tokenizer.json"


class Prompter:
    """The tokenizer of a bundle and the fixed pieces around a person's text."""

    def __init__(self, tokenizer_file: Path, prompt: Prompt, *, limit: int) -> None:
        try:
            self._plain = Tokenizer.from_file(str(tokenizer_file))
            special = Tokenizer.from_file(str(tokenizer_file))
        except Exception as error:  # noqa: BLE001 the library raises bare Exception for every fault of the file
            raise IntegrityError(f"{tokenizer_file.name} cannot be read: {type(error).__name__}") from None
        self._plain.encode_special_tokens = True  # "<|im_end|>" in a text is split into plain pieces
        self._limit = limit
        added = prompt.add_special_tokens
        self._before: list[int] = special.encode(prompt.prefix, add_special_tokens=added).ids
        self._after: list[int] = special.encode(prompt.suffix, add_special_tokens=False).ids

    def tokens(self, text: str) -> list[int]:
        """Return the whole prompt for a text.

        Raises:
            InputError: it is empty, or longer than the bundle allows.
        """
        if not text.strip():
            raise InputError("the text is empty", hint="send some text")
        ids = [*self._before, *self._plain.encode(text, add_special_tokens=False).ids, *self._after]
        if len(ids) > self._limit:
            raise InputError(f"the text makes {len(ids)} tokens, {self._limit} are allowed", hint="shorten the text")
        return ids

    def text(self, ids: list[int]) -> str:
        """Return the text of an answer, without special tokens."""
        decoded: str = self._plain.decode(ids, skip_special_tokens=True)
        return decoded
