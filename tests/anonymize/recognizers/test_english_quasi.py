import pytest

from anonymize.matching.folding import fold
from anonymize.recognizers.english_quasi import EnglishQuasi


def found(text: str) -> set[tuple[str, str]]:
    folded = fold(text).text
    return {(guess.kind, folded[guess.start : guess.end]) for guess in EnglishQuasi().find([folded])[0]}


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("a 45-year-old fitter", "AGE", "45-year-old"),
        ("aged 61 at the time", "AGE", "61"),
        ("sixty-three years old", "AGE", "sixty-three years old"),
        ("a Polish national", "DEMOGRAPHIC", "Polish national"),
        ("日本語 and Japanese staff", "DEMOGRAPHIC", "Japanese"),
        ("he worked as an electrician in", "DEMOGRAPHIC", "electrician"),
        ("Ana Lima, the senior dental nurse, said", "DEMOGRAPHIC", "senior dental nurse"),
        ("Ana Lima\nForklift and crane operator\nLeeds", "DEMOGRAPHIC", "Forklift and crane operator"),
        ("treated for rheumatoid arthritis", "DEMOGRAPHIC", "rheumatoid arthritis"),
        ("fracture of the left wrist", "DEMOGRAPHIC", "fracture of the left wrist"),
        ("paid EUR 5,699.21 to him", "QUANTITY", "EUR 5,699.21"),
        ("12,000 Swedish kronor (SEK)", "QUANTITY", "12,000 Swedish kronor (SEK)"),
        ("about GBP 215 per month", "QUANTITY", "about GBP 215 per month"),
        ("costs $ 1,200", "QUANTITY", "$ 1,200"),
        ("bought from Weir and Sons Ltd. today", "ORGANIZATION", "Weir and Sons Ltd."),
        ("Siemens Energy GmbH", "ORGANIZATION", "Siemens Energy GmbH"),
    ],
)
def test_what_singles_a_person_out_is_found(text: str, kind: str, value: str) -> None:
    assert (kind, value) in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "P-922 leaks 126 pounds",
        "STRUCK A TRACTOR DURING AG OPS",
        "age hardening at 180 C",
        "EURO 5 engine",
        "polish the shaft",
        "Depression in the runway",
        "軸受 6205 を交換",
    ],
)
def test_factory_text_is_left_alone(text: str) -> None:
    assert found(text) == set()
