"""A task whose answer is a JSON object. An outcome is {"valid": 0 or 1, "right": {field: 0 or 1}, "extra": fields}.

Only names that training shows are told; others are values of held-out records for all that is known, and count
together as one field, right where all of them are. What is no JSON object has no field right. A line counts by the
share of its fields that are right, where fields that were said and not wanted count as wrong ones: to say everything is
no way to be right.
"""

from collections.abc import Mapping, Sequence, Set

from appliance.evaluation.measure import Measure, Outcome
from appliance.evaluation.scores import Score, hit_rate, mean_score
from appliance.training.answers import canonical, object_of

OTHERS = "other fields"


def _judge(answers: Sequence[str], wanted: Sequence[str], training: Sequence[str]) -> list[Outcome]:
    shown = {name for answer in training for name in object_of(answer) or ()}
    return [_outcome(answer, right, shown) for answer, right in zip(answers, wanted, strict=True)]


def _outcome(answer: str, wanted: str, shown: Set[str]) -> Outcome:
    said, asked = object_of(answer), object_of(wanted) or {}
    told = said or {}
    right: dict[str, int] = {}
    for name, value in asked.items():
        field = name if name in shown else OTHERS
        is_right = name in told and canonical(told[name]) == canonical(value)
        right[field] = min(right.get(field, 1), int(is_right))
    return {"valid": int(said is not None), "right": right, "extra": len(told.keys() - asked.keys())}


def _value(outcome: Outcome) -> float:
    fields = len(outcome["right"]) + outcome["extra"]
    return sum(outcome["right"].values()) / fields if fields else float(outcome["valid"])


def _scores(outcomes: Sequence[Outcome], seed: int) -> Mapping[str, Score]:
    values = list(map(_value, outcomes))
    return {
        "field_match": mean_score(values, seed),
        "exact_match": hit_rate([int(value == 1) for value in values]),
        "valid_json": hit_rate([each["valid"] for each in outcomes]),
    }


def _parts(outcomes: Sequence[Outcome]) -> Mapping[str, Score]:
    names = sorted({name for each in outcomes for name in each["right"]})
    return {name: hit_rate([each["right"][name] for each in outcomes if name in each["right"]]) for name in names}


FIELDS = Measure(_judge, _value, _scores, _parts)
