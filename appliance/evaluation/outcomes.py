"""From right and wrong answers, line by line, to scores, gains and the gate of the gain. Pure: an auditor repeats it.

{"hits": {"base": [0, 1, ...], ...}, "word_errors": {"base": [[errors, words], ...], ...},
 "slices": {"unseen words": [3, 8, ...], "ja": [], ...}, "seed": 7, "min_gain": 0.0}
"""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from appliance.evaluation.decide import gain_gate, unseen_tokens
from appliance.evaluation.scores import Score, error_rate, hit_rate, paired_gain
from appliance.training.describing import language_of

CANDIDATE = "adapted"
BASELINES = ("base", "dictionary")
UNSEEN = "unseen words"
LANGUAGES = ("en", "ja", "none")


def score_outcomes(outcomes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the scores of every contender on all lines and on each slice, the gains over it, and their gate."""
    everywhere = range(len(outcomes["hits"][CANDIDATE]))
    unseen = outcomes["slices"][UNSEEN]
    slices = (("all", everywhere), (UNSEEN, unseen))
    gains = [
        {"against": against, "slice": name, **asdict(_gain(outcomes, against, places))}
        for name, places in slices
        for against in BASELINES
    ]
    gate = gain_gate(_gain(outcomes, "base", everywhere), outcomes["min_gain"])
    return {
        "scores": _scores(outcomes, everywhere),
        "unseen": _scores(outcomes, unseen),
        "slices": {name: _scores(outcomes, places) for name, places in outcomes["slices"].items() if places},
        "gains": gains,
        "gate": asdict(gate),
    }


def slices_of(prompts: Sequence[str], training: Sequence[str]) -> dict[str, list[int]]:
    """Return the places of the prompts in each slice: an unseen word, a language, shorter or longer than the median."""
    middle = statistics.median(map(len, prompts))
    spoken = [language_of(prompt) for prompt in prompts]
    return {
        UNSEEN: unseen_tokens(prompts, training),
        **{name: [place for place, told in enumerate(spoken) if told == name] for name in LANGUAGES},
        "short": [place for place, prompt in enumerate(prompts) if len(prompt) <= middle],
        "long": [place for place, prompt in enumerate(prompts) if len(prompt) > middle],
    }


def _scores(outcomes: Mapping[str, Any], places: Sequence[int]) -> dict[str, Any]:
    return {
        name: {
            "exact_match": asdict(hit_rate(_at(hits, places))),
            "wer": asdict(error_rate(_at(outcomes["word_errors"][name], places))),
        }
        for name, hits in outcomes["hits"].items()
    }


def _gain(outcomes: Mapping[str, Any], against: str, places: Sequence[int]) -> Score:
    ours, theirs = (_at(outcomes["hits"][name], places) for name in (CANDIDATE, against))
    return paired_gain(ours, theirs, outcomes["seed"])


def _at(values: Sequence[Any], places: Sequence[int]) -> list[Any]:
    return [values[place] for place in places]
