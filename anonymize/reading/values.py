"""Turn a value of a typed source (workbook, Parquet, database, JSON) into the text that a person would write."""

import datetime
import decimal
from typing import Any

EXACT = 1 << 53  # a float beyond it no longer tells every whole number
MOST_NESTED = 60  # levels of a value


class Pairs(list[tuple[str, Any]]):
    """A JSON object as it stands in the file: keys that come twice are both there."""


def value_text(value: Any, level: int = 0) -> str:
    """Return a value as text: 90, not 90.0; a day without midnight; "" for none.

    What is nested becomes lines in which the key stands before every line of its value: keys are data too.

    Raises:
        RecursionError: it is nested deeper than `MOST_NESTED`.
        UnicodeDecodeError: bytes are no UTF-8.
    """
    if level > MOST_NESTED:
        raise RecursionError
    if isinstance(value, Pairs | dict):
        pairs = value.items() if isinstance(value, dict) else value
        return "\n".join(_under(value_text(key, level + 1), value_text(below, level + 1)) for key, below in pairs)
    if isinstance(value, list | tuple | set):
        return "\n".join(value_text(below, level + 1) for below in value)
    return _leaf(value)


def _under(key: str, text: str) -> str:
    return "\n".join(f"{key}: {line}" if line else f"{key}:" for line in text.split("\n"))


def _leaf(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case bytes() | bytearray():
            return bytes(value).decode("utf-8")
        case float() if value.is_integer() and abs(value) <= EXACT:
            return str(int(value))
        case decimal.Decimal():
            return format(value, "f")
    return _moment(value) if isinstance(value, datetime.date | datetime.time) else str(value)


def _moment(value: datetime.date | datetime.time) -> str:
    if not isinstance(value, datetime.datetime):
        return value.isoformat()
    is_day = value.time() == datetime.time() and value.tzinfo is None
    return value.date().isoformat() if is_day else value.isoformat(" ")
