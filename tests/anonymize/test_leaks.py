import pytest

from anonymize.leaks import Leak, leaks
from anonymize.records import CleanRecord, Span
from anonymize.replacing import Original

ORIGINALS = (
    Original("<PERSON_1>", "PERSON", "Person Whitfield"),
    Original("<PERSON_2>", "PERSON", "佐藤"),
    Original("<PHONE_NUMBER_1>", "PHONE_NUMBER", "090-0000-1234"),
    Original("<EMAIL_ADDRESS_1>", "EMAIL_ADDRESS", "taro@plant01.local"),
    Original("<PERSON_3>", "PERSON", "person"),
)


def found(text: str) -> list[Leak]:
    return list(leaks([CleanRecord("1", {"remark": text})], ORIGINALS))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("ask PERSON WHITFIELD", "PERSON"),
        ("本日佐藤が", "PERSON"),
        ("tel ０９００００ 0-1234", "PHONE_NUMBER"),
        ("ＴＡＲＯ＠plant01.local", "EMAIL_ADDRESS"),
    ],
)
def test_a_value_that_survived_is_a_leak(text: str, kind: str) -> None:
    assert kind in {leak.kind for leak in found(text)}


def test_a_leak_tells_the_place_and_not_the_text() -> None:
    assert found("本日佐藤が") == [Leak("1", "remark", Span(2, 4), "PERSON")]


@pytest.mark.parametrize("text", ["<PERSON_1> called <PERSON_2>", "<id> replace <PERSON_3>", "森林 09000 1234", ""])
def test_placeholders_are_no_leak(text: str) -> None:
    assert found(text) == []


def test_a_placeholder_that_was_never_issued_hides_nothing() -> None:
    assert found("<PERSON_99>")
    assert found("<person whitfield>")
