"""What a factory holds a task's answers to: the labels, or the fields with their types, that training showed. Pure.

Covers: the order of fields and the spaces in which most examples are written.
Does not cover: the values of fields; nested fields, which may be any object.
"""

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from appliance.core.tasks import TaskKind
from appliance.release.manifest import AnswerField, JsonType, Separators, TaskFacts
from appliance.training.answers import label_of, object_of

# between fields, and between a name and its value; of two that are as frequent the first is taken
SEPARATORS: tuple[Separators, ...] = ((", ", ": "), (",", ":"))
TYPES: tuple[tuple[type, JsonType], ...] = (
    (bool, "boolean"),  # before int, which it is a kind of
    (int, "integer"),
    (float, "number"),
    (str, "string"),
    (list, "array"),
    (dict, "object"),
)


def task_facts(kind: TaskKind, answers: Sequence[str], *, with_form: bool) -> TaskFacts:
    """Return what a manifest tells of a task.

    Args:
        kind: of the task.
        answers: that were learnt.
        with_form: whether labels, or names of fields, which are text of the answers, may stand in it.
    """
    if with_form and kind == "label":
        return TaskFacts(kind=kind, labels=tuple(sorted(set(map(label_of, answers)))))
    if with_form and kind == "json":
        objects = [found for found in map(object_of, answers) if found is not None]
        return TaskFacts(kind=kind, fields=_fields(objects), separators=_separators(answers))
    return TaskFacts(kind=kind)


def _fields(objects: Sequence[dict[str, Any]]) -> tuple[AnswerField, ...]:
    types: dict[str, set[JsonType]] = {}
    counts = Counter(name for each in objects for name in each)
    for each in objects:
        for name, value in each.items():
            types.setdefault(name, set()).add(_type(value))
    return tuple(
        AnswerField(name=name, types=_joined(known), is_required=counts[name] == len(objects))
        for name, known in types.items()
    )


def _joined(known: set[JsonType]) -> tuple[JsonType, ...]:
    """A number may also be whole."""
    return tuple(sorted(known - {"integer"} if "number" in known else known))


def _type(value: Any) -> JsonType:
    return next((name for kind, name in TYPES if isinstance(value, kind)), "null")


def _separators(answers: Sequence[str]) -> Separators:
    """Return the separators that give most of the answers as they are written."""
    kept = {separators: sum(_written(answer, separators) for answer in answers) for separators in SEPARATORS}
    return max(SEPARATORS, key=lambda separators: kept[separators])


def _written(answer: str, separators: Separators) -> bool:
    found = object_of(answer)
    return json.dumps(found, ensure_ascii=False, separators=separators) == answer.strip()
