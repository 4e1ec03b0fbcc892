import pytest

from anonymize.matching.folding import fold
from anonymize.recognizers.english_addresses import EnglishAddresses


def found(text: str) -> list[tuple[str, str]]:
    folded = fold(text).text
    return [(guess.kind, folded[guess.start : guess.end]) for guess in EnglishAddresses().find([folded])[0]]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("She lives at 14 Elm Street, Springfield, IL 62704 now", "14 Elm Street, Springfield, IL 62704"),
        ("sent to 221 Baker Street Flat 2 London last week", "221 Baker Street Flat 2 London"),
        ("Lindenstraße 12, 10969 Berlin", "Lindenstraße 12, 10969"),
        ("12 rue de la Paix, Paris is closed", "12 rue de la Paix, Paris"),
        ("at Via Garibaldi 7 in the morning", "Via Garibaldi 7"),
        ("Keizersgracht 123, Amsterdam", "Keizersgracht 123, Amsterdam"),
        ("Storgatan 5\nUppsala", "Storgatan 5\nUppsala"),
        ("P.O. Box 771 Darwin", "P.O. Box 771 Darwin"),
        ("PSC 1234, Box 5678\nAPO AE 09012", "PSC 1234, Box 5678\nAPO AE 09012"),
        (
            "Ana Lima\n88 Rua Nova 4\n Apt. 12\n Porto\n Portugal 44123",
            "88 Rua Nova 4\n Apt. 12\n Porto\n Portugal 44123",
        ),
        ("ship it to 5 milky way suite 3 lima 10115", "5 milky way suite 3 lima 10115"),
    ],
)
def test_an_address_is_found_from_its_number_to_its_postcode(text: str, address: str) -> None:
    assert any(kind == "ADDRESS" and address in value for kind, value in found(text))


@pytest.mark.parametrize(
    ("text", "postcode"),
    [
        ("Leeds LS1 4AP today", "LS1 4AP"),
        ("My zip code is 90210", "90210"),
        ("Austin, TX 73301", "TX 73301"),
        ("Ottawa K1A 0B1", "K1A 0B1"),
        ("1012 JS Amsterdam", "1012 JS"),
    ],
)
def test_postcodes_are_found_by_form_or_label(text: str, postcode: str) -> None:
    assert ("POSTAL_CODE", postcode) in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "Replace tail drive 2 on CV04",
        "KI2123 Investigate 5V supply",
        "10 BOLT M12 ON HEAD DRIVE",
        "LANDED ON HIGHWAY 93 AFTER 10 PSI DROP",
        "Unit 5 tripped, room 12 is hot",
        "P-922 3 bar 6205-2RS",
        "ポンプ P-101 の圧力 12 bar",
        "5 Way valve stuck",
    ],
)
def test_factory_text_is_no_address(text: str) -> None:
    assert found(text) == []


def test_a_sentence_that_follows_is_not_taken_into_the_address() -> None:
    assert found("We meet at 9 Oak Road. Bring tools") == [("ADDRESS", "9 Oak Road")]


def test_small_letters_without_a_postcode_are_left_alone() -> None:
    assert found("5 nuts on the road to suite 3") == []
