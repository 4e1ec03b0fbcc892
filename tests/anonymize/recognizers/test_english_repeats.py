from anonymize.recognizers.english_repeats import repeated_surnames
from anonymize.recognizers.guesses import Guess


def person(text: str, name: str) -> Guess:
    start = text.index(name)
    return Guess(start, start + len(name), "PERSON", 0.85, "test")


def test_a_surname_is_found_again_without_its_first_name() -> None:
    text = "Ana Kowalska called. Kowalska will fix it, kowalska's van too."
    again = list(repeated_surnames(text, [person(text, "Ana Kowalska")]))
    assert [text[guess.start : guess.end] for guess in again] == ["Kowalska"]
    assert again[0].strength == "cue"


def test_a_single_name_and_a_name_in_capitals_are_not_spread() -> None:
    text = "Ana came. JOE BUSH came. Ana and BUSH left the BUSH."
    assert list(repeated_surnames(text, [person(text, "Ana"), person(text, "JOE BUSH")])) == []


def test_other_kinds_are_not_spread() -> None:
    text = "Aker Solutions sent it; Solutions vary. 佐藤 太郎 と 佐藤"
    guess = Guess(0, 14, "ORGANIZATION", 0.85, "test")
    assert list(repeated_surnames(text, [guess])) == []
