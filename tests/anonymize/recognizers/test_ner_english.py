import pytest

from anonymize.recognizers.guesses import Guess
from anonymize.recognizers.loading import import_without_torch

ner_english = import_without_torch("anonymize.recognizers.ner_english")


@pytest.fixture(scope="module")
def small():
    return ner_english.EnglishNames()


def values(text: str, guesses: list[Guess]) -> set[tuple[str, str]]:
    return {(guess.kind, text[guess.start : guess.end]) for guess in guesses}


def test_people_places_organisations_and_dates_are_found(small) -> None:
    text = "On 12 March 2004 John Brown of the World Bank moved from Hamburg to Chicago."
    found = values(text, small.find([text])[0])
    assert {
        ("PERSON", "John Brown"),
        ("LOCATION", "Hamburg"),
        ("ORGANIZATION", "World Bank"),
        ("DATE_TIME", "12 March 2004"),
    } <= found


def test_a_date_that_is_written_as_one_is_a_rule_and_a_name_is_a_guess(small) -> None:
    text = "John Brown left on 12 March 2004."
    strengths = {guess.kind: guess.strength for guess in small.find([text])[0]}
    assert strengths == {"PERSON": "guess", "DATE_TIME": "rule"}


def test_a_text_without_latin_letters_is_not_read(small) -> None:
    assert small.find(["ポンプを交換した。", ""]) == [[], []]


def test_a_surname_alone_is_found_after_the_full_name(small) -> None:
    text = "Yesterday John Kowalczyk inspected the boiler. The report of Kowalczyk says that it is dry."
    surnames = [guess for guess in small.find([text])[0] if text[guess.start : guess.end] == "Kowalczyk"]
    assert surnames


def test_a_name_far_into_a_long_text_keeps_its_place(small) -> None:
    text = "The pump was dry and the valve was closed. " * 250 + "Then John Brown came from Hamburg."
    assert ("PERSON", "John Brown") in values(text, small.find([text])[0])


@pytest.mark.parametrize(
    ("text", "name"),
    [("the Ministry of Works,", "Ministry of Works"), ("Siemens's", "Siemens"), ("A Bank", "Bank"), ("the ", "")],
)
def test_articles_and_possessives_are_no_part_of_a_name(text: str, name: str) -> None:
    start, end = ner_english.trimmed(text, 0, len(text))
    assert text[start:end] == name


@pytest.mark.slow
def test_the_union_finds_what_either_model_finds(small) -> None:
    text = "Ms Wittling-Vogel of Sandvik AB met Inge Haugland in Trondheim."
    both = ner_english.EnglishNames((ner_english.SMALL, ner_english.MEDIUM))
    assert values(text, small.find([text])[0]) <= values(text, both.find([text])[0])
