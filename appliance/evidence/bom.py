"""The bill of materials of the adapted model: CycloneDX 1.6 as a plain dict, the same for the same facts.

Written here and not with the format's own library, whose reader and writer drop the model card (11.12); tests hold it
against that library's schema, which accepts a reference to nothing: `dangling` looks for those.
"""

import uuid
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, metadata
from typing import Any

from appliance.evidence.dossier import ANONYMIZATION, CARD, DATA, INTAKE, RESIDUAL, SCORES, Dossier

MODEL, BASE, DATASET = "model:adapted", "model:base", "data:clean-records"
LIMITS = (
    "Scores hold for held-out lines of the same source, with the intervals given.",
    "Answers may be wrong; a person decides where it matters.",
    "Personal data that nobody found was not replaced; see the residual risk.",
)


def bill_of_materials(dossier: Dossier, libraries: Mapping[str, str]) -> dict[str, Any]:
    """Return the bill; `libraries` are distributions with their versions."""
    parts = [_base(dossier), _dataset(dossier), *(_library(*each) for each in sorted(libraries.items()))]
    identity = uuid.uuid5(
        uuid.NAMESPACE_OID, "".join(f"{name}{dossier.digests[name]}" for name in sorted(dossier.digests))
    )
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{identity}",
        "version": 1,
        "metadata": {"component": _model(dossier)},
        "components": parts,
        "dependencies": [{"ref": MODEL, "dependsOn": [part["bom-ref"] for part in parts]}],
    }


def dangling(bill: Mapping[str, Any]) -> list[str]:
    """Return every reference to a component that the bill does not hold."""
    known = {bill["metadata"]["component"]["bom-ref"], *(part["bom-ref"] for part in bill["components"])}
    return sorted(set(_references(bill)) - known)


def purl(name: str, version: str) -> str:
    """Return the package URL of a distribution."""
    return f"pkg:pypi/{name.lower().replace('_', '-')}@{version}"


def metrics(dossier: Dossier) -> list[dict[str, Any]]:
    """Return the adapted model's scores as the format has them: numbers as text, each with its interval."""
    return [
        {
            "type": name,
            "value": str(score["value"]),
            "slice": slice_,
            "confidenceInterval": {"lowerBound": str(score["low"]), "upperBound": str(score["high"])},
        }
        for slice_, key in (("all held-out lines", "scores"), ("lines with unseen words", "unseen"))
        for name, score in sorted(dossier.get(SCORES, key, "adapted").items())
    ]


def _model(dossier: Dossier) -> dict[str, Any]:
    card = dossier.files[CARD]
    uses = [text for text in (card["intended_use"], card["task"]) if text]
    return {
        "type": "machine-learning-model",
        "bom-ref": MODEL,
        "name": card["name"],
        "licenses": [{"license": _licence(dossier.get(INTAKE, "licence", "accepted"))}],
        "modelCard": {
            "modelParameters": {
                "approach": {"type": "supervised"},
                "task": "text to text",
                "modelArchitecture": dossier.get(INTAKE, "measured", "architecture"),
                "datasets": [{"ref": DATASET}],
                "inputs": [{"format": "text"}],
                "outputs": [{"format": "text"}],
            },
            "quantitativeAnalysis": {"performanceMetrics": metrics(dossier)},
            "considerations": {
                "useCases": uses,
                "technicalLimitations": [*LIMITS, *filter(None, [card["not_intended"]])],
            },
        },
    }


def _base(dossier: Dossier) -> dict[str, Any]:
    received = dossier.get(INTAKE, "received")
    return {
        "type": "machine-learning-model",
        "bom-ref": BASE,
        "name": next(iter(sorted(received))),
        "description": dossier.get(INTAKE, "source") or "source not stated",
        "licenses": [{"license": _licence(dossier.get(INTAKE, "licence", "accepted"))}],
        "hashes": [{"alg": "SHA-256", "content": digest} for digest in sorted(received.values())],
    }


def _dataset(dossier: Dossier) -> dict[str, Any]:
    kinds = sorted(dossier.get(ANONYMIZATION, "accepted_by_kind"))
    counts = dossier.files[DATA]
    return {
        "type": "data",
        "bom-ref": DATASET,
        "name": f"{dossier.get(CARD, 'name')}: clean records",
        "description": f"{counts['train']} examples to learn from, {counts['test']} held out",
        "data": [
            {
                "type": "dataset",
                "name": "clean records",
                "classification": dossier.get(RESIDUAL, "legal_class"),
                "sensitiveData": [f"{kind}: replaced where it was found" for kind in kinds],
            }
        ],
    }


def _library(name: str, version: str) -> dict[str, Any]:
    url = purl(name, version)
    part: dict[str, Any] = {"type": "library", "bom-ref": url, "name": name, "version": version, "purl": url}
    try:
        told = metadata(name)
    except PackageNotFoundError:  # of the training machine
        return part
    if licences := told.get_all("License-Expression"):
        part["licenses"] = [{"expression": licences[0]}]
    elif classified := [each for each in told.get_all("Classifier") or () if each.startswith("License ::")]:
        part["licenses"] = [{"license": {"name": classified[0].rpartition(" :: ")[2]}}]
    return part


def _licence(identifier: str) -> dict[str, str]:
    """A licence of no SPDX number has a name only; the schema refuses an id that it does not know."""
    return {"name": identifier} if identifier.startswith("LicenseRef-") else {"id": identifier}


def _references(bill: Mapping[str, Any]) -> Iterator[str]:
    for each in bill["dependencies"]:
        yield each["ref"]
        yield from each["dependsOn"]
    for dataset in bill["metadata"]["component"]["modelCard"]["modelParameters"]["datasets"]:
        yield dataset["ref"]
