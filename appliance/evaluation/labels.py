"""A task whose answer is one of the labels that training showed. An outcome is {"wanted": number, "said": number}.

A label has the number of its place in the order of all labels, so that no label stands in an outcome; -1 is what is
none of those that training showed: it counts as wrong, and is counted by itself.
"""

from collections.abc import Mapping, Sequence

import numpy
from numpy.typing import NDArray

from appliance.evaluation.measure import Measure, Outcome
from appliance.evaluation.scores import Floats, Score, hit_rate, interval_of, weights
from appliance.training.answers import label_of

OUTSIDE = -1
Numbers = NDArray[numpy.int64]


def macro_f1(wanted: Sequence[int], said: Sequence[int], seed: int) -> Score:
    """Return the mean over labels of F1 = 2 TP / (2 TP + FP + FN); the interval is a bootstrap over lines.

    Labels that are neither wanted nor said, in a resample too, are left out of its mean; what is outside the labels is
    a miss of the wanted one, and no label of its own.
    """
    ours, theirs = numpy.array(wanted, dtype=int), numpy.array(said, dtype=int)
    if not len(ours):
        return Score(0.0, 0.0, 1.0, 0)
    labels = numpy.unique(ours)
    labels = numpy.union1d(labels, theirs[theirs != OUTSIDE])
    counts = numpy.stack([_counts(ours, theirs, label) for label in labels])
    value = _mean_f1(counts.sum(axis=2)[:, :, None])[0]
    return interval_of(float(value), _mean_f1(counts @ weights(len(ours), seed).T), len(ours))


def _counts(wanted: Numbers, said: Numbers, label: int) -> Floats:
    """Return of one label, line by line, twice the true positives, and the positives wanted and said together."""
    both = (wanted == label).astype(float) + (said == label)
    return numpy.stack([numpy.where(both == 2, 2.0, 0.0), both])


def _mean_f1(sums: Floats) -> Floats:
    """Return the mean F1 of [labels, 2, resamples]."""
    occurs = sums[:, 1] > 0
    rates = numpy.where(occurs, sums[:, 0] / numpy.maximum(sums[:, 1], 1), 0.0)
    return numpy.asarray(rates.sum(axis=0) / numpy.maximum(occurs.sum(axis=0), 1))


def _judge(answers: Sequence[str], wanted: Sequence[str], training: Sequence[str]) -> list[Outcome]:
    shown = {label: number for number, label in enumerate(sorted(set(map(label_of, training))))}
    others = sorted({label_of(each) for each in wanted} - shown.keys())
    numbers = shown | {label: len(shown) + place for place, label in enumerate(others)}
    return [
        {"wanted": numbers[label_of(right)], "said": shown.get(label_of(answer), OUTSIDE)}
        for answer, right in zip(answers, wanted, strict=True)
    ]


def _scores(outcomes: Sequence[Outcome], seed: int) -> Mapping[str, Score]:
    wanted, said = ([each[key] for each in outcomes] for key in ("wanted", "said"))
    return {
        "accuracy": hit_rate([int(each["wanted"] == each["said"]) for each in outcomes]),
        "macro_f1": macro_f1(wanted, said, seed),
        "outside": hit_rate([int(each == OUTSIDE) for each in said]),
    }


LABELS = Measure(_judge, lambda outcome: float(outcome["wanted"] == outcome["said"]), _scores)
