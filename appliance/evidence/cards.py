"""The data card and the model card as Markdown, for whoever has no browser; the same facts as in the report."""

from collections.abc import Mapping
from typing import Any

from appliance.core.reasons import told
from appliance.core.tasks import JUDGED, TITLES
from appliance.evidence.bom import LIMITS
from appliance.evidence.dossier import ANONYMIZATION, CARD, DATA, GATES, INTAKE, RESIDUAL, SCORES, Dossier
from appliance.evidence.privacy import privacy_line
from appliance.evidence.student_section import student_lines


def data_card(dossier: Dossier) -> str:
    """Return what is known of the data: where from, how many, what was replaced, what remains, what was not tested."""
    data, clean, residual = (dossier.files[name] for name in (DATA, ANONYMIZATION, RESIDUAL))
    records = clean["records"]
    bound = f"at most {residual['share_at_most']:.2%} of the records (95 %)"
    audited = residual["drawn"] and residual["read"] == residual["drawn"]
    return "\n".join(
        (
            f"# Data card: {dossier.get(CARD, 'name')}",
            "",
            f"- Counts as: {residual['legal_class']}",
            f"- Records: {records['in']} read, {records['out']} left, {records['quarantined']} quarantined, "
            f"{records['dropped']} dropped",
            f"- Replaced: {_listed(clean['accepted_by_kind'])}",
            f"- What remains: {bound if audited else 'not bounded: no whole audit by a person'}",
            f"- Examples: {data['train']} to learn from, {data['test']} held out, {data['duplicates']} equal and "
            f"{data['near_duplicates']} near-equal prompts left out, {data['canaries']} planted canary copies",
            f"- Languages of the prompts: {_listed(data['languages'])}",
            f"- Characters of a prompt (smallest, quartiles, largest): {data['prompt_characters']}",
            "",
            "Not tested: " + "; ".join(residual["not_tested"]) + ".",
            "",
        )
    )


def model_card(dossier: Dossier) -> str:
    """Return what is known of the model: what for, from what, how good, its verdict, its limits."""
    card, intake = dossier.files[CARD], dossier.files[INTAKE]
    scores = dossier.get(SCORES, "scores")
    judged = JUDGED[dossier.get(SCORES, "kind")]
    lines = [
        f"- {TITLES[name]}, {TITLES[measure]}: {_score(scores[name][measure])}"
        for name in judged.contenders
        for measure in judged.measures
    ]
    gates = [
        f"- {gate['name']}: {gate['status']}. {told(gate['reasons'], 'en')}" for gate in dossier.get(GATES, "gates")
    ]
    limits = [f"- {limit}" for limit in (*LIMITS, *filter(None, [card["not_intended"]]))]
    return "\n".join(
        (
            f"# Model card: {card['name']}",
            "",
            f"- Purpose: {card['task'] or 'not stated'}",
            f"- Intended use: {card['intended_use'] or 'not stated'}",
            f"- Base model: {', '.join(sorted(intake['received']))}, {intake['measured']['parameters']:,} parameters, "
            f"licence {intake['licence']['accepted']}, source: {intake['source'] or 'not stated'}",
            *lines,
            privacy_line(dossier),
            *student_lines(dossier),
            "",
            "## Gates",
            "",
            *gates,
            "",
            "## Limits",
            "",
            *limits,
            "",
        )
    )


def _score(score: Mapping[str, Any]) -> str:
    return f"{score['value']:.3f} [{score['low']:.3f}, {score['high']:.3f}], n = {score['samples']}"


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items())) or "none"
