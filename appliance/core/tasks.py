"""What the answers to a kind of task are judged by: names alone, for settings, summaries, screens and reports."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

TaskKind = Literal["line", "label", "json", "text"]
Contenders = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Judged:
    """The scores of one kind of task, and what stands beside the model."""

    measures: tuple[str, ...]  # the first is the primary one: gains and gates are about it
    baseline: str  # the contender without a network

    @property
    def primary(self) -> str:
        """The one score that gains and gates are about; every line of the held-out ones adds 0 to 1 to it."""
        return self.measures[0]

    @property
    def contenders(self) -> Contenders:
        """Who answers the held-out lines, in the order in which people read of them."""
        return ("base", self.baseline, "adapted")


JUDGED: Mapping[TaskKind, Judged] = {
    "line": Judged(("exact_match", "wer"), "dictionary"),
    "label": Judged(("accuracy", "macro_f1", "outside"), "classifier"),
    "json": Judged(("field_match", "exact_match", "valid_json"), "fields"),
    "text": Judged(("chrf", "exact_match"), "nearest"),
}
TITLES: Mapping[str, str] = {
    "exact_match": "exact match",
    "wer": "word error rate",
    "accuracy": "accuracy",
    "macro_f1": "macro F1",
    "outside": "outside the labels",
    "field_match": "fields right",
    "valid_json": "valid JSON",
    "chrf": "chrF",
    "base": "base model, un-adapted",
    "dictionary": "dictionary, same lines",
    "classifier": "TF-IDF, log. regression",
    "fields": "TF-IDF, field by field",
    "nearest": "TF-IDF, nearest example",
    "adapted": "adapted model",
}
