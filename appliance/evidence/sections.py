"""The sections of the report: each takes the sealed facts and the words of a language, and returns HTML."""

import html
from collections.abc import Iterable, Sequence
from typing import Any

from appliance.core.reasons import told
from appliance.evidence.dossier import (
    ANONYMIZATION,
    COMPARISON,
    CURVE,
    DATA,
    GATES,
    INTAKE,
    RESIDUAL,
    SAFETY,
    SCORES,
    VARIANTS,
    Dossier,
)
from appliance.evidence.plots import Bar, Series, curve_plot, interval_plot
from appliance.evidence.words import Language, Words

CONTENDERS = ("base", "dictionary", "adapted")
SLICES = ("en", "ja", "none", "short", "long")  # in the order of a table
NOT_TESTED = ("together", "reader", "later", "shadow")


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; its cells are HTML already. Without a head it is a list of facts, no wider than they are."""
    kind = "" if head else ' class="facts"'
    top = f"<thead><tr>{''.join(f'<th>{cell}</th>' for cell in head)}</tr></thead>" if head else ""
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table{kind}>{top}<tbody>{body}</tbody></table>"


def help_section(dossier: Dossier, words: Words) -> str:
    """Scores of all contenders, gains with their intervals, and the learning curve."""
    parts = [f"<h2>{words['help']}</h2>"]
    for slice_, title in (("scores", "all_lines"), ("unseen", "unseen_lines")):
        rows = [
            (words[name], *(dossier.score(SCORES, slice_, name, score) for score in ("exact_match", "wer")))
            for name in CONTENDERS
        ]
        parts.append(f"<h3>{words[title]}</h3>")
        parts.append(table((words["contender"], words["exact_match"], words["wer"]), rows))
    parts.append(f"<h3>{words['slices']}</h3>{_slices(dossier, words)}")
    parts.append(f"<h3>{words['gains']}</h3>{_gains(dossier, words)}")
    parts.append(f"<h3>{words['comparison']}</h3><p>{_comparison(dossier, words)}</p>")
    parts.append(f"<h3>{words['curve']}</h3>{_curve(dossier, words)}")
    return "".join(parts)


def _comparison(dossier: Dossier, words: Words) -> str:
    keys = ("pairs", "wins", "losses", "ties")
    counts = {key: dossier.number(COMPARISON, key, form="{:,}") for key in keys}
    against = words[dossier.get(COMPARISON, "against")]
    if not dossier.get(COMPARISON, "win_rate", "samples"):
        return words["comparison_open"].format(against=against, **counts)
    rate = dossier.score(COMPARISON, "win_rate")
    return words["comparison_done"].format(against=against, rate=rate, **counts)


def _slices(dossier: Dossier, words: Words) -> str:
    rows = [
        (words["slice_" + name], *(dossier.score(SCORES, "slices", name, each, "exact_match") for each in CONTENDERS))
        for name in sorted(dossier.get(SCORES, "slices"), key=_place)
    ]
    return table(("", *(words[name] for name in CONTENDERS)), rows)


def _place(slice_: str) -> tuple[int, str]:
    """Languages, then lengths, then whatever else there is."""
    return (SLICES.index(slice_) if slice_ in SLICES else len(SLICES), slice_)


def _gains(dossier: Dossier, words: Words) -> str:
    gains = dossier.get(SCORES, "gains")
    labels = [
        f"− {words[each['against']].split('（')[0].split(',')[0]}, {words['slice_' + each['slice']]}" for each in gains
    ]
    bars = [Bar(label, each["value"], each["low"], each["high"]) for label, each in zip(labels, gains, strict=True)]
    rows = [
        (html.escape(label), dossier.score(SCORES, "gains", place, form="{:+.3f}"), _called(gains[place], words))
        for place, label in enumerate(labels)
    ]
    return interval_plot(bars, None, words["gains"]) + table((), rows)


def _called(gain: Any, words: Words) -> str:
    if gain["low"] > 0:
        return words["a_gain"]
    return words["a_loss"] if gain["high"] < 0 else words["no_gain"]


def _curve(dossier: Dossier, words: Words) -> str:
    points = dossier.files[CURVE]
    train = Series(words["training_loss"], [(point["step"], point["loss"]) for point in points])
    held = [(point["step"], point["valid_loss"]) for point in points if point["valid_loss"] is not None]
    return curve_plot([train, Series(words["held_out_loss"], held)], words["steps"], words["curve"])


def variant_section(dossier: Dossier, words: Words, language: Language) -> str:
    """Every exported variant, and which one ships."""
    variants, chosen = dossier.get(VARIANTS, "variants"), dossier.get(VARIANTS, "chosen")
    rows, bars = [], []
    for name, each in variants.items():
        score = each["exact_match"]
        bars.append(Bar(name, score["value"], score["low"], score["high"]))
        size = dossier.number(VARIANTS, "variants", name, "bytes", form="{:,}")
        kept = dossier.number(VARIANTS, "variants", name, "retention")
        why = words["ships"] if name == chosen else html.escape(told(each["reasons"], language))
        exact = dossier.score(VARIANTS, "variants", name, "exact_match")
        top1 = dossier.number(VARIANTS, "variants", name, "top1_agreement")
        rows.append((f'<span class="whole">{name}</span>', size, exact, kept, top1, why))
    head = [words[key] for key in ("variant", "size", "exact_match", "retention", "top1", "status")]
    plot = interval_plot(bars, None, words["exact_match"])
    return f"<h2>{words['variants']}</h2><h3>{words['exact_match']}</h3>{plot}{table(head, rows)}"


def text_section(dossier: Dossier, words: Words) -> str:
    """What was replaced, what remains at most, what the text counts as, and what was not tested."""
    class_ = words["class_" + dossier.get(RESIDUAL, "legal_class")]
    counts = [
        (words[key], dossier.number(ANONYMIZATION, "records", name, form="{:,}"))
        for key, name in (
            ("records_in", "in"),
            ("records_out", "out"),
            ("quarantined", "quarantined"),
            ("dropped", "dropped"),
        )
    ]
    untested = "".join(f"<li>{words['not_tested_' + each]}</li>" for each in NOT_TESTED)
    return (
        f"<h2>{words['anonymization']}</h2><p><strong>{words['not_anonymous'].format(class_=class_)}</strong></p>"
        f"{table((), counts)}<p>{_audit(dossier, words)}</p>{_kinds(dossier, words)}"
        f"<h3>{words['not_tested']}</h3><ul>{untested}</ul>"
    )


def _audit(dossier: Dossier, words: Words) -> str:
    read, drawn = (dossier.number(RESIDUAL, key, form="{:,}") for key in ("read", "drawn"))
    if dossier.get(RESIDUAL, "drawn") and dossier.get(RESIDUAL, "read") == dossier.get(RESIDUAL, "drawn"):
        bound = dossier.number(RESIDUAL, "share_at_most", form="{:.2%}")
        return words["audit_done"].format(read=read, drawn=drawn, bound=bound)
    bound = dossier.number(RESIDUAL, "share_at_most_if_nothing_is_missed", form="{:.1%}")
    wished = dossier.number(RESIDUAL, "wished_bound", form="{:.1%}")
    needed = dossier.number(RESIDUAL, "records_for_the_wished_bound", form="{:,}")
    return words["audit_open"].format(read=read, drawn=drawn, bound=bound, wished=wished, needed=needed)


def _kinds(dossier: Dossier, words: Words) -> str:
    audited = {each["kind"]: place for place, each in enumerate(dossier.get(RESIDUAL, "kinds"))}
    found = dossier.get(ANONYMIZATION, "accepted_by_kind")
    rows = []
    for kind in sorted({*found, *audited}):
        count = dossier.number(ANONYMIZATION, "accepted_by_kind", kind, form="{:,}") if kind in found else "0"
        recall = words["status_not tested"]
        if kind in audited and dossier.get(RESIDUAL, "read"):
            at = ("kinds", audited[kind])
            value, low = (dossier.number(RESIDUAL, *at, key) for key in ("recall", "recall_at_least"))
            recall = f"{value} (≥ {low})"
        rows.append((kind, count, recall))
    return table((words["kind"], words["replaced"], words["recall"]), rows)


def model_section(dossier: Dossier, words: Words) -> str:
    """What the attacks on the adapted model achieve."""
    attacks = [
        (
            words["attack_" + each["attack"]],
            *(dossier.score(SAFETY, "membership", place, key) for key in ("auc", "tpr")),
        )
        for place, each in enumerate(dossier.get(SAFETY, "membership"))
    ]
    examples = {key: dossier.number(SAFETY, "membership", 0, key, form="{:,}") for key in ("members", "others")}
    shares = {key: dossier.score(SAFETY, "extraction", key) for key in ("trained", "held_out", "excess")}
    keys = {"watched": "watched", "said": "said", "answers": "answers", "also": "said_by_the_base_too"}
    said = {key: dossier.number(SAFETY, "originals", name, form="{:,}") for key, name in keys.items()}
    return (
        f"<h2>{words['model_safe']}</h2>{_canaries(dossier, words)}"
        f"<h3>{words['attack']}</h3>{table((words['attack'], words['auc'], words['tpr']), attacks)}"
        f"<p>{words['examples_attacked'].format(**examples)}</p><p>{words['extraction'].format(**shares)}</p><p>{words['originals'].format(**said)}</p>"
    )


def _canaries(dossier: Dossier, words: Words) -> str:
    canaries = dossier.get(SAFETY, "canaries")
    if canaries is None:
        return f"<p>{words['canaries_none']}</p>"
    bars, rows = [], []
    for place, level in enumerate(canaries["levels"]):
        label, score = words["copies"].format(**level), level["exposure"]
        bars.append(Bar(label, score["value"], score["low"], score["high"]))
        at = ("canaries", "levels", place)
        exposure = dossier.score(SAFETY, *at, "exposure", form="{:.1f}")
        first, chance = (
            dossier.number(SAFETY, *at, "first", form="{}"),
            dossier.number(SAFETY, *at, "p_value", form="{:.2g}"),
        )
        rows.append((label, exposure, first, chance))
    note = words["canaries_table"].format(candidates=dossier.number(SAFETY, "canaries", "candidates", form="{:,}"))
    plot = interval_plot(bars, dossier.get(GATES, "limits", "max_exposure"), words["canaries"])
    head = ("", words["exposure"], words["read_out"], words["p_value"])
    return f"<h3>{words['canaries']}</h3>{plot}<p>{note}</p>{table(head, rows)}"


def data_section(dossier: Dossier, words: Words) -> str:
    """What was learnt from, and the base model as it was received."""
    counts = [
        (words[key], dossier.number(DATA, name, form="{:,}"))
        for key, name in (
            ("examples_train", "train"),
            ("examples_test", "test"),
            ("duplicates", "duplicates"),
            ("near_duplicates", "near_duplicates"),
            ("planted", "canaries"),
        )
    ]
    counts += [
        (words["language_" + name], dossier.number(DATA, "languages", name, form="{:,}"))
        for name in dossier.get(DATA, "languages")
    ]
    lengths = " · ".join(
        dossier.number(DATA, "prompt_characters", place, form="{:,}")
        for place in range(len(dossier.get(DATA, "prompt_characters")))
    )
    counts.append((words["lengths"], lengths))
    return f"<h2>{words['data']}</h2>{table((), counts)}<h2>{words['base_model']}</h2>{_base(dossier, words)}"


def _base(dossier: Dossier, words: Words) -> str:
    checks = dossier.get(INTAKE, "checks")
    odd = [f"{each['name']} ({each['result']})" for each in checks if each["result"] not in ("pass", "told")]
    rows = [
        (words["source"], html.escape(dossier.get(INTAKE, "source") or words["not_stated"])),
        (words["licence"], html.escape(dossier.get(INTAKE, "licence", "accepted"))),
        (words["parameters"], dossier.number(INTAKE, "measured", "parameters", form="{:,}")),
        (words["grid"], html.escape(dossier.get(INTAKE, "grid", "note") or words["none"])),
        (words["failed_checks"], html.escape(", ".join(odd)) or words["none"]),
    ]
    return table((), rows)
