"""What the answers of each kind of task look like, and what is refused because it is no such task. Pure."""

import json
from collections.abc import Sequence
from typing import Any, NoReturn

from appliance.core.errors import InputError
from appliance.core.tasks import TaskKind

MOST_FIELDS = 32  # names of fields in all answers together; more of them are no fields but values
FEWEST_OF_A_LABEL = 2  # examples, on average: below it the answers are no labels


def label_of(answer: str) -> str:
    """Return the label that an answer says: all of it, white space aside."""
    return " ".join(answer.split())


def object_of(answer: str) -> dict[str, Any] | None:
    """Return the JSON object that an answer is, all of it; None where it is none.

    A name that stands twice, NaN, infinities and half a surrogate pair are refused: parsers differ in what they make of
    them (RFC 8259, parts 4, 6 and 8.2), and half a pair can be written into no file.
    """
    try:
        found = json.loads(answer, object_pairs_hook=_unique, parse_constant=_refused)
        canonical(found).encode()  # 1e999 is an infinity, too
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def canonical(value: Any) -> str:
    """Return a JSON value as one text for all its spellings: order of names, white space in texts, 1.0 for 1."""
    return json.dumps(_folded(value), ensure_ascii=False, sort_keys=True, allow_nan=False)


def misfits(kind: TaskKind, answers: Sequence[str]) -> list[int]:
    """Return the places of answers that are none of their kind: of a JSON task what is no object with a field."""
    return [place for place, answer in enumerate(answers) if kind == "json" and not object_of(answer)]


def check_answers(kind: TaskKind, answers: Sequence[str], held_out: Sequence[str] = ()) -> None:
    """Refuse a kind of task that the answers to learn speak against.

    Raises:
        InputError: labels that are all the same or nearly all different; JSON with more names, on both
            sides together, than fields can have.
    """
    if kind == "label":
        labels = len(set(map(label_of, answers)))
        if labels < 2 or labels * FEWEST_OF_A_LABEL > len(answers):
            raise InputError(
                f"{labels} different answers in {len(answers)} examples to train on are no labels",
                hint='set kind = "line" or "text" in [prepare], or give more examples of each label',
            )
    if kind == "json":
        names = {name for answer in (*answers, *held_out) for name in object_of(answer) or ()}
        if len(names) > MOST_FIELDS:
            raise InputError(
                f"the answers have {len(names)} different names in their JSON, more than the {MOST_FIELDS} of a form",
                hint='put what varies into values, or set kind = "text" in [prepare]',
            )


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands twice")
    return found


def _refused(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")


def _folded(value: Any) -> Any:
    match value:
        case str():
            return " ".join(value.split())
        case float() if value.is_integer():
            return int(value)
        case list():
            return [_folded(each) for each in value]
        case dict():
            return {name: _folded(each) for name, each in value.items()}
        case _:
            return value
