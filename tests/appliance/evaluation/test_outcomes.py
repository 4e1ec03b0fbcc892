import pytest

from appliance.evaluation.measures import MEASURES
from appliance.evaluation.outcomes import score_outcomes, score_variant, slices_of
from appliance.evaluation.scores import exact_match, paired_gain, word_error_rate

WANTED = ["replace pump", "ポンプ 交換", "fix hose", "x y z"]
SAID = {
    "base": ["", "", "fix hose", "x"],
    "dictionary": ["replace pump", "ポンプ", "fix", "x y z"],
    "adapted": ["replace pump", "ポンプ 交換", "fix hose", "x y"],
}
OUTCOMES = {
    "kind": "line",
    "lines": {name: MEASURES["line"].judge(said, WANTED, ()) for name, said in SAID.items()},
    "slices": {"unseen words": [1, 3], "ja": [1], "en": [0, 2, 3], "none": []},
    "seed": 7,
    "min_gain": 0.0,
}


def test_scores_from_outcomes_are_those_of_the_answers():
    found = score_outcomes(OUTCOMES)
    for name, said in SAID.items():
        assert found["scores"][name]["exact_match"]["value"] == exact_match(said, WANTED).value
        assert found["scores"][name]["wer"]["value"] == word_error_rate(said, WANTED).value
    assert found["gains"][1]["value"] == paired_gain([1, 1, 1, 0], [1, 0, 0, 1], 7).value
    assert (found["gains"][0]["against"], found["gains"][0]["slice"]) == ("base", "all")


def test_a_variant_is_held_line_by_line_against_the_trained_model():
    found = score_variant(OUTCOMES, MEASURES["line"].judge(["replace pump", "", "fix hose", "x y z"], WANTED, ()))
    assert found["exact_match"]["value"] == pytest.approx(3 / 4)
    assert (found["score_change"]["value"], found["score_change"]["samples"]) == (0.0, 4)
    assert found["score_change"]["low"] < 0 < found["score_change"]["high"]


def test_a_slice_is_scored_alone_and_an_empty_one_is_left_out():
    found = score_outcomes(OUTCOMES)
    assert found["slices"].keys() == {"unseen words", "ja", "en"}
    assert found["slices"]["ja"]["adapted"]["exact_match"]["samples"] == 1
    assert found["unseen"] == found["slices"]["unseen words"]
    assert found["slices"]["en"]["adapted"]["exact_match"]["value"] == pytest.approx(2 / 3)


def test_prompts_are_sliced_by_unseen_words_language_and_length():
    found = slices_of(["repl pmp", "ポンプ交換", "12 34", "repl hose at the front"], ["REPL PMP"])
    assert found["unseen words"] == [1, 2, 3]
    assert (found["en"], found["ja"], found["none"]) == ([0, 3], [1], [2])
    assert (found["short"], found["long"]) == ([1, 2], [0, 3])
