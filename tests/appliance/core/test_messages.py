"""Finished English messages are told in Japanese, with their values as they were."""

import sys
from pathlib import Path
from string import Formatter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.language import spoken
from appliance.core.messages import LONGEST, Messages
from appliance.core.reasons import OVERRIDE_HINT

sys.path.insert(0, str(Path(__file__).parents[3] / "scripts"))
from list_messages import needs_a_text, shares, templates, texts

JAPANESE = spoken("ja")
LEAST_SHARE = 0.97  # of the sentences, and of those of each package that an operator meets
MET = ("anonymize/reading", "appliance/core", "appliance/questions", "appliance/release", "appliance/stages")


@pytest.fixture(scope="module")
def said() -> dict[str, str]:
    """Every template, and where it is said: the whole source is read for it."""
    return templates()


def places(template: str) -> list[str]:
    return [name for _, name, _, _ in Formatter().parse(template) if name is not None]


def test_nearly_every_sentence_has_a_japanese_text(said: dict[str, str]) -> None:
    counted = shares(said)
    told, of = (sum(numbers) for numbers in zip(*counted.values(), strict=True))
    assert of > 600  # the list itself is not empty
    assert told / of >= LEAST_SHARE, counted
    for package in MET:
        told, of = counted[package]
        assert told / of >= LEAST_SHARE, package


def test_few_texts_are_left_over_from_sentences_that_are_gone(said: dict[str, str]) -> None:
    gone = [english for english in texts() if needs_a_text(english) and english not in said]
    assert len(gone) <= 0.03 * len(texts()), gone


@pytest.mark.parametrize("name", ["ja", "ja-libraries"])
def test_a_text_has_the_places_of_its_template(name: str) -> None:
    for english, japanese in texts(name).items():
        assert japanese
        assert set(places(japanese)) <= set(places(english)), english
        assert name != "ja" or sorted(places(english)) == sorted(places(japanese)), english


@pytest.mark.slow
def test_each_message_is_found_again_whatever_its_values_are(said: dict[str, str]) -> None:
    sentences = sorted(template for template in said if needs_a_text(template))
    lost = []
    for template in sentences:
        values = {name: f"{number}-値" for number, name in enumerate(places(template))}
        shown = JAPANESE.say(template.format(**values))
        if template in texts() and shown != texts()[template].format(**values):
            lost.append((template, shown))
    # the same English may stand for two: `{name} is missing` and `{folder} is missing`
    assert not [each for each in lost if not each[1].isascii() and each[1].count("値") != each[0].count("{")], lost
    assert len(lost) <= 0.01 * len(sentences), lost


@pytest.mark.parametrize(
    ("english", "japanese"),
    [
        ("/mnt/a: b.csv: no such file", "/mnt/a: b.csv: ファイルがありません"),
        ("/x: Permission denied; nothing was handed over", "/x: アクセスする権利がありません。何も引き渡していません"),
        ("run tickets-1 is in use by another worker", "run tickets-1 は別のワーカーが使用中です"),
        ("train.rank: Input should be greater than 0", "train.rank: 0 より大きい値にしてください"),
        ("x.csv: no column 'a'; did you mean 'b'?", "x.csv: 'a' という列はありません（'b' の間違いではありませんか）"),
        (
            "the base model is refused: risk.files: a.pkl: not JSON (and 2 more: x, y)",
            "ベースモデルは受け入れられません：risk.files：a.pkl: JSON ではありません（ほか 2 件：x, y）",
        ),
        ("see /w/runs/a/worker.log", "/w/runs/a/worker.log を見てください"),
        (
            "start the run again: it goes on from what is sealed",
            "もう一度開始してください。封印済みのところから続きます",
        ),
        ("the worker was killed", "ワーカーが強制終了されました"),
        ("the adapted model may not ship: loss: a: b", "適応したモデルは出荷できません：loss: a: b"),
        (
            OVERRIDE_HINT,
            "各ゲートは docs/evidence.md を参照。理由を付して許可するには "
            "appliance approve RUN --key KEY --by NAME --reason WHY",
        ),
        ("x.y is not a known key; did you mean 'z'?", "x.y は知られていないキーです（'z' の間違いではありませんか）"),
        ("3 records are quarantined; first r: no JSON", "3 件の記録を隔離しました。最初は r：JSON ではありません"),
        (
            "/tmp/x: the key cannot be read: No such file or directory",  # "{name} cannot be read: {type}" fits it, too
            "/tmp/x: 鍵を読み取れません：No such file or directory",
        ),
    ],
)
def test_a_message_keeps_its_place_its_values_and_what_is_inside(english: str, japanese: str) -> None:
    assert JAPANESE.say(english) == japanese
    assert spoken("en").say(english) == english


def test_what_is_no_message_of_ours_is_shown_as_it_is_and_safe() -> None:
    assert JAPANESE.say("Traceback 12 of 13") == "Traceback 12 of 13"
    assert JAPANESE.say("see a sentence that nobody knows") == "see a sentence that nobody knows"
    assert JAPANESE.say("no such \x1b[2J thing") == "no such ␛[2J thing"
    long = "a" * LONGEST + ": no such file"
    assert JAPANESE.say(long) == long


@given(st.text(min_size=1, max_size=60), st.text(max_size=60))
def test_any_text_can_be_a_value_and_any_text_can_be_asked(value: str, anything: str) -> None:
    messages = Messages({"{file}: is gone": "{file}：もうありません"})
    assert messages.translated(f"{value}: is gone") == f"{value}：もうありません"
    assert isinstance(messages.translated(anything), str)


def test_a_value_may_hold_the_words_of_the_template() -> None:
    messages = Messages({"{a} of {b} are chosen": "{b} 中 {a}"})
    assert messages.translated("1 of 2 of 3 are chosen") == "2 of 3 中 1"
    assert messages.translated(" of  are chosen") == " of  are chosen"
