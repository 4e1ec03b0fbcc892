import time
from collections.abc import Iterator

import pytest

from anonymize.proof.leaks import Leak, leaks
from anonymize.records import CleanRecord, Span
from anonymize.replacing.originals import Original

ORIGINALS = (
    Original("<PERSON_1>", "PERSON", "Person Whitfield"),
    Original("<PERSON_2>", "PERSON", "佐藤"),
    Original("<PHONE_NUMBER_1>", "PHONE_NUMBER", "090-0000-1234"),
    Original("<EMAIL_ADDRESS_1>", "EMAIL_ADDRESS", "taro@plant01.local"),
    Original("<PERSON_3>", "PERSON", "person"),
    Original("<PERSON_4>", "PERSON", "Xu"),
    Original("<PHONE_NUMBER_2>", "PHONE_NUMBER", "4123"),
    Original("<EMPLOYEE_ID_1>", "EMPLOYEE_ID", "E100234"),
)


def found(text: str) -> list[Leak]:
    return list(leaks([CleanRecord("1", {"remark": text})], ORIGINALS))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("ask PERSON WHITFIELD", "PERSON"),
        ("本日佐藤が", "PERSON"),
        ("Xu came", "PERSON"),
        (r'{"by": "\u4f50\u85e4"}', "PERSON"),
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


@pytest.mark.parametrize(
    ("record_id", "kind"),
    [
        ("2026-佐藤-17", "PERSON"),
        ("whitfield/person WHITFIELD", "PERSON"),
        ("e100234", "EMPLOYEE_ID"),
        ("090-0000-1234", "PHONE_NUMBER"),
    ],
)
def test_a_value_in_the_id_of_a_record_is_a_leak_that_does_not_tell_the_id(record_id: str, kind: str) -> None:
    found_leaks = list(leaks([CleanRecord("1", {}), CleanRecord(record_id, {"remark": "佐藤"})], ORIGINALS))
    assert {leak.column for leak in found_leaks} == {"id", "remark"}
    assert {leak.record_id for leak in found_leaks} == {"clean record 2"}
    assert kind in {leak.kind for leak in found_leaks}


@pytest.mark.parametrize("record_id", ["4123", "row-4123", "WO-100", "LI-XU-1"])
def test_an_id_that_equals_a_short_number_by_chance_is_no_leak(record_id: str) -> None:
    assert list(leaks([CleanRecord(record_id, {"remark": ""})], ORIGINALS)) == []


def test_an_original_inside_of_a_longer_issued_surrogate_is_no_leak() -> None:
    originals = [
        Original("高橋 健一", "PERSON", "佐藤 太郎", "surrogate"),
        Original("森田", "PERSON", "高橋", "surrogate"),
        Original("emma brooks", "PERSON", "Sarah Whitfield", "surrogate"),
        Original("hale", "PERSON", "Brooks", "surrogate"),
    ]
    clean = [CleanRecord("1", {"remark": "高橋健一さん、高橋 健一、EMMA BROOKS"})]
    assert list(leaks(clean, originals)) == []


@pytest.mark.parametrize("text", ["高橋さん", "高橋 健二", "Brooks"])
def test_an_original_that_stands_alone_is_a_leak_though_a_surrogate_holds_it(text: str) -> None:
    originals = [
        Original("高橋 健一", "PERSON", "佐藤 太郎", "surrogate"),
        Original("森田", "PERSON", "高橋", "surrogate"),
        Original("emma brooks", "PERSON", "Brooks", "surrogate"),
    ]
    assert list(leaks([CleanRecord("1", {"remark": text})], originals))


def test_a_moved_date_that_meets_another_original_is_no_leak() -> None:
    originals = [
        Original("2024-05-02", "BIRTH_DATE", "2024-05-01", "surrogate"),
        Original("2024-05-03", "BIRTH_DATE", "2024-05-02", "surrogate"),
    ]
    assert list(leaks([CleanRecord("1", {"born": "2024-05-02"})], originals)) == []
    assert {leak.column for leak in leaks([CleanRecord("1", {"born": "2024-05-01"})], originals)} == {"born"}


def test_a_value_in_the_name_of_a_column_is_one_leak_that_does_not_tell_the_name() -> None:
    clean = [CleanRecord(str(number), {"remark": "", "佐藤のメモ": ""}) for number in range(3)]
    assert list(leaks(clean, ORIGINALS)) == [Leak("0", "column 2", Span(0, 2), "PERSON")]


def test_an_age_that_stands_elsewhere_is_equal_by_chance_and_no_leak() -> None:
    originals = [Original("60代", "AGE", "67歳", "generalise"), Original("<BADGE_X>", "BADGE", "K-4711")]
    clean = [CleanRecord("1", {"remark": "67歳の配管"}), CleanRecord("2", {"remark": "k-4711"})]
    assert [(leak.record_id, leak.kind) for leak in leaks(clean, originals)] == [("2", "BADGE")]


def test_one_record_at_a_time_is_read() -> None:
    read: list[int] = []

    def clean() -> Iterator[CleanRecord]:
        for number in range(3):
            read.append(number)
            yield CleanRecord(str(number), {"remark": "佐藤"})

    found_leaks = leaks(clean(), ORIGINALS)
    next(found_leaks)
    assert read == [0]


def test_many_opening_marks_cost_no_more_than_their_number() -> None:
    originals = [Original("<PERSON_1>", "PERSON", "Ozturk")]
    started = time.process_time()
    assert list(leaks([CleanRecord("1", {"text": "<" * 400_000 + ">"})], originals)) == []
    assert time.process_time() - started < 5  # a search from every mark would take a minute
