"""The languages in which the program speaks to people: English stands in the code, Japanese in `locale/ja.po`.

The catalogue is gettext's own text format, read as it is by the small reader below: the standard library wants it
compiled, which would be a build step in every wheel and a binary that can differ from its source, for some hundred
sentences. Covers: comments, msgid, msgstr, strings continued on the next line. Does not cover: plurals, contexts.
Words of the field (checkpoint, LoRA, loss, ETA), names of steps and commands stay as they are. Logs, events and JSON
are English in every language.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files

from appliance.core.languages import LanguageCode, language_code
from appliance.core.messages import Messages
from appliance.core.reasons import retold, told
from appliance.core.sanitising import visible


@dataclass(frozen=True, slots=True)
class Language:
    """One language: its code, English sentence -> sentence (empty for English), and the messages from below."""

    code: LanguageCode
    sentences: Mapping[str, str]
    messages: Messages = field(default_factory=lambda: Messages({}))

    def say(self, sentence: str, /, **values: object) -> str:
        """Return a sentence in this language; values may come from anywhere, they are made safe to show.

        A value that is a list is the sealed reasons of a gate: they are said in this language, too.
        Without values it may also be a finished message: of an error, a finding, a check.
        """
        said = self.sentences.get(sentence)
        if values:
            shown = {name: visible(self._shown(value)) for name, value in values.items()}
            return (said or sentence).format_map(shown)
        return said or visible(self.messages.translated(sentence))

    def _shown(self, value: object) -> str:
        return told(value, self.code) if isinstance(value, list) else str(value)


@lru_cache
def spoken(code: LanguageCode) -> Language:
    """Return a language with the catalogue of the command line and of the messages from below."""
    if code == "en":
        return Language("en", {})
    texts, libraries = _texts(code), _texts(f"{code}-libraries")
    return Language(code, texts, Messages({**libraries, **texts}, retold))


def _texts(name: str) -> dict[str, str]:
    file = files("appliance").joinpath("locale", f"{name}.po")
    return dict(read_catalogue(file.read_text(encoding="utf-8")))


def say(sentence: str, /, **values: object) -> str:
    """Return a sentence, or a finished message, in the language of the environment."""
    return spoken(language_code()).say(sentence, **values)


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
