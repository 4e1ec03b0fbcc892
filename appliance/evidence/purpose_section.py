"""The head of the report: what the run is for, whether its target is reached, and what was decided before it."""

import html
from collections.abc import Mapping
from typing import Any

from appliance.evidence.dossier import CARD, DECISIONS, Dossier
from appliance.evidence.sections import table
from appliance.evidence.words import Words
from appliance.release.signing import key_id, read_public_pem

TEXTS = ("task", "target", "budget", "decided_by", "intended_use", "not_intended")
DIGITS = 12  # of a digest


def purpose_section(dossier: Dossier, words: Words) -> str:
    """What the owner stated, the target judged, and the approver's decisions."""
    stage = words[f"stage_{dossier.get(DECISIONS, 'stage')}"]
    rows = [(words["purpose_stage"], f"<strong>{stage}</strong>")]
    rows += [
        (words[f"purpose_{key}"], html.escape(dossier.get(CARD, key)) or f"<em>{words['not_stated']}</em>")
        for key in TEXTS
    ]
    return f"<h2>{words['purpose']}</h2>{table((), rows)}{_kpi(dossier, words)}{_decisions(dossier, words)}"


def _kpi(dossier: Dossier, words: Words) -> str:
    kpi = dossier.get(CARD, "kpi")
    if kpi is None:
        return ""
    measure = words.get(kpi["measure"], html.escape(kpi["measure"]))
    told = words["kpi_at_most" if kpi["less_is_better"] else "kpi_at_least"].format(
        measure=measure, target=dossier.number(CARD, "kpi", "target", form="{:g}")
    )
    rows = [
        (
            words.get(each["of"], html.escape(each["of"])),
            dossier.score(CARD, "kpi", "judged", place, "score"),
            words[f"kpi_{each['judged']}"],
        )
        for place, each in enumerate(kpi["judged"])
    ]
    head = (words["kpi_of"], words["kpi_score"], words["kpi_judged"])
    judged = table(head, rows) if rows else f"<p>{words['kpi_not_measured']}</p>"
    return f"<h3>{words['kpi']}</h3><p>{told}</p>{judged}"


def _decisions(dossier: Dossier, words: Words) -> str:
    decisions, pem = dossier.get(DECISIONS, "decisions"), dossier.get(DECISIONS, "approver_key")
    if not decisions:
        return f"<h3>{words['decisions']}</h3><p>{words['decisions_none']}</p>"
    note = words["decisions_note"].format(key=key_id(read_public_pem(pem.encode(), DECISIONS))[:DIGITS])
    head = [
        words[key] for key in ("purpose_stage", "decision_outcome", "decision_by", "decision_reason", "decision_seen")
    ]
    rows = [_row(each["decision"], words) for each in decisions]
    return f"<h3>{words['decisions']}</h3><p>{note}</p>{table(head, rows)}"


def _row(decision: Mapping[str, Any], words: Words) -> tuple[str, ...]:
    seen = "<br>".join(f"<code>{decision[key][:DIGITS]}</code>" for key in ("verdict", "report"))
    by = f'{html.escape(decision["by"])}<br><span class="whole">{html.escape(decision["time"])}</span>'
    outcome = f"<strong>{words['decision_' + decision['outcome']]}</strong>"
    stage = words[f"stage_{decision['stage']}"].partition(":")[0].partition("：")[0]
    return (stage, outcome, by, html.escape(decision["reason"]), seen)
