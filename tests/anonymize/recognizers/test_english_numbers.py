import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonymize.matching.folding import fold
from anonymize.recognizers.english_numbers import EnglishNumbers


def found(text: str) -> set[tuple[str, str]]:
    folded = fold(text).text
    return {(guess.kind, folded[guess.start : guess.end]) for guess in EnglishNumbers().find([folded])[0]}


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Phone: 51 16 34 25", "51 16 34 25"),
        ("call me at 481 7531 please", "481 7531"),
        ("mobile 0412345678", "0412345678"),
        ("22 498317 office", "22 498317"),
        ("(251)500-2136x739", "(251)500-2136x739"),
        ("+49 (0)30 123456-78", "+49 (0)30 123456-78"),
        ("+81-3-1234-5678へ", "+81-3-1234-5678"),
        ("001-490-155-3846", "001-490-155-3846"),
        ("0319 3649187", "0319 3649187"),
        ("675.792.5614", "675.792.5614"),
        ("fax ０２０ ７９４６ ０９５８", "020 7946 0958"),
    ],
)
def test_phone_numbers_of_many_countries_are_found(text: str, number: str) -> None:
    assert ("PHONE_NUMBER", number) in found(text)


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("My driver's license number is 578988637", "PERSONAL_ID", "578988637"),
        ("passport no. C01X00T47", "PERSONAL_ID", "C01X00T47"),
        ("customer number: 88-10293", "PERSONAL_ID", "88-10293"),
        ("NI QQ 12 34 56 C on file, AB 12 34 56 C too", "PERSONAL_ID", "AB 12 34 56 C"),
        ("number plate: AB12CDE", "VEHICLE_PLATE", "AB12CDE"),
        ("SSN is 078 05 1120", "US_SSN", "078 05 1120"),
        ("see 219-09-9999 there", "US_SSN", "219-09-9999"),
    ],
)
def test_identifiers_beside_their_label_are_found(text: str, kind: str, value: str) -> None:
    assert (kind, value) in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "P-922 E487 10-LT-4501A",
        "6205-2RS 12.5 bar 1500 rpm",
        "ERR_0x80070005 at 2024-03-12 10:20:30",
        "000-12-3456 666-12-3456",
        "call out at 1400",
        "customer complained about 3041",
        "counter 123456789",
        "Phone: none",
        "部品番号 123-456-789",
        "部品番号：213-686-4378",
        "part no. 213-686-4378, order #219-09-9999",
    ],
)
def test_factory_numbers_are_left_alone(text: str) -> None:
    assert found(text) == set()


@given(st.text(alphabet="+0123456789-.() xcalé電", max_size=60))
def test_every_guess_lies_inside_of_its_text(text: str) -> None:
    for guess in EnglishNumbers().find([text])[0]:
        assert 0 <= guess.start < guess.end <= len(text)
        assert any(char.isdigit() for char in text[guess.start : guess.end])
