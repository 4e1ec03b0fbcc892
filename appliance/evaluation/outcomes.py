"""From right and wrong answers, line by line, to scores, gains and the gate of the gain. Pure: an auditor repeats it.

{"hits": {"base": [0, 1, ...], ...}, "word_errors": {"base": [[errors, words], ...], ...}, "unseen": [3, 8, ...],
 "seed": 7, "min_gain": 0.0}
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from appliance.evaluation.decide import gain_gate
from appliance.evaluation.scores import Score, error_rate, hit_rate, paired_gain

CANDIDATE = "adapted"
BASELINES = ("base", "dictionary")


def score_outcomes(outcomes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the scores of every contender on all lines and on those with an unseen word, its gains, and their gate."""
    everywhere = range(len(outcomes["hits"][CANDIDATE]))
    slices = (("all", everywhere), ("unseen words", outcomes["unseen"]))
    gains = [
        {"against": against, "slice": name, **asdict(_gain(outcomes, against, places))}
        for name, places in slices
        for against in BASELINES
    ]
    gate = gain_gate(_gain(outcomes, "base", everywhere), outcomes["min_gain"])
    return {
        "scores": _scores(outcomes, everywhere),
        "unseen": _scores(outcomes, outcomes["unseen"]),
        "gains": gains,
        "gate": asdict(gate),
    }


def _scores(outcomes: Mapping[str, Any], places: Sequence[int]) -> dict[str, Any]:
    return {
        name: {
            "exact_match": asdict(hit_rate(_at(hits, places))),
            "wer": asdict(error_rate(_at(outcomes["word_errors"][name], places), outcomes["seed"])),
        }
        for name, hits in outcomes["hits"].items()
    }


def _gain(outcomes: Mapping[str, Any], against: str, places: Sequence[int]) -> Score:
    ours, theirs = (_at(outcomes["hits"][name], places) for name in (CANDIDATE, against))
    return paired_gain(ours, theirs, outcomes["seed"])


def _at(values: Sequence[Any], places: Sequence[int]) -> list[Any]:
    return [values[place] for place in places]
