"""What the columns of a source seem to be for; a person corrects it. Pure."""

import re
from collections.abc import Mapping
from typing import Any

from appliance.core.run_file import ColumnAnswer

DATE = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}")


def guess(found: Mapping[str, Any], before: Mapping[str, ColumnAnswer]) -> dict[str, ColumnAnswer]:
    """Return a use for every column that has none yet: personal as a whole, searched where anything was found in it.

    Nothing is guessed to be input or output, and what looks harmless is not read: the task may not need it.
    """
    return {name: before.get(name) or _guess(name, found) for name in found.get("columns", ())}


def _guess(name: str, found: Mapping[str, Any]) -> ColumnAnswer:
    samples = found.get("samples", {}).get(name, [])
    if samples and all(DATE.match(sample) for sample in samples):
        return ColumnAnswer("leave")
    if kind := found.get("whole", {}).get(name):
        return ColumnAnswer("identifier", kind)
    return ColumnAnswer("text" if found.get("kinds", {}).get(name) else "leave")
