"""The sections of the report: each takes the sealed facts and the words of a language, and returns HTML."""

import html
from collections.abc import Iterable, Sequence
from typing import Any

from appliance.core.language import spoken
from appliance.core.reasons import told
from appliance.core.tasks import JUDGED, Judged
from appliance.evaluation.fields import OTHERS
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
    task = judged(dossier)
    primary = words[task.primary]
    told = words["task"].format(kind=words["kind_" + dossier.get(SCORES, "kind")], score=primary)
    parts = [f"<h2>{words['help']}</h2><p>{told}</p>"]
    for slice_, title in (("scores", "all_lines"), ("unseen", "unseen_lines")):
        if not dossier.get(SCORES, slice_, "adapted", task.primary, "samples"):
            continue
        rows = [
            (words[name], *(dossier.score(SCORES, slice_, name, measure) for measure in task.measures))
            for name in task.contenders
        ]
        parts.append(f"<h3>{words[title]}</h3>")
        parts.append(table((words["contender"], *(words[measure] for measure in task.measures)), rows))
    parts.append(f"<h3>{words['slices'].format(score=primary)}</h3>{_slices(dossier, words, task)}")
    if dossier.get(SCORES, "parts"):
        parts.append(f"<h3>{words['parts']}</h3>{_parts(dossier, words, task)}")
    parts.append(f"<h3>{words['gains'].format(score=primary)}</h3>{_gains(dossier, words, primary)}")
    parts.append(f"<h3>{words['comparison']}</h3><p>{_comparison(dossier, words)}</p>")
    parts.append(f"<h3>{words['curve']}</h3>{_curve(dossier, words)}")
    return "".join(parts)


def judged(dossier: Dossier) -> Judged:
    """Return what the answers of the run are judged by."""
    return JUDGED[dossier.get(SCORES, "kind")]


def _comparison(dossier: Dossier, words: Words) -> str:
    keys = ("pairs", "wins", "losses", "ties")
    counts = {key: dossier.number(COMPARISON, key, form="{:,}") for key in keys}
    against = words[dossier.get(COMPARISON, "against")]
    if not dossier.get(COMPARISON, "win_rate", "samples"):
        return words["comparison_open"].format(against=against, **counts)
    rate = dossier.score(COMPARISON, "win_rate")
    return words["comparison_done"].format(against=against, rate=rate, **counts)


def _slices(dossier: Dossier, words: Words, task: Judged) -> str:
    who = task.contenders
    rows = [
        (words["slice_" + name], *(dossier.score(SCORES, "slices", name, each, task.primary) for each in who))
        for name in sorted(dossier.get(SCORES, "slices"), key=_place)
    ]
    return table(("", *(words[name] for name in who)), rows)


def _place(slice_: str) -> tuple[int, str]:
    """Languages, then lengths, then whatever else there is."""
    return (SLICES.index(slice_) if slice_ in SLICES else len(SLICES), slice_)


def _parts(dossier: Dossier, words: Words, task: Judged) -> str:
    rows = [
        (
            words["other_fields"] if part == OTHERS else html.escape(part),
            *(dossier.score(SCORES, "parts", part, who) for who in task.contenders),
        )
        for part in dossier.get(SCORES, "parts")
    ]
    return table(("", *(words[name] for name in task.contenders)), rows)


def _gains(dossier: Dossier, words: Words, primary: str) -> str:
    bars, rows = [], []
    for place, gain in enumerate(dossier.get(SCORES, "gains")):
        if not gain["samples"]:  # a slice that no held-out line is in
            continue
        label = f"− {words[gain['against']].split('（')[0].split(',')[0]}, {words['slice_' + gain['slice']]}"
        bars.append(Bar(label, gain["value"], gain["low"], gain["high"]))
        told = dossier.score(SCORES, "gains", place, form="{:+.3f}")
        rows.append((html.escape(label), told, _called(gain, words)))
    return interval_plot(bars, None, words["gains"].format(score=primary)) + table((), rows)


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
    primary = judged(dossier).primary
    rows, bars = [], []
    for name, each in variants.items():
        score = each[primary]
        bars.append(Bar(name, score["value"], score["low"], score["high"]))
        size = dossier.number(VARIANTS, "variants", name, "bytes", form="{:,}")
        kept = dossier.number(VARIANTS, "variants", name, "retention")
        why = words["ships"] if name == chosen else html.escape(told(each["reasons"], language))
        measured = dossier.score(VARIANTS, "variants", name, primary)
        top1 = dossier.number(VARIANTS, "variants", name, "top1_agreement")
        rows.append((f'<span class="whole">{name}</span>', size, measured, kept, top1, why))
    head = [words[key] for key in ("variant", "size", primary, "retention", "top1", "status")]
    plot = interval_plot(bars, None, words[primary])
    return f"<h2>{words['variants']}</h2><h3>{words[primary]}</h3>{plot}{table(head, rows)}"


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


def data_section(dossier: Dossier, words: Words, language: Language) -> str:
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
    return f"<h2>{words['data']}</h2>{table((), counts)}<h2>{words['base_model']}</h2>{_base(dossier, words, language)}"


def _base(dossier: Dossier, words: Words, language: Language) -> str:
    say = spoken(language).say  # what the intake found was written in English
    odd = [
        words["check_" + each["result"]].format(name=each["name"], found=say(each["found"]))
        for each in dossier.get(INTAKE, "checks")
        if each["result"] not in ("pass", "told")
    ]
    grid = dossier.get(INTAKE, "grid", "note")
    rows = [
        (words["source"], html.escape(dossier.get(INTAKE, "source") or words["not_stated"])),
        (words["licence"], html.escape(dossier.get(INTAKE, "licence", "accepted"))),
        (words["parameters"], dossier.number(INTAKE, "measured", "parameters", form="{:,}")),
        (words["grid"], html.escape(say(grid) if grid else words["none"])),
        (words["failed_checks"], "<br>".join(map(html.escape, odd)) or words["none"]),
    ]
    return table((), rows)
