"""What examples look like as a whole: languages, lengths, replacements that stand in them; no text of any."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any, TypeVar

from appliance.training.examples import Example

_JAPANESE = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]")
_LATIN = re.compile(r"[A-Za-z]")
_REPLACED = re.compile(r"<([A-Z][A-Z0-9_]*)_[A-Z0-9]{12}>")
POINTS = (0.0, 0.25, 0.5, 0.75, 1.0)
Number = TypeVar("Number", int, float)


def describe(examples: Sequence[Example]) -> dict[str, Any]:
    """Return counts by language of the prompt, quartiles of the lengths in characters, and placeholders by kind."""
    kinds = Counter(found for each in examples for found in _REPLACED.findall(f"{each.prompt} {each.completion}"))
    return {
        "languages": dict(sorted(Counter(language_of(each.prompt) for each in examples).items())),
        "prompt_characters": quartiles([len(each.prompt) for each in examples]),
        "completion_characters": quartiles([len(each.completion) for each in examples]),
        "placeholders": dict(sorted(kinds.items())),
    }


def language_of(text: str) -> str:
    """Return "ja" where kana or kanji stand in a text, "en" where only Latin letters do, else "none"."""
    if _JAPANESE.search(text):
        return "ja"
    return "en" if _LATIN.search(text) else "none"


def quartiles(values: Sequence[Number]) -> list[Number]:
    """Return the smallest, the quartiles and the largest value; each is one of the values."""
    ordered = sorted(values)
    return [ordered[round(point * (len(ordered) - 1))] for point in POINTS] if ordered else []
