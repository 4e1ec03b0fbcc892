"""The report as one HTML file: nothing is loaded, no script, the same bytes for the same facts; prints to PDF.

Every number comes through `Dossier.number`, and so links to the sealed file and the place that it stands in.
"""

import html

from appliance.core.reasons import told
from appliance.evidence.business_section import business_section
from appliance.evidence.dossier import CARD, GATES, Dossier, anchor
from appliance.evidence.privacy import privacy_section
from appliance.evidence.purpose_section import purpose_section
from appliance.evidence.sample_efficiency import samples_section
from appliance.evidence.sections import (
    data_section,
    help_section,
    model_section,
    table,
    text_section,
    variant_section,
)
from appliance.evidence.student_section import student_section
from appliance.evidence.what_changed import changes_section
from appliance.evidence.words import WORDS, Language, Words

STYLE = """
body{font:15px/1.5 system-ui,"Noto Sans CJK JP","Hiragino Sans","Yu Gothic",sans-serif;max-width:60rem;margin:2rem auto;
padding:0 1rem;color:#1a1a1a}
h1{margin-bottom:.2rem}h2{border-bottom:2px solid #1f5fa8;margin-top:2.2rem}h3{margin-bottom:.3rem}
table{border-collapse:collapse;width:100%;margin:.6rem 0}td,th{border-bottom:1px solid #ccc;padding:.3rem .5rem;
text-align:left;vertical-align:top;overflow-wrap:anywhere}th{background:#f2f5f9}
table.facts{width:auto;min-width:55%}table.facts td:first-child{padding-right:2rem}
a.n{color:inherit;text-decoration:none;border-bottom:1px dotted #888}a.n,.whole{white-space:nowrap}
.verdict{padding:.7rem 1rem;font-size:1.15rem;font-weight:600;border-left:8px solid}
p.passed{background:#e8f4ea;border-color:#2d7d3a}p.refused{background:#fbe9e7;border-color:#b3261e}
p.overridden{background:#fff3dc;border-color:#b26a00}td.refused{color:#b3261e;font-weight:700}
.small{font-size:.85rem;color:#444}svg{width:100%;max-width:44rem;font:12px sans-serif}
svg .grid{stroke:#ddd}svg .zero{stroke:#777}svg .bar{stroke:#1f5fa8;stroke-width:2}
svg .mark{stroke:#b3261e;stroke-dasharray:5 4;stroke-width:1.5}
code{font-size:.8rem;word-break:break-all}
@page{size:A4;margin:15mm}
@media print{body{margin:0;padding:0;max-width:none;font-size:9.5pt}h2,h3{break-after:avoid}
tr,svg,li{break-inside:avoid}p{orphans:3;widows:3}code{font-size:7pt}tr.why{break-before:avoid}a.n{border-bottom:none}}
""".strip()


def page(dossier: Dossier, language: Language) -> str:
    """Return the report of a run."""
    words, name = WORDS[language], dossier.get(CARD, "name")
    parts = (
        f"<h1>{words['title']}: {html.escape(name)}</h1>",
        _verdict(dossier, words),
        purpose_section(dossier, words),
        _gates(dossier, words, language),
        help_section(dossier, words),
        samples_section(dossier, words),
        changes_section(dossier, words),
        variant_section(dossier, words, language),
        student_section(dossier, words),
        text_section(dossier, words),
        model_section(dossier, words),
        privacy_section(dossier, words),
        business_section(dossier, words),
        data_section(dossier, words, language),
        _sources(dossier, words),
    )
    head = (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{words['title']}: {html.escape(name)}</title><style>{STYLE}</style></head><body>"
    )
    return head + "\n".join(parts) + "</body></html>\n"


def _verdict(dossier: Dossier, words: Words) -> str:
    override = dossier.get(GATES, "override")
    kind = "passed" if dossier.get(GATES, "passed") else "overridden" if override else "refused"
    said = f'<p class="verdict {kind}">{words[kind]}</p>'
    if override:
        by = words["override_by"].format(
            by=html.escape(override["by"]), time=override["time"], key=override["key_id"][:12]
        )
        said += f"<p>{by} <strong>{html.escape(override['reason'])}</strong></p>"
    return said


def _gates(dossier: Dossier, words: Words, language: Language) -> str:
    rows = []
    for place, gate in enumerate(dossier.get(GATES, "gates")):
        value, limit = (dossier.number(GATES, "gates", place, key, form="{:.4g}") for key in ("value", "limit"))
        status = f'<td class="whole {gate["status"]}">{words["status_" + gate["status"]]}</td>'
        measures = words["gate_" + gate["name"]]
        cells = f'<td class="whole">{gate["name"]}</td><td>{measures}</td><td>{value}</td><td>{limit}</td>'
        rows.append(f"<tr>{cells}{status}</tr>")
        if gate["status"] != "passed":
            why = html.escape(told(gate["reasons"], language))
            rows.append(f'<tr class="why"><td></td><td colspan="4" class="small">{why}</td></tr>')
    head = "".join(f"<th>{words[key]}</th>" for key in ("gate", "measures", "value", "limit", "status"))
    return f"<h2>{words['gates']}</h2><table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _sources(dossier: Dossier, words: Words) -> str:
    rows = [
        (f'<span id="{anchor(file)}">{file}</span>', f"<code>{digest}</code>")
        for file, digest in sorted(dossier.digests.items())
    ]
    note = html.escape(words["sources_note"])
    return f"<h2>{words['sources']}</h2><p>{note}</p>" + table((words["file"], "SHA-256"), rows)
