"""Which recognizers a policy asks for: built from the policy alone, so that every worker process builds the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from anonymize.detection.policy import Policy, Profile
from anonymize.recognizers.guesses import Recognizer
from anonymize.recognizers.loading import import_without_torch

_PACKAGE = "anonymize.recognizers"
# what a recognizer loads when it is first asked must not count against the time limit of the first record
_WARM_UP = "Mr Smith called 03-1234-5678 on 1 May 2020 about P-922. 東京都の田中太郎さん、ポンプ。"
_ANY = frozenset[str]()
_ALL: frozenset[Profile] = frozenset({"fast", "balanced", "thorough", "maximum"})
_NAMES: frozenset[Profile] = frozenset({"balanced", "thorough", "maximum"})
_THOROUGH: frozenset[Profile] = frozenset({"thorough", "maximum"})
_MAXIMUM: frozenset[Profile] = frozenset({"maximum"})


@dataclass(frozen=True, slots=True)
class _Row:
    """A recognizer, the profiles that have it, and the kinds of which one must be wanted (none: always)."""

    module: str
    name: str
    profiles: frozenset[Profile] = _ALL
    kinds: frozenset[str] = _ANY

    def is_wanted(self, policy: Policy) -> bool:
        return policy.profile in self.profiles and (not self.kinds or not self.kinds.isdisjoint(policy.wanted_kinds))


_RULES = (
    _Row("english", "EnglishRules"),
    _Row("english_numbers", "EnglishNumbers"),
    _Row("english_addresses", "EnglishAddresses", kinds=frozenset({"ADDRESS", "POSTAL_CODE"})),
    _Row("english_dates", "EnglishDates", kinds=frozenset({"DATE_TIME", "BIRTH_DATE"})),
    _Row("english_quasi", "EnglishQuasi", kinds=frozenset({"DEMOGRAPHIC", "QUANTITY", "ORGANIZATION", "AGE"})),
    _Row("secrets", "Secrets"),
    _Row("japanese_names", "JapaneseNameRules"),
    _Row("japanese_numbers", "JapaneseNumbers"),
    _Row("japanese_addresses", "JapaneseAddresses"),
    _Row("japanese_dates", "JapaneseDates", kinds=frozenset({"DATE_TIME", "BIRTH_DATE", "AGE"})),
)
_MODELS = (
    _Row("ner_japanese", "JapaneseDictionary", _NAMES),
    _Row("ner_japanese", "JapaneseNames", _MAXIMUM),
    _Row("japanese_proper_nouns", "JapaneseProperNouns", _THOROUGH),
)


@dataclass(frozen=True, slots=True)
class Assembly:
    """The recognizers of a policy: rules read every view of a text, models only the text as it stands."""

    rules: tuple[Recognizer, ...]
    models: tuple[Recognizer, ...]


def assemble(policy: Policy, extra: Sequence[Recognizer] = ()) -> Assembly:
    """Build the recognizers of the policy; `extra` are the operator's own."""
    rules = [_build(row) for row in _RULES if row.is_wanted(policy)]
    models = [_build(row) for row in _MODELS if row.is_wanted(policy)]
    ours = Assembly(
        (*rules, _presidio(policy), *_id_forms(policy)), (*_english_names(policy), *models, *_local_models(policy))
    )
    for recognizer in (*ours.rules, *ours.models):
        recognizer.find([_WARM_UP])
    return Assembly((*ours.rules, *extra), ours.models)


def _module(name: str) -> Any:
    return import_without_torch(f"{_PACKAGE}.{name}")


def _build(row: _Row) -> Recognizer:
    built: Recognizer = getattr(_module(row.module), row.name)()
    return built


def _presidio(policy: Policy) -> Recognizer:
    patterns, context = _module("presidio_patterns"), _module("context_words")
    chosen = patterns.of_kinds((*patterns.DEFAULT_KINDS, *policy.presidio_kinds))
    built: Recognizer = patterns.PresidioPatterns(chosen, context=context.PlainContext())
    return built


def _english_names(policy: Policy) -> list[Recognizer]:
    if policy.profile == "fast":
        return []
    names = _module("ner_english")
    return [names.EnglishNames((names.SMALL, names.MEDIUM) if policy.profile in _THOROUGH else (names.SMALL,))]


def _id_forms(policy: Policy) -> list[Recognizer]:
    if not policy.id_forms:
        return []
    return [_module("id_forms").IdForms([_module("id_form").from_json(form) for form in policy.id_forms])]


def _local_models(policy: Policy) -> list[Recognizer]:
    chosen = policy.local_models
    return [_module("local_model").LocalModel(Path(model.path), model.sha256, model.labels) for model in chosen]
