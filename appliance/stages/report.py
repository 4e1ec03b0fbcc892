"""Writes the report that people decide on, its cards and the bill of materials, from sealed facts alone. Clean."""

from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from appliance.core.purpose import KpiSettings
from appliance.core.reporting import Facts, Reporter
from appliance.core.sections import ReportSettings
from appliance.core.store import Artifact, Draft
from appliance.evaluation.business import business_facts
from appliance.evaluation.kpi import kpi_facts
from appliance.evidence import dossier
from appliance.evidence.bom import bill_of_materials, dangling
from appliance.evidence.cards import data_card, model_card
from appliance.evidence.dossier import Dossier
from appliance.evidence.page import page
from appliance.evidence.privacy import accountant_version
from appliance.release.publishing import REPORT
from appliance.stages import (
    anonymize,
    compare,
    cost,
    distil,
    evaluate,
    explain,
    gates,
    prepare,
    probe,
    residual,
    samples,
    train,
    verify,
)

PURPOSE = "purpose.json"
BILL, DATA_CARD, MODEL_CARD = "bom.cdx.json", "data_card.md", "model_card.md"
LIBRARIES = (
    "torch",
    "transformers",
    "tokenizers",
    "safetensors",
    "peft",
    "bitsandbytes",
    "onnx",
    "onnxruntime",
    "numpy",
)
SEALED = {  # name in the bundle -> the step and the file that it comes from
    dossier.INTAKE: ("intake", REPORT),
    dossier.ANONYMIZATION: ("anonymize", anonymize.REPORT),
    dossier.RESIDUAL: ("residual", residual.RESIDUAL),
    dossier.DATA: ("prepare", prepare.DATA),
    dossier.CURVE: ("train", train.CURVE),
    dossier.OUTCOMES: ("evaluate", evaluate.OUTCOMES),
    dossier.SCORES: ("evaluate", evaluate.SCORES),
    dossier.SAMPLES: ("samples", samples.SAMPLES),
    dossier.CHANGES: ("explain", explain.CHANGES),
    dossier.EXAMPLES: ("explain", explain.EXAMPLES),
    dossier.COMPARISON: ("compare", compare.COMPARISON),
    dossier.ATTACKS: ("probe", probe.ATTACKS),
    dossier.SAFETY: ("probe", probe.SAFETY),
    dossier.VARIANTS: ("verify", verify.VERDICT),
    dossier.VARIANT_OUTCOMES: ("verify", verify.VARIANT_OUTCOMES),
    dossier.COST: ("cost", cost.COST),
    dossier.GATES: ("gates", gates.VERDICT),
    dossier.DECISIONS: ("gates", gates.DECISIONS),
    dossier.PRIVACY: ("train", train.PRIVACY),  # of a private training only
    dossier.DISTILLATION: ("distil", distil.DISTILLATION),  # of a run with a student only, as the next one
    dossier.STUDENT_SAFETY: ("probe", probe.STUDENT_SAFETY),
}


def run(inputs: Mapping[str, Artifact], settings: ReportSettings, draft: Draft, reporter: Reporter) -> Facts:
    """Write report.LANGUAGE.html for every language, the cards and the bill of materials."""
    stated = settings.purpose
    business = business_facts(stated.business, inputs["cost"].read_json(cost.COST)) if stated.business else None
    kpi = _judged(stated.kpi, inputs) if stated.kpi else None
    card = {"name": settings.name, **stated.model_dump(exclude={"business", "kpi"})}
    draft.write_json(PURPOSE, {**card, "business": business, "kpi": kpi})
    facts = Dossier.read({**sealed_files(inputs), dossier.CARD: draft.folder / PURPOSE})
    for language in settings.languages:
        (draft.folder / f"report.{language}.html").write_text(page(facts, language), encoding="utf-8")
    (draft.folder / DATA_CARD).write_text(data_card(facts), encoding="utf-8")
    (draft.folder / MODEL_CARD).write_text(model_card(facts), encoding="utf-8")
    libraries = {name: version(name) for name in LIBRARIES} | accountant_version(facts)
    bill = bill_of_materials(facts, libraries)
    assert not dangling(bill)
    draft.write_json(BILL, bill)
    reporter.note(f"report in {' and '.join(settings.languages)}: {draft.folder.name.removeprefix('.draft-')}")
    files = sorted(file.name for file in draft.folder.iterdir())
    return {"business": business, "languages": list(settings.languages), "files": files, "kpi": kpi}


def _judged(kpi: KpiSettings, inputs: Mapping[str, Artifact]) -> dict[str, Any]:
    scores, verdict = inputs["evaluate"].read_json(evaluate.SCORES), inputs["verify"].read_json(verify.VERDICT)
    return kpi_facts(kpi, scores, verdict)


def sealed_files(inputs: Mapping[str, Artifact]) -> dict[str, Path]:
    """Return where each file of a bundle's reports lies, by its name in the bundle."""
    files = {name: inputs[step].folder / file for name, (step, file) in SEALED.items() if step in inputs}
    return {name: file for name, file in files.items() if name not in dossier.OPTIONAL or file.exists()}
