import re
import string

import pytest

from appliance.core.reasons import EN, JA, about, reason, told


def _places(sentence: str) -> set[tuple[str, str]]:
    return {(name, form) for _, name, form, _ in string.Formatter().parse(sentence) if name}


def test_both_languages_say_every_code_with_the_same_values_in_the_same_form():
    assert {code: _places(sentence) for code, sentence in EN.items()} == {
        code: _places(sentence) for code, sentence in JA.items()
    }
    assert all(re.search("[ぁ-んァ-ヶ一-龠]", sentence) for sentence in JA.values())


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "int4: keeps 0.025 of the adaptation, less than 0.950; a loss"),
        ("ja", "int4: 適応の保持は 0.025 で、0.950 に満たない；低下"),
    ],
)
def test_reasons_are_said_as_one_line_of_the_variant_that_they_are_about(language, words):
    kept = about([reason("retention-too-small", kept=0.025, limit=0.95)], "int4")
    assert told([*kept, reason("loss")], language) == words


def test_a_word_among_the_values_is_said_in_japanese_too():
    assert "仮名加工情報" in told([reason("legal-class", claimed="kamei-kakou", places=3)], "ja")
    assert "kamei-kakou" in told([reason("legal-class", claimed="kamei-kakou", places=3)], "en")


def test_a_reason_of_another_edition_is_shown_as_it_stands():
    assert told([{"code": "new {gate}", "of": "", "values": {}}, "a {sentence}"], "ja") == "new {gate}；a {sentence}"
