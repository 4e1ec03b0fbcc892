import pytest

from anonymize.protecting.technical import Vocabulary, case_tells, is_weak, learn_vocabulary
from anonymize.records import Record

VOCABULARY = Vocabulary(frozenset({"replace", "bucket", "hose", "bush"}))


@pytest.mark.parametrize(
    "token",
    ["PH639", "7", "L/H", "1000H", "P-922", "#KN082", "RH", "BUCKET", "Hose's", "W/SHOP", "LI", "li", "To", "Mr."],
)
def test_codes_fragments_and_vocabulary_are_technical(token: str) -> None:
    assert VOCABULARY.is_technical(token)


@pytest.mark.parametrize("token", ["Kowalski", "J.", "O'Rourke", "佐藤", "Xu", "Bo.", "Li's"])
def test_names_are_not_technical(token: str) -> None:
    assert not VOCABULARY.is_technical(token)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("PH639 REPLACE BUCKET", []),
        ("PH639 Kowalski", ["Kowalski"]),
        ("J. Kowalski", ["J. Kowalski"]),
        ("Bo Xu", ["Bo Xu"]),
        ("Li Wei To", ["Li Wei"]),
        ("小林 recommended", ["小林"]),
        ("Kowalski Hose Okafor", ["Kowalski", "Okafor"]),
    ],
)
def test_what_is_technical_is_taken_out_of_a_guess(text: str, left: list[str]) -> None:
    assert [text[start:end] for start, end in VOCABULARY.unprotected(text, 0, len(text))] == left


def test_a_guess_that_ends_inside_of_a_code_is_judged_by_the_whole_code() -> None:
    assert VOCABULARY.unprotected("SURF W/SHOP", 5, 6) == []


def test_abbreviations_of_the_vocabulary_are_learned() -> None:
    rows = [("500H Mech Svce", "<num> hour mechanical service"), ("250H MECH SVCE", "<num> hour mechanical service")]
    records = [Record(str(n), "", {"raw": raw, "norm": norm}) for n, (raw, norm) in enumerate(rows)]
    words = learn_vocabulary(records, "norm", ("raw", "norm")).words
    assert {"mech", "svce", "service", "mechanicalservice"} <= words


def test_one_record_does_not_make_a_word_vocabulary() -> None:
    records = [Record("1", "", {"raw": "ask Kowalski", "norm": "ask kowalski"})]
    assert "kowalski" not in learn_vocabulary(records, "norm", ("raw", "norm")).words


def test_capitals_tell_nothing_in_a_line_of_capitals() -> None:
    assert not case_tells("REPLACE TURBO")
    assert case_tells("asked Kowalski to check")
    assert case_tells("佐藤が確認")
    assert is_weak("REPLACE TURBO", 8, 13)
    assert is_weak("error on VIMS today", 9, 13)
    assert is_weak("saw Xu there today", 4, 6)
    assert not is_weak("saw Bo Xu there today", 4, 9)
    assert not is_weak("asked Kowalski to check", 6, 14)


def test_two_letters_that_are_vocabulary_are_technical() -> None:
    assert Vocabulary(frozenset({"cu"})).is_technical("Cu")
