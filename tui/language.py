"""The languages of the terminal UI: English stands in the code, Japanese in `locale/ja.po`.

The catalogue is gettext's own text format, read as it is by the small reader below: the standard library wants it
compiled, which would be a build step in every wheel and a binary that can differ from its source, for some hundred
sentences. Covers: comments, msgid, msgstr, strings continued on the next line. Does not cover: plurals, contexts.
Words of the field (checkpoint, LoRA, loss, ETA), names of steps and commands stay as they are.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files

from appliance.core.languages import LanguageCode
from appliance.core.reasons import told
from appliance.core.sanitising import visible


@dataclass(frozen=True, slots=True)
class Language:
    """One language: its code, and English sentence -> sentence (empty for English)."""

    code: LanguageCode
    sentences: Mapping[str, str]

    def say(self, sentence: str, /, **values: object) -> str:
        """Return a sentence in this language; values may come from anywhere, they are made safe to show.

        A value that is a list is the sealed reasons of a gate: they are said in this language, too.
        """
        said = self.sentences.get(sentence) or sentence
        return (
            said.format_map({name: visible(self._shown(value)) for name, value in values.items()}) if values else said
        )

    def _shown(self, value: object) -> str:
        return told(value, self.code) if isinstance(value, list) else str(value)


def language(code: LanguageCode) -> Language:
    """Return a language with its catalogue."""
    if code == "en":
        return Language("en", {})
    catalogue = files("tui").joinpath("locale", f"{code}.po").read_text(encoding="utf-8")
    return Language(code, dict(read_catalogue(catalogue)))


def message(sentence: str) -> str:
    """Return the sentence itself: marks one that stands in a table and is translated where it is shown."""
    return sentence


def read_catalogue(catalogue: str) -> Iterator[tuple[str, str]]:
    """Yield (msgid, msgstr) of a .po file; the header, whose msgid is empty, is left out."""
    entry: dict[str, str] = {}
    keyword = ""
    for line in (*catalogue.splitlines(), "msgid"):
        first, _, rest = line.partition(" ")
        if first in ("msgid", "msgstr"):
            if first == "msgid" and entry.get("msgid"):
                yield entry["msgid"], entry["msgstr"]
            keyword = first
            entry[keyword] = json.loads(rest) if rest else ""
        elif line.startswith('"'):
            entry[keyword] += json.loads(line)
