import pytest

from anonymize.matching.folding import fold
from anonymize.recognizers.english_dates import EnglishDates, is_written_date


def found(text: str) -> list[tuple[str, str]]:
    folded = fold(text).text
    return [(guess.kind, folded[guess.start : guess.end]) for guess in EnglishDates().find([folded])[0]]


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("on 12 March 2004 it failed", "12 March 2004"),
        ("29 and 30 June 1992", "29 and 30 June 1992"),
        ("by March 3rd, 2019 at noon", "March 3rd, 2019"),
        ("the 4th of July", "4th of July"),
        ("12-Mar-04 done", "12-Mar-04"),
        ("at 2024-03-12 10:20:30 trip", "2024-03-12 10:20:30"),
        ("3/12/2004", "3/12/2004"),
        ("am 12.03.2004 war", "12.03.2004"),
        ("１２／０３／２０２４に交換", "12/03/2024"),
        ("in 1994 he left", "1994"),
        ("1994-1997", "1994-1997"),
        ("until 6.30 pm", "6.30 pm"),
        ("next Tuesday", "Tuesday"),
        ("since October", "since October"),
    ],
)
def test_written_dates_are_found(text: str, date: str) -> None:
    assert ("DATE_TIME", date) in found(text)


@pytest.mark.parametrize(
    "text", ["He was born on 3 May 1971", "DOB: 3/5/1971", "date of birth is 1971-05-03", "born in 1971"]
)
def test_a_date_of_birth_is_told_by_what_stands_before_it(text: str) -> None:
    assert [kind for kind, _ in found(text) if kind == "BIRTH_DATE"] == ["BIRTH_DATE"]


@pytest.mark.parametrize(
    "text",
    [
        "v1.2.3",
        "10.20.30.40",
        "P-1994 seal",
        "may leak",
        "3/4 inch valve",
        "ratio 1:2",
        "M12x20",
        "第3-4号",
        "1994 rpm",
    ],
)
def test_versions_sizes_and_addresses_are_no_dates(text: str) -> None:
    assert found(text) == []


def test_only_what_is_written_as_a_date_is_a_written_date() -> None:
    assert is_written_date("12 March 2004")
    assert is_written_date("1998")
    assert is_written_date("eighteen months")
    assert not is_written_date("GO8941")
    assert not is_written_date("monthly")
