"""The report as one HTML file: nothing is loaded, no script, the same bytes for the same facts; prints to PDF.

Every number comes through `Dossier.number`, and so links to the sealed file and the place that it stands in.
"""

import html

from appliance.evidence.dossier import CARD, GATES, Dossier, anchor
from appliance.evidence.privacy import privacy_section
from appliance.evidence.sample_efficiency import samples_section
from appliance.evidence.sections import (
    business_section,
    data_section,
    help_section,
    model_section,
    table,
    text_section,
    variant_section,
)
from appliance.evidence.what_changed import changes_section
from appliance.evidence.words import WORDS, Language, Words

STYLE = """
body{font:15px/1.5 system-ui,"Noto Sans CJK JP","Hiragino Sans","Yu Gothic",sans-serif;max-width:60rem;margin:2rem auto;
padding:0 1rem;color:#1a1a1a}
h1{margin-bottom:.2rem}h2{border-bottom:2px solid #1f5fa8;margin-top:2.2rem}h3{margin-bottom:.3rem}
table{border-collapse:collapse;width:100%;margin:.6rem 0}td,th{border-bottom:1px solid #ccc;padding:.3rem .5rem;
text-align:left;vertical-align:top}th{background:#f2f5f9}
a.n{color:inherit;text-decoration:none;border-bottom:1px dotted #888;white-space:nowrap}
.verdict{padding:.7rem 1rem;font-size:1.15rem;font-weight:600;border-left:8px solid}
p.passed{background:#e8f4ea;border-color:#2d7d3a}p.refused{background:#fbe9e7;border-color:#b3261e}
p.overridden{background:#fff3dc;border-color:#b26a00}td.refused{color:#b3261e;font-weight:700}
.small{font-size:.85rem;color:#444}svg{width:100%;max-width:44rem;font:12px sans-serif}
svg .grid{stroke:#ddd}svg .bar{stroke:#1f5fa8;stroke-width:2}
svg .mark{stroke:#b3261e;stroke-dasharray:5 4;stroke-width:1.5}
code{font-size:.8rem;word-break:break-all}
@media print{body{margin:0;max-width:none;font-size:11pt}h2{break-after:avoid}table,svg{break-inside:avoid}}
""".strip()


PURPOSE = ("purpose", "target", "budget", "decided_by", "intended_use", "not_intended")


def page(dossier: Dossier, language: Language) -> str:
    """Return the report of a run."""
    words, name = WORDS[language], dossier.get(CARD, "name")
    parts = (
        f"<h1>{words['title']}: {html.escape(name)}</h1>",
        _verdict(dossier, words),
        _purpose(dossier, words),
        _gates(dossier, words),
        help_section(dossier, words),
        samples_section(dossier, words),
        changes_section(dossier, words),
        variant_section(dossier, words),
        text_section(dossier, words),
        model_section(dossier, words),
        privacy_section(dossier, words),
        business_section(dossier, words),
        data_section(dossier, words),
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
    told = f'<p class="verdict {kind}">{words[kind]}</p>'
    if override:
        by = words["override_by"].format(
            by=html.escape(override["by"]), time=override["time"], key=override["key_id"][:12]
        )
        told += f"<p>{by} <strong>{html.escape(override['reason'])}</strong></p>"
    return told


def _purpose(dossier: Dossier, words: Words) -> str:
    rows = [
        (words[f"purpose_{key}"], html.escape(dossier.get(CARD, key)) or f"<em>{words['not_stated']}</em>")
        for key in PURPOSE
    ]
    return f"<h2>{words['purpose']}</h2>" + table((), rows)


def _gates(dossier: Dossier, words: Words) -> str:
    rows = []
    for place, gate in enumerate(dossier.get(GATES, "gates")):
        value, limit = (dossier.number(GATES, "gates", place, key, form="{:.4g}") for key in ("value", "limit"))
        status = f'<td class="{gate["status"]}">{words["status_" + gate["status"]]}</td>'
        told = f"<td>{gate['name']}</td><td>{words['gate_' + gate['name']]}</td><td>{value}</td><td>{limit}</td>"
        rows.append(f"<tr>{told}{status}</tr>")
        if gate["status"] != "passed":
            rows.append(f'<tr><td></td><td colspan="4" class="small" lang="en">{html.escape(gate["reason"])}</td></tr>')
    head = "".join(f"<th>{words[key]}</th>" for key in ("gate", "measures", "value", "limit", "status"))
    return f"<h2>{words['gates']}</h2><table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _sources(dossier: Dossier, words: Words) -> str:
    rows = [
        (f'<span id="{anchor(file)}">{file}</span>', f"<code>{digest}</code>")
        for file, digest in sorted(dossier.digests.items())
    ]
    note = html.escape(words["sources_note"])
    return f"<h2>{words['sources']}</h2><p>{note}</p>" + table((words["file"], "SHA-256"), rows)
