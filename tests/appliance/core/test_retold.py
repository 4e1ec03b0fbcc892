"""A reason of a gate that stands finished in a note is said in Japanese, word for word as the verdict says it."""

from string import Formatter

import pytest

from appliance.core.language import spoken
from appliance.core.reasons import EN, Reason, reason, retold, told

WORDS = {"score": "exact_match", "attack": "reference", "claimed": "kamei-kakou", "variant": "int8"}
NUMBERS = (0.123, -0.06, 12.5)


def reasons(code: str, of: str = "") -> list[Reason]:
    """Return the reason with numbers that have a sign, a point, an exponent or a per cent sign in its sentence."""
    places = {name: spec or "" for _, name, spec, _ in Formatter().parse(EN[code]) if name}
    return [
        reason(code, of=of, **{name: WORDS.get(name, number if spec else 17) for name, spec in places.items()})
        for number in NUMBERS
    ]


@pytest.mark.parametrize("of", ["", "int8-64"])
@pytest.mark.parametrize("code", [code for code in EN if code != "loss"])
def test_a_note_about_a_gate_says_in_japanese_what_the_verdict_says(code: str, of: str) -> None:
    for each in reasons(code, of):
        note = f"gate exposure refuses at the limit 5.0: {told([each], 'en')}"
        assert spoken("ja").say(note) == f"ゲート exposure が拒否（限度 5.0）：{told([each], 'ja')}"


@pytest.mark.parametrize("sentence", ["", "a plain sentence", "gain", "gain +0.1, 95 % interval x to y on 3 lines"])
def test_what_is_no_reason_is_left_alone(sentence: str) -> None:
    assert retold(sentence) is None
