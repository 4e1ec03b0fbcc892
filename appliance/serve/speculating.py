"""Where guesses at an answer come from: its prompt, and the answers among the clean records that the bundle brings.

Covers: what other people asked or were answered is never a source; else the time that an answer takes would tell of it.
The model checks every guess: what is written does not depend on them.
"""

import unicodedata
from collections.abc import Iterator
from pathlib import Path

from appliance.serve.prompting import Prompter
from appliance.serve.searching import BETWEEN, read_records
from quantize.drafting import LONGEST, Drafter, NgramTable

Ids = tuple[int, ...]


class Guessing:
    """Makes the drafter of each answer of one bundle."""

    def __init__(self, prompter: Prompter, stop_ids: Ids, records: Path | None) -> None:
        """Learn from the records of the index, where the bundle has one.

        Raises:
            IntegrityError: they cannot be read.
        """
        self._prompter = prompter
        self._end = stop_ids[:1]
        self._known = NgramTable(self._answers(records)) if records else None

    def of(self, tokens: Ids) -> Drafter:
        """Return the drafter of an answer by its tokens so far, those of the prompt first.

        It also knows them in lower case and in plain letters: who normalises a text copies it so.
        """
        text = unicodedata.normalize("NFKC", self._prompter.text(list(tokens))).lower()
        return Drafter([tokens, *(self._ids(spelt) for spelt in (text, f" {text}"))], self._known)

    def _answers(self, records: Path) -> Iterator[Ids]:
        """Yield the last column of each record, of input and output the output, as it would follow a prompt."""
        before = self._prompter.after[1 - LONGEST :]
        for record in read_records(records):
            yield (*before, *self._ids(record.text.rpartition(BETWEEN)[2]), *self._end)

    def _ids(self, text: str) -> Ids:
        return tuple(self._prompter.tokenizer.encode(text, add_special_tokens=False).ids)
