"""The policy of a detection: from settings and columns, to the file that the evidence is written from, and back."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from anonymize.detection.policy import LocalModelChoice, Policy
from anonymize.kinds import DIRECT_KINDS, KNOWN_KINDS
from appliance.core.errors import InputError
from appliance.core.hardware import usable_cores
from appliance.core.hashing import file_digest
from appliance.core.sections import DetectSettings

PROGRESS_RECORDS = 256


def plain_policy(settings: DetectSettings, columns: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings, columns and forms as plain values, with paths."""
    return {**settings.model_dump(mode="json"), "columns": columns, "id_forms": _id_forms(settings)}


def portable(plain: Mapping[str, Any]) -> dict[str, Any]:
    """Return what decides the findings: no path of this machine, and nothing that changes no finding."""
    words = plain["vocabulary_file"]
    models = [{"sha256": model["sha256"], "labels": model["labels"]} for model in plain["local_models"]]
    kept = {name: value for name, value in plain.items() if name not in ("workers", "batch_size")}
    return {**kept, "vocabulary_file": file_digest(Path(words)) if words else "", "local_models": models}


def policy_from(plain: Mapping[str, Any]) -> Policy:
    """Return the policy of the settings, columns and forms that this stage writes."""
    columns = plain["columns"]
    named = plain["kinds"]
    kinds = {"direct": DIRECT_KINDS, "all": KNOWN_KINDS}[named] if isinstance(named, str) else tuple(named)
    own = (form["kind"] for form in plain["id_forms"])
    return Policy(
        identifier_kinds={name: column["kind"] for name, column in columns.items() if column["kind"]},
        text_columns=tuple(name for name, column in columns.items() if column["role"] == "text"),
        threshold=plain["threshold"],
        batch_size=plain.get("batch_size", PROGRESS_RECORDS),
        vocabulary_column=plain["vocabulary_column"],
        kinds=tuple(dict.fromkeys((*kinds, *own))),
        profile=plain["profile"],
        workers=plain.get("workers") or usable_cores(),
        id_forms=tuple(plain["id_forms"]),
        local_models=tuple(
            LocalModelChoice(model.get("path", ""), model["sha256"], model["labels"]) for model in plain["local_models"]
        ),
        presidio_kinds=tuple(plain["presidio_kinds"]),
    )


def _id_forms(settings: DetectSettings) -> list[dict[str, Any]]:
    if settings.id_forms is None:
        return []
    try:
        forms = json.loads(settings.id_forms.read_text(encoding="utf-8"))
        return [dict(form, kind=str(form["kind"])) for form in forms]
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise InputError(
            f"{settings.id_forms}: is no list of identifier forms", hint="write it with `appliance learn-ids`"
        ) from error
