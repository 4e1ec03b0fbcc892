"""From what each answer was worth to scores, gains and the gate of the gain. Pure: an auditor repeats it.

{"kind": "line", "lines": {"base": [{"hit": 1, "errors": 0, "words": 6}, ...], ...},
 "slices": {"unseen words": [3, 8, ...], "ja": [], ...}, "seed": 7, "min_gain": 0.0}
"""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from appliance.core.tasks import JUDGED, TaskKind
from appliance.evaluation.decide import gain_gate, unseen_tokens
from appliance.evaluation.measure import Outcome
from appliance.evaluation.measures import MEASURES
from appliance.evaluation.scores import Score, paired_gain
from appliance.training.describing import language_of

CANDIDATE = "adapted"
UNSEEN = "unseen words"
LANGUAGES = ("en", "ja", "none")


def score_outcomes(outcomes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the scores of every contender on all lines and on each slice, the gains over it, and their gate."""
    everywhere = range(len(outcomes["lines"][CANDIDATE]))
    unseen = outcomes["slices"][UNSEEN]
    slices = (("all", everywhere), (UNSEEN, unseen))
    gains = [
        {"against": against, "slice": name, **asdict(_gain(outcomes, against, places))}
        for name, places in slices
        for against in JUDGED[_kind(outcomes)].contenders
        if against != CANDIDATE
    ]
    gate = gain_gate(_gain(outcomes, "base", everywhere), outcomes["min_gain"])
    return {
        "kind": outcomes["kind"],
        "scores": _scores(outcomes, everywhere),
        "unseen": _scores(outcomes, unseen),
        "slices": {name: _scores(outcomes, places) for name, places in outcomes["slices"].items() if places},
        "parts": _parts(outcomes),
        "gains": gains,
        "gate": asdict(gate),
    }


def score_variant(outcomes: Mapping[str, Any], lines: Sequence[Outcome]) -> dict[str, Any]:
    """Return the scores of an exported variant, and its change of the primary score against the trained model."""
    value, seed = MEASURES[_kind(outcomes)].value, outcomes["seed"]
    ours, trained = (list(map(value, each)) for each in (lines, outcomes["lines"][CANDIDATE]))
    return {**_plain(_kind(outcomes), lines, seed), "score_change": asdict(paired_gain(ours, trained, seed))}


def worth(outcomes: Mapping[str, Any], contender: str) -> list[float]:
    """Return what each answer of a contender adds to the primary score, 0 to 1."""
    return list(map(MEASURES[_kind(outcomes)].value, outcomes["lines"][contender]))


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
        name: _plain(_kind(outcomes), _at(lines, places), outcomes["seed"]) for name, lines in outcomes["lines"].items()
    }


def _parts(outcomes: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the scores of each part of an answer, {field: {contender: score}}; empty for kinds without parts."""
    by_contender = {name: MEASURES[_kind(outcomes)].parts(lines) for name, lines in outcomes["lines"].items()}
    return {
        part: {name: asdict(parts[part]) for name, parts in by_contender.items()} for part in by_contender[CANDIDATE]
    }


def _plain(kind: TaskKind, lines: Sequence[Outcome], seed: int) -> dict[str, Any]:
    return {name: asdict(score) for name, score in MEASURES[kind].scores(lines, seed).items()}


def _gain(outcomes: Mapping[str, Any], against: str, places: Sequence[int]) -> Score:
    value = MEASURES[_kind(outcomes)].value
    ours, theirs = (list(map(value, _at(outcomes["lines"][name], places))) for name in (CANDIDATE, against))
    return paired_gain(ours, theirs, outcomes["seed"])


def _kind(outcomes: Mapping[str, Any]) -> TaskKind:
    kind: TaskKind = outcomes["kind"]
    return kind


def _at(values: Sequence[Any], places: Sequence[int]) -> list[Any]:
    return [values[place] for place in places]
