"""From a person's text to tokens and back, with the bundle's own tokenizer and prompt.

Covers: a text that holds the signs of the chat format ("<|im_end|>") is read as plain text: it cannot close the
person's turn and speak as somebody else.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tokenizers import Tokenizer

from appliance.core.errors import InputError, IntegrityError
from appliance.release.manifest import Prompt

TOKENIZER_FILE = "tokenizer.json"


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a prompt: of the bundle's own template, where special tokens count, or what a person wrote."""

    text: str
    is_trusted: bool


def is_unicode(text: str) -> bool:
    """Say whether a text can be written as UTF-8: it holds no half of a surrogate pair."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


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
        self.tokenizer = self._plain
        # what every framed prompt begins with
        self.before: tuple[int, ...] = tuple(special.encode(prompt.prefix, add_special_tokens=added).ids)
        self.after: tuple[int, ...] = tuple(special.encode(prompt.suffix, add_special_tokens=False).ids)
        self._special = special

    def tokens(self, text: str) -> list[int]:
        """Return the whole prompt for a text.

        Raises:
            InputError: it is empty, or longer than the bundle allows.
        """
        if not text.strip():
            raise InputError("the text is empty", hint="send some text")
        return self._checked([*self.before, *self._ids(text), *self.after])

    def plain_tokens(self, text: str) -> list[int]:
        """Return the tokens of a text that is to be continued as it stands, without the bundle's frame.

        Raises:
            InputError: it is empty, or longer than the bundle allows.
        """
        if not text:
            raise InputError("the text is empty", hint="send some text")
        return self._checked(self._ids(text))

    def joined_tokens(self, pieces: Sequence[Piece]) -> list[int]:
        """Return the tokens of trusted pieces of a template and of people's texts between them, one by one.

        Raises:
            InputError: they are longer than the bundle allows.
        """
        ids: list[int] = []
        for piece in pieces:
            if piece.is_trusted:
                ids.extend(self._special.encode(piece.text, add_special_tokens=False).ids)
            else:
                ids.extend(self._ids(piece.text))
        return self._checked(ids)

    def _ids(self, text: str) -> list[int]:
        if not is_unicode(text):  # half of a pair: the tokenizer takes no such text
            raise InputError("the text is not valid Unicode", hint="write the text as UTF-8")
        ids: list[int] = self._plain.encode(text, add_special_tokens=False).ids
        return ids

    def _checked(self, ids: list[int]) -> list[int]:
        if not ids:  # a tokenizer may read nothing in a text of marks alone
            raise InputError("the text is empty", hint="send some text")
        if len(ids) > self._limit:
            raise InputError(f"the text makes {len(ids)} tokens, {self._limit} are allowed", hint="shorten the text")
        return ids

    def text(self, ids: list[int]) -> str:
        """Return the text of an answer, without special tokens."""
        decoded: str = self._plain.decode(ids, skip_special_tokens=True)
        return decoded
