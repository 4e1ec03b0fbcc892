"""What the report says of a student: how it was taught, how far from its teacher it is, and what it gives away."""

from appliance.core.distil_section import is_student
from appliance.evidence.dossier import DISTILLATION, STUDENT_SAFETY, VARIANTS, Dossier
from appliance.evidence.sections import table
from appliance.evidence.words import Words

COUNTS = ("examples", "steps", "layers")


def student_section(dossier: Dossier, words: Words) -> str:
    """The student of a run that asked for one; nothing where none did."""
    if DISTILLATION not in dossier.files:
        return ""
    counts = {name: dossier.number(DISTILLATION, name, form="{:,}") for name in COUNTS}
    sizes = {name: dossier.number(DISTILLATION, "parameters", name, form="{:,}") for name in ("student", "teacher")}
    how = {name: dossier.number(DISTILLATION, "settings", name, form="{:g}") for name in ("layers", "top_k")}
    told = words["student_told"].format(**counts, **sizes, kept=how["layers"], top_k=how["top_k"])
    ships = words["student_ships" if is_student(dossier.get(VARIANTS, "chosen")) else "student_stays"]
    moments = [
        (words[f"student_{name}"], *(dossier.number(DISTILLATION, name, each) for each in ("loss", "divergence")))
        for name in ("before", "after")
    ]
    teacher = (words["student_teacher"], dossier.number(DISTILLATION, "teacher_loss"), "–")
    head = ("", words["held_out_loss"], words["student_divergence"])
    return (
        f"<h2>{words['student']}</h2><p>{told}</p><p><strong>{ships}</strong></p>{table(head, [*moments, teacher])}"
        f"<h3>{words['student_safe']}</h3>{_safety(dossier, words)}"
    )


def student_lines(dossier: Dossier) -> tuple[str, ...]:
    """Return the line of a card; none where no student was taught."""
    if DISTILLATION not in dossier.files:
        return ()
    told, chosen = dossier.files[DISTILLATION], dossier.get(VARIANTS, "chosen")
    size = f"{len(told['kept'])} of {told['layers']} layers, {told['parameters']['student']:,} parameters"
    return (f"- Student of the adapted model: {size}; {'it ships' if is_student(chosen) else 'it does not ship'}",)


def _safety(dossier: Dossier, words: Words) -> str:
    attacks = [
        (
            words["attack_" + each["attack"]],
            *(dossier.score(STUDENT_SAFETY, "membership", place, key) for key in ("auc", "tpr")),
        )
        for place, each in enumerate(dossier.get(STUDENT_SAFETY, "membership"))
    ]
    canaries = dossier.get(STUDENT_SAFETY, "canaries")
    levels = [
        (
            words["copies"].format(**level),
            dossier.score(STUDENT_SAFETY, "canaries", "levels", place, "exposure", form="{:.1f}"),
        )
        for place, level in enumerate(canaries["levels"] if canaries else ())
    ]
    shares = {key: dossier.score(STUDENT_SAFETY, "extraction", key) for key in ("trained", "held_out", "excess")}
    keys = {"watched": "watched", "said": "said", "answers": "answers", "also": "said_by_the_base_too"}
    said = {key: dossier.number(STUDENT_SAFETY, "originals", name, form="{:,}") for key, name in keys.items()}
    planted = table(("", words["exposure"]), levels) if levels else ""
    return (
        f"{table((words['attack'], words['auc'], words['tpr']), attacks)}{planted}"
        f"<p>{words['extraction'].format(**shares)}</p><p>{words['originals'].format(**said)}</p>"
    )
