"""The model card: what the maker says of a model, from its README, its GGUF metadata and the operator's own file.

Source of the fields: Mitchell et al., Model Cards for Model Reporting (2019, arXiv 1810.03993), reduced to what a later
reader of the release asks for.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from appliance.core.errors import InputError

FIELDS = (
    "licence",
    "source",
    "base_model",
    "languages",
    "training_data",
    "training_recipe",
    "evaluation",
    "intended_use",
    "limitations",
    "contact",
)
# how hubs and file formats name the same things
_README_KEYS = {
    "licence": ("license", "licence"),
    "base_model": ("base_model",),
    "languages": ("language", "languages"),
    "training_data": ("datasets",),
    "evaluation": ("model-index", "metrics"),
}
_HEADINGS = {
    "training_recipe": ("training procedure", "training hyperparameters", "training"),
    "evaluation": ("evaluation", "benchmark"),
    "intended_use": ("intended use", "uses", "how to use"),
    "limitations": ("limitation", "bias, risks", "out-of-scope"),
    "contact": ("contact", "model card authors"),
}
_GGUF_KEYS = {
    "licence": ("general.license",),
    "source": ("general.source.url", "general.url", "general.repo_url"),
    "base_model": ("general.base_model.0.name",),
    "languages": ("general.languages",),
    "training_data": ("general.datasets",),
}
README_LIMIT = 4 << 20  # bytes


@dataclass(frozen=True, slots=True)
class Card:
    """The fields that somebody filled, as plain text."""

    fields: Mapping[str, str]

    @property
    def missing(self) -> tuple[str, ...]:
        """The fields that nobody filled."""
        return tuple(field for field in FIELDS if not self.fields.get(field))


def read_card(
    readme: str, metadata: Mapping[str, Any], operators: Mapping[str, Any], settings: Mapping[str, str]
) -> Card:
    """Return the card; what the operator states comes first, then the README, then the file's own metadata."""
    fields: dict[str, str] = {}
    for found in (settings, operators, _from_readme(readme), _from_gguf(metadata)):
        for field in FIELDS:
            if found.get(field) and field not in fields:
                fields[field] = _plain(found[field])
    return Card(fields)


def operators_card(file: Path | None) -> dict[str, Any]:
    """Return the operator's card, a JSON object of the known fields.

    Raises:
        InputError: the file is missing, no JSON object, or names other fields.
    """
    if file is None:
        return {}
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise InputError(f"{file}: no such file", hint="correct card in [intake]") from error
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"{file}: is not JSON", hint="correct the card") from error
    unknown = sorted(content.keys() - {*FIELDS}) if isinstance(content, dict) else ["(no object)"]
    if unknown:
        raise InputError(f"{file}: {unknown[0]!r} is no field of a card", hint=f"fields: {', '.join(FIELDS)}")
    return dict(content)


def _from_readme(readme: str) -> dict[str, Any]:
    """Take the YAML block at the head of a hub's README, and the sections that have a telling heading."""
    found: dict[str, Any] = {}
    front = _front_matter(readme)
    for field, keys in _README_KEYS.items():
        for key in keys:
            if front.get(key):
                found.setdefault(field, front[key])
    headings = [line.lstrip("# ").casefold() for line in readme.splitlines() if line.startswith("#")]
    for field, words in _HEADINGS.items():
        heading = next((heading for heading in headings if any(word in heading for word in words)), "")
        if heading:
            found.setdefault(field, f"README, section {heading!r}")
    return found


def _front_matter(readme: str) -> Mapping[str, Any]:
    if not readme.startswith("---\n"):
        return {}
    head, _, _ = readme[4:].partition("\n---")
    try:
        content = yaml.safe_load(head)
    except (yaml.YAMLError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def _from_gguf(metadata: Mapping[str, Any]) -> dict[str, Any]:
    return {
        field: metadata[key]
        for field, keys in _GGUF_KEYS.items()
        for key in reversed(keys)
        if isinstance(metadata.get(key), str) and metadata[key]
    }


def _plain(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return " ".join(text.split())[:300]
