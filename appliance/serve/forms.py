"""The form that a task's own answers have, as a grammar: one of its labels, or an object with its fields.

Covers: what the signed manifest tells of the task; spaces in JSON as training showed them, for a model that must write
others leaves what it has learnt. Does not cover: whether the answer is right; a field's values beyond their JSON type.
"""

import json
from typing import Any

from llguidance import LLMatcher

from appliance.release.manifest import TaskFacts

SCHEMA_OPTIONS = {"whitespace_flexible": False, "lenient": False}


def grammar_of(task: TaskFacts | None) -> str | None:
    """Return the grammar of a task's answers; None where any text may be one.

    Raises:
        ValueError: the manifest's facts make no grammar.
    """
    if task is None or not task.has_form:
        return None
    if task.labels:
        lark: str = LLMatcher.grammar_from_lark("start: " + " | ".join(map(json.dumps, task.labels)))
        return lark
    item, key = task.separators
    options = {**SCHEMA_OPTIONS, "item_separator": item, "key_separator": key}
    grammar: str = LLMatcher.grammar_from_json_schema(json.dumps(schema_of(task)), options)
    return grammar


def schema_of(task: TaskFacts) -> dict[str, Any]:
    """Return the JSON Schema of a task's objects, its fields in the order in which training showed them."""
    return {
        "type": "object",
        "properties": {field.name: {"type": list(field.types)} for field in task.fields},
        "required": [field.name for field in task.fields if field.is_required],
        "additionalProperties": False,
    }
