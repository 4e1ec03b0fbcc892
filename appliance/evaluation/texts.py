"""A task whose answer is free text. An outcome is {"chrf": 0 to 1, "hit": 0 or 1}.

chrF (Popović 2015, by sacrebleu): F-score of the character 1- to 6-grams, recall counting twice, white space aside. It
needs no words, and so suits Japanese and inflected or misspelt English alike. The score of several lines is the mean of
theirs, so that a paired bootstrap over lines holds. ROUGE-L is left out: the usual package drops every letter beyond
a-z before it compares, and with a Japanese tokenizer its score would depend on that one's dictionary.
"""

from collections.abc import Mapping, Sequence

from sacrebleu.metrics.chrf import CHRF

from appliance.evaluation.measure import Measure, Outcome
from appliance.evaluation.scores import Score, hit_rate, matches, mean_score


def _judge(answers: Sequence[str], wanted: Sequence[str], _training: Sequence[str]) -> list[Outcome]:
    metric, hits = CHRF(), matches(answers, wanted)
    return [
        {"chrf": metric.sentence_score(answer, [right]).score / 100, "hit": hit}
        for answer, right, hit in zip(answers, wanted, hits, strict=True)
    ]


def _scores(outcomes: Sequence[Outcome], seed: int) -> Mapping[str, Score]:
    return {
        "chrf": mean_score([each["chrf"] for each in outcomes], seed),
        "exact_match": hit_rate([each["hit"] for each in outcomes]),
    }


TEXTS = Measure(_judge, lambda outcome: float(outcome["chrf"]), _scores)
