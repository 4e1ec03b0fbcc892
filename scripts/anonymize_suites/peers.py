"""Presidio's own engine, and the same recognizers run by ours: what the speed suite compares."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from anonymize.recognizers.context_words import LemmaContext
from anonymize.recognizers.loading import import_without_torch

Finding = tuple[str, int, int, float]  # kind, start, end, score
_JAPANESE_KINDS = {"Person": "PERSON", "City": "LOCATION", "Province": "LOCATION", "Country": "LOCATION"}


def presidio_engine(model: str, language: str) -> Any:
    """Return an AnalyzerEngine of presidio's default configuration but for the model (and, in Japanese, its labels)."""
    import_without_torch("anonymize.recognizers.presidio_patterns")
    engines: Any = import_without_torch("presidio_analyzer")
    defaults = yaml.safe_load((Path(engines.__file__).parent / "conf/default.yaml").read_text(encoding="utf-8"))
    defaults["models"] = [{"lang_code": language, "model_name": model}]
    if language == "ja":  # the default configuration maps none of this model's labels
        defaults["ner_model_configuration"]["model_to_presidio_entity_mapping"] = dict(_JAPANESE_KINDS)
    engine = engines.nlp_engine.NlpEngineProvider(nlp_configuration=defaults).create_engine()
    return engines.AnalyzerEngine(nlp_engine=engine, supported_languages=[language])


def presidio_findings(engine: Any, texts: Sequence[str], language: str) -> list[set[Finding]]:
    """Return what presidio's loop finds."""
    return [
        {(found.entity_type, found.start, found.end, found.score) for found in engine.analyze(text, language)}
        for text in texts
    ]


class EqualSettings:
    """The recognizers, labels, context words and threshold of a presidio engine, run by our engine."""

    def __init__(self, engine: Any, model: str, language: str) -> None:
        """Copy the engine's settings and load the model, reduced to what they ask of it."""
        self._patterns: Any = import_without_torch("anonymize.recognizers.presidio_patterns")
        self._models: Any = import_without_torch("anonymize.recognizers.spacy_models")
        recognizers = engine.registry.recognizers
        kinds = [found.supported_entities[0] for found in recognizers if found.name != "SpacyRecognizer"]
        regions = self._patterns.predefined.PhoneRecognizer.DEFAULT_SUPPORTED_REGIONS
        self._pass = self._patterns.PresidioPatterns(
            self._patterns.of_kinds(kinds, regions),
            context=LemmaContext(self._models.Lemmas(model)),
            flags=self._patterns.PRESIDIO_FLAGS,
        )
        (named,) = [found for found in recognizers if found.name == "SpacyRecognizer"]
        self._labels = _labels(engine.nlp_engine.ner_model_configuration, named.supported_entities)
        self._model = self._models.load(model, exclude=() if language == "ja" else ("tok2vec",))

    def findings(self, texts: Sequence[str]) -> list[set[Finding]]:
        """Return what our engine finds under the same settings."""
        found = self._pass.find(texts)
        for guesses, document in zip(found, self._models.read(self._model, texts), strict=True):
            guesses.extend(self._models.entities(document, self._labels, "ner"))
        return [self._distinct(guesses) for guesses in found]

    def _distinct(self, guesses: Sequence[Any]) -> set[Finding]:
        spans: dict[str, list[tuple[int, int, float]]] = {}
        for guess in guesses:
            spans.setdefault(guess.kind, []).append((guess.start, guess.end, guess.score))
        return {(kind, *span) for kind, found in spans.items() for span in self._patterns.without_contained(found)}


def identical(ours: Sequence[set[Finding]], theirs: Sequence[set[Finding]]) -> tuple[int, int]:
    """Return how many findings both have (score within 0.01), and how many there are in all."""
    both = total = 0
    for our_text, their_text in zip(ours, theirs, strict=True):
        a, b = ({(kind, start, end): score for kind, start, end, score in found} for found in (our_text, their_text))
        total += len(a.keys() | b.keys())
        both += sum(abs(a[place] - b[place]) <= 0.01 for place in a.keys() & b.keys())
    return both, total


def _labels(configuration: Any, supported: Sequence[str]) -> Mapping[str, str]:
    ignored = configuration.labels_to_ignore
    mapping = configuration.model_to_presidio_entity_mapping
    return {
        label: kind
        for label, kind in mapping.items()
        if label not in ignored and kind not in ignored and kind in supported
    }
