"""Letters that stand as escapes are read as letters."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as some

from anonymize.escapes import unescaped


@pytest.mark.parametrize(
    ("text", "read"),
    [
        (r'{"\u62c5\u5f53": "\u7530\u4e2d\u592a\u90ce"}', '{"担当": "田中太郎"}'),
        (r"Jos\u00e9 Garc\u00eda", "José García"),
        (r"\ud83d\ude00 ok", "😀 ok"),
        (r"\ud83d half", r"\ud83d half"),
        (r"\u0041\u000a\u200b", r"\u0041\u000a\u200b"),
        (r"\\u7530", r"\\u7530"),
        (r"C:\users\uniform", r"C:\users\uniform"),
        ("ポンプ3 漏れ", "ポンプ3 漏れ"),
    ],
)
def test_escaped_letters_are_read(text: str, read: str) -> None:
    assert unescaped(text) == read


VALUES = some.recursive(some.text() | some.integers(), lambda inner: some.dictionaries(some.text(), inner))


@given(VALUES)
def test_json_stays_the_same_json(value: object) -> None:
    assert json.loads(unescaped(json.dumps(value))) == value
