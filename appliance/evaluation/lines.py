"""A task whose answer is one exact line. An outcome is {"hit": 0 or 1, "errors": of words, "words": wanted}."""

from collections.abc import Mapping, Sequence

from appliance.evaluation.measure import Measure, Outcome
from appliance.evaluation.scores import Score, error_rate, hit_rate, matches, word_errors


def _judge(answers: Sequence[str], wanted: Sequence[str], _training: Sequence[str]) -> list[Outcome]:
    hits, errors = matches(answers, wanted), word_errors(answers, wanted)
    return [{"hit": hit, "errors": wrong, "words": words} for hit, (wrong, words) in zip(hits, errors, strict=True)]


def _scores(outcomes: Sequence[Outcome], _seed: int) -> Mapping[str, Score]:
    return {
        "exact_match": hit_rate([each["hit"] for each in outcomes]),
        "wer": error_rate([(each["errors"], each["words"]) for each in outcomes]),
    }


LINES = Measure(_judge, lambda outcome: float(outcome["hit"]), _scores)
