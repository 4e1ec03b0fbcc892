"""The section of the report on what the adaptation changed: answers, layers, and the data that it was made from."""

import html
from typing import Any

from appliance.evidence.dossier import CHANGES, EXAMPLES, Dossier
from appliance.evidence.plots import Series, column_plot, curve_plot
from appliance.evidence.sections import table
from appliance.evidence.words import Words

MOST = 10  # matrices that are shown; the others stand in the file


def changes_section(dossier: Dossier, words: Words) -> str:
    """Answers that differ with the training lines near to them, the layers that moved, the spread of the data."""
    counts = {key: _count(dossier, "answers", key) for key in dossier.get(CHANGES, "answers") if key != "distances"}
    distances = words["changed_distances"].format(distances=_quartiles(dossier, "answers", "distances"))
    parts = [
        f"<h2>{words['changed']}</h2><p>{words['changed_counts'].format(**counts)} {distances}</p>",
        f"<h3>{words['changed_most']}</h3>{_differences(dossier, words)}",
        f"<h3>{words['changed_layers']}</h3>{_layers(dossier, words)}",
        f"<h3>{words['spread']}</h3>{_spread(dossier, words)}",
    ]
    return "".join(parts)


def _differences(dossier: Dossier, words: Words) -> str:
    shown = dossier.get(EXAMPLES, "differences")
    if not shown:
        return f"<p>{words['changed_none']}</p>"
    rows = []
    for place, each in enumerate(shown):
        apart = dossier.number(EXAMPLES, "differences", place, "distance", form="{:.2f}")
        texts = [html.escape(each[key]) for key in ("input", "expected", "base", "adapted")]
        rows.append("".join(f"<td>{cell}</td>" for cell in (*texts, apart)))
        near = "<br>".join(
            f"{_line(example)} [{dossier.number(EXAMPLES, 'differences', place, 'nearest', number, 'likeness')}]"
            for number, example in enumerate(each["nearest"])
        )
        rows.append(f'<td colspan="5" class="small">{near}</td>')
    head = "".join(
        f"<th>{words['changed_' + key]}</th>" for key in ("input", "expected", "base", "adapted", "distance")
    )
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    note = f'<p class="small">{words["changed_nearest"]}</p>'
    return f"{note}<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _layers(dossier: Dossier, words: Words) -> str:
    layers, modules = dossier.get(CHANGES, "movement", "layers"), dossier.get(CHANGES, "movement", "modules")
    line = Series(words["changed_ratio"], [(each["layer"], each["ratio"]) for each in layers])
    most = sorted(range(len(modules)), key=lambda place: -modules[place]["ratio"])[:MOST]
    rows = [
        (
            f"{modules[place]['layer']} {html.escape(modules[place]['name'])}",
            dossier.number(CHANGES, "movement", "modules", place, "ratio", form="{:.2%}"),
            *(dossier.number(CHANGES, "movement", "modules", place, key) for key in ("update", "base")),
        )
        for place in most
    ]
    whole = words["changed_whole"].format(whole=dossier.number(CHANGES, "movement", "whole", form="{:.2%}"))
    head = [words[f"changed_{key}"] for key in ("module", "ratio", "update", "weights")]
    plot = curve_plot([line], words["changed_layer"], words["changed_layers"])
    return f"{plot}<p>{whole}</p>{table(head, rows)}"


def _spread(dossier: Dossier, words: Words) -> str:
    at = ("training",)
    counts = [(words["spread_examples"], _count(dossier, *at, "examples"))]
    counts += [
        (words["language_" + name], _count(dossier, *at, "languages", name))
        for name in dossier.get(CHANGES, *at, "languages")
    ]
    counts += [
        (f"{words['spread_replaced']} {html.escape(kind)}", _count(dossier, *at, "placeholders", kind))
        for kind in dossier.get(CHANGES, *at, "placeholders")
    ]
    bins = dossier.get(CHANGES, *at, "prompt_lengths")
    plot = column_plot([(f"{each['from']}–{each['to']}", each["count"]) for each in bins], words["spread_lengths"])
    near = words["spread_near"].format(
        similarity=dossier.number(CHANGES, *at, "near_duplicates", "similarity", form="{:.1f}"),
        examples=_count(dossier, *at, "near_duplicates", "examples"),
        largest=_count(dossier, *at, "near_duplicates", "largest_group"),
    )
    likeness = words["spread_likeness"].format(
        likeness=_quartiles(dossier, *at, "nearest", "likeness"),
        fence=dossier.number(CHANGES, *at, "nearest", "fence", form="{:.2f}"),
        outliers=_count(dossier, *at, "nearest", "outliers"),
    )
    title = f"<h4>{words['spread_lengths']}</h4>"
    return f"{table((), counts)}{title}{plot}<p>{near}</p><p>{likeness}</p>{_outliers(dossier, words)}"


def _outliers(dossier: Dossier, words: Words) -> str:
    rows = [
        (_line(each), dossier.number(EXAMPLES, "outliers", place, "likeness"))
        for place, each in enumerate(dossier.get(EXAMPLES, "outliers"))
    ]
    return table((words["spread_outliers"], words["spread_nearest"]), rows) if rows else ""


def _line(example: dict[str, Any]) -> str:
    return f"{html.escape(example['input'])} → {html.escape(example['expected'])}"


def _count(dossier: Dossier, *path: str | int) -> str:
    return dossier.number(CHANGES, *path, form="{:,}")


def _quartiles(dossier: Dossier, *path: str | int) -> str:
    places = range(len(dossier.get(CHANGES, *path)))
    return " · ".join(dossier.number(CHANGES, *path, place, form="{:.2f}") for place in places) or "–"
