"""What a task can be answered by without a network, learnt from the same examples: a model must do better than this.

line: the most frequent replacement of each word (`dictionary`). label: logistic regression on TF-IDF. json: the same
for each field that has few values, the value of the nearest example for the others. text: the nearest example's answer.
TF-IDF is of the character 1- to 4-grams inside words: it needs no spaces between words, as Japanese has none, and
bears misspellings.
"""

import json
from collections.abc import Callable, Sequence
from typing import Any

import numpy
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from appliance.core.tasks import TaskKind
from appliance.evaluation.dictionary import learn
from appliance.training.answers import canonical, label_of, object_of

Baseline = Callable[[Sequence[str]], list[str]]
Values = Callable[[Any], list[str]]  # TF-IDF of prompts, a sparse matrix [prompts, n-grams] -> what is said of each
GRAMS = (1, 4)
MOST_GRAMS = 200_000
# right of 62 held-out observations (mwo2kg, 22 failure modes, 502 examples): 0.60 with 1, 0.66 with 10, 0.73 with 100
REGULARISATION = 100.0
STEPS = 1000
FEW_VALUES = 50  # of a field: more are learnt from the nearest example
ROWS = 256  # prompts whose likeness to all examples is held in memory at once
ABSENT = ""  # no JSON value is written as nothing


def learn_baseline(kind: TaskKind, prompts: Sequence[str], answers: Sequence[str]) -> Baseline:
    """Return what answers prompts as these examples do."""
    if kind == "line":
        return _each(learn(zip(prompts, answers, strict=True)).predict)
    vectors = TfidfVectorizer(analyzer="char_wb", ngram_range=GRAMS, max_features=MOST_GRAMS, sublinear_tf=True)
    known = vectors.fit_transform(prompts)
    match kind:
        case "label":
            said = _classifier(known, [label_of(answer) for answer in answers])
        case "json":
            said = _forms(known, answers)
        case "text":
            said = _nearest(known, answers)
    return lambda asked: said(vectors.transform(asked))


def _each(predict: Callable[[str], str]) -> Baseline:
    return lambda prompts: [predict(prompt) for prompt in prompts]


def _classifier(known: Any, values: Sequence[str]) -> Values:
    if len(set(values)) == 1:  # nothing to tell apart
        return lambda asked: [values[0]] * asked.shape[0]
    model = LogisticRegression(C=REGULARISATION, max_iter=STEPS).fit(known, values)
    return lambda asked: [str(value) for value in model.predict(asked)]


def _nearest(known: Any, values: Sequence[str]) -> Values:
    """Return what says the value of the example whose prompt is most alike; between equals the first."""

    def said(asked: Any) -> list[str]:
        places = [
            place
            for start in range(0, asked.shape[0], ROWS)
            for place in numpy.asarray((asked[start : start + ROWS] @ known.T).argmax(axis=1)).ravel()
        ]
        return [values[place] for place in places]

    return said


def _forms(known: Any, answers: Sequence[str]) -> Values:
    forms = [object_of(answer) or {} for answer in answers]
    names = list(dict.fromkeys(name for form in forms for name in form))
    columns = {name: [canonical(form[name]) if name in form else ABSENT for form in forms] for name in names}
    fields = {name: _field(known, column) for name, column in columns.items()}

    def said(asked: Any) -> list[str]:
        told = {name: values(asked) for name, values in fields.items()}
        rows = range(asked.shape[0])
        return [
            json.dumps({name: json.loads(told[name][row]) for name in names if told[name][row]}, ensure_ascii=False)
            for row in rows
        ]

    return said


def _field(known: Any, column: Sequence[str]) -> Values:
    return (_classifier if len(set(column)) <= FEW_VALUES else _nearest)(known, column)
