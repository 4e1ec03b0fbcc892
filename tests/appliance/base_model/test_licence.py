"""A licence is identified word for word, never by likeness."""

from importlib.resources import files

import pytest

from appliance.base_model.licence import against_commerce, allows, identify, known, restrictions

APACHE = files("appliance.base_model").joinpath("licences", "Apache-2.0.txt").read_text(encoding="utf-8")
MIT = files("appliance.base_model").joinpath("licences", "MIT.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("identifier", known())
def test_each_known_text_is_identified_as_itself(identifier: str) -> None:
    text = files("appliance.base_model").joinpath("licences", f"{identifier}.txt").read_text(encoding="utf-8")
    assert identify(text).identifier == identifier


@pytest.mark.parametrize(
    "text",
    [
        APACHE.upper(),
        APACHE.replace("\n", "\r\n    "),
        APACHE[: APACHE.index("APPENDIX")],
        APACHE.replace("[yyyy] [name of copyright owner]", "2024 山田製作所"),
    ],
)
def test_case_spacing_holder_and_a_left_out_appendix_do_not_count(text: str) -> None:
    assert identify(text).identifier == "Apache-2.0"


def test_a_copyright_holder_of_mit_does_not_count() -> None:
    assert identify("MIT License\n\n" + MIT.replace("<year> <copyright holders>", "2026 山田")).identifier == "MIT"


@pytest.mark.parametrize(
    ("addition", "shown"),
    [
        ("\nCommercial use prohibited.\n", "added 'commercial use prohibited'"),
        ("\nYou may not use the model in a weapon.\n", "added 'you may not use the model in a weapon'"),
    ],
)
def test_one_more_sentence_makes_it_another_licence_and_is_shown(addition: str, shown: str) -> None:
    for text in (APACHE, MIT):
        found = identify(text + addition)
        assert not found.identifier
        assert shown in found.told


def test_a_missing_word_is_shown() -> None:
    found = identify(MIT.replace("without restriction", "with restriction"))
    assert (found.identifier, found.nearest) == ("", "MIT")
    assert "missing 'without'" in found.told


def test_a_text_that_is_no_licence_is_told_as_unknown() -> None:
    assert identify("ポンプの点検を実施した。 The pump was inspected.").told == "the text is no licence known here"


def test_a_non_commercial_licence_speaks_against_commercial_use_only() -> None:
    assert not allows("CC-BY-NC-4.0", "commercial")
    assert allows("CC-BY-NC-4.0", "research")
    assert allows("Apache-2.0", "commercial")


@pytest.mark.parametrize("identifier", [name for name in known() if "NC" not in name])
def test_no_open_licence_is_taken_for_one_that_restricts_uses(identifier: str) -> None:
    text = files("appliance.base_model").joinpath("licences", f"{identifier}.txt").read_text(encoding="utf-8")
    assert (against_commerce(text), restrictions(text)) == ("", ())


@pytest.mark.parametrize(
    "words",
    [
        "Commercial use prohibited",
        "for research purposes only",
        "non-commercial use only",
        "商用利用を禁止",
        "非商用目的に限",
    ],
)
def test_words_against_a_commercial_use_are_found_in_a_text(words: str) -> None:
    found = against_commerce(f"{APACHE}\n{words.replace(' ', chr(10), 1)}.")
    assert len(found) > 5
    assert found in words


def test_words_that_restrict_uses_are_told_each_once() -> None:
    text = "3.2 Use Restrictions. See the Prohibited Use Policy; use restrictions apply. 禁止事項: 軍事利用"
    assert restrictions(text) == ("use restrictions", "prohibited use", "禁止事項", "軍事利用")
