import pytest

from anonymize.matching.line_ends import line_ends_inside_values


def joined(text: str) -> str:
    done, parts = 0, []
    for start, end, part in line_ends_inside_values(text):
        parts += (text[done:start], part)
        done = end
    return "".join((*parts, text[done:]))


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("TEL 090-00\n00-1234 まで", "TEL 090-0000-1234 まで"),
        ("123456\r\n  789018", "123456789018"),
        ("to taro@plant01.\nlocal now", "to taro@plant01.local now"),
        ("担当:山田太\n郎が確認", "担当:山田太郎が確認"),
    ],
)
def test_a_line_end_inside_of_a_value_is_found(text: str, whole: str) -> None:
    assert joined(text) == whole


@pytest.mark.parametrize(
    "text",
    [
        "1200\n1350\n1410",
        "12.5mGy\nDLP:856mGy",
        "No. 5\n2024-01-05 pump",
        "at 10\n10:30 start",
        "1. seal\n2. bearing",
        "mail\ntaro@plant01.local",
        "担当:山\n住所:東京",
        "ポンプ交換\n佐藤さん",
    ],
)
def test_a_line_end_between_values_stays(text: str) -> None:
    assert joined(text) == text
